import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { ParameterSet } from '../../../lib/domain/parameters/parameter-set.ts'
import type { SignedReport } from '../../../lib/domain/report.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import type { Keeper } from '../../../lib/keepers/keeper.ts'
import { pushPrices, type PushView } from '../../../lib/keepers/push-prices.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { openStore } from '../../../lib/runtime/open-store.ts'
import { parametersHash, setOf } from '../../../lib/runtime/parameters/parameters-of.ts'
import { pushRules } from '../../../lib/runtime/world/push-rules.ts'
import { readNetwork } from '../../../lib/tools/read-network.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../../lib/tools/cli.ts', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'starkeep-replay-'))
const file = join(folder, 'network.yml')
/** As long as history keeps its slots it is not over: the test's own time is the machine's. */
const begin = timestamp(Math.floor(Date.now() / 5_000) * 5_000 - 60_000)
const btc = parseMarket('BTC-USD')

writeFileSync(
  file,
  `network: test
store: { kind: memory, file: store.json }
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:9']
    chainId: 31337
    blockSeconds: 1
    finalityBlocks: 2
    account: { address: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a', key: file:keys/sender }
engines:
  evm: { kind: evm-engine, chain: l1, address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c24' }
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, bitstamp:BTC-USD]
    engines: { evm: {} }
    push: { deviationBps: 50, heartbeatSeconds: 500 }
oracles: []
jobs:
  push-prices: { everySeconds: 5 }
`,
)

function reportAt(now: Timestamp, price: string): SignedReport {
  return {
    node: 'a',
    feed: btc,
    round: Math.floor(now / 5_000),
    price: new Decimal(price),
    observedAt: timestamp(now - 1_000),
    oldestInputAt: timestamp(now - 1_000),
    sources: 3,
    configHash: '0x01',
    signatures: { evm: { signer: '0x0a', signature: ['0x01'] } },
  }
}

/** The exchange was told 100, and now it is so much. */
function viewAt(now: Timestamp, price: string): Omit<PushView, 'rules'> {
  return {
    engine: 'evm',
    now,
    blockSeconds: 1,
    state: {
      block: { number: 9, hash: '0x09', time: now },
      paused: false,
      sequence: undefined,
      quorum: { 'BTC-USD': 1 },
      prices: { 'BTC-USD': { price: new Decimal(100), publishedAt: timestamp(now - 20_000) } },
    },
    rounds: [{ round: Math.floor(now / 5_000), reports: [reportAt(now, price)] }],
    invalid: [],
    sights: [],
    lies: [],
    pulled: [],
    inFlight: {},
  }
}

/** Slots of push-prices, each with its price; undefined where nothing could be seen. `change`: by another code. */
async function keep(
  prices: readonly (string | undefined)[],
  {
    subject = 'evm',
    from = 0,
    change = (keeper: Keeper<PushView>) => keeper,
    made = (set: ParameterSet): ParameterSet => set,
  } = {},
): Promise<void> {
  const { network, directory } = await readNetwork(file)
  let now = begin
  const clock = { now: () => now, sleep: async () => undefined }
  const opened = openStore({ network, directory, clock })
  const { store } = opened
  const set = made(setOf(network))
  await store.governance.keepSet(set)
  const nothing = undefined as never
  const rules = pushRules(network)
  for (const [at, price] of prices.entries()) {
    now = timestamp(begin + (from + at) * 5_000)
    const keeper: Keeper<PushView> = {
      ...pushPrices({ clock, store, engines: {}, peers: [], laneOf: nothing, rules }),
      async observe() {
        if (price === undefined) throw new Error('no node answers')
        return { ...viewAt(now, price), rules }
      },
    }
    await runKeeper(
      {
        clock,
        store,
        worker: 'w',
        notify: () => undefined,
        maxLateMs: 60_000,
        perform: async () => undefined,
        code: async () => 'then',
      },
      change(keeper),
      { subject, slot: now / 5_000, slotAt: now, until: timestamp(now + 5_000) },
      { parameters: set.hash },
    )
  }
  await opened.close()
}

async function replay(...args: readonly string[]) {
  const all = ['replay', '--network', file, ...args]
  try {
    const { stdout } = await run(process.execPath, [cli, ...all], { cwd: folder })
    return { code: 0, stdout, stderr: '' }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

const from = new Date(begin).toISOString()

beforeAll(async () => {
  await keep(['100.1', '101', undefined, '100.2'])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('starkeep replay', () => {
  test('decides every slot of a time again, without a key or a node', async () => {
    const { code, stdout } = await replay('--from', from)
    expect(stdout).toMatch(/push-prices\s+evm\s+4\s+4\s+0\s+0\s+1\s+0/)
    expect(stdout).toMatch(/4 of 4 slots replay byte for byte, by code [0-9a-f]{12}\./)
    expect(code).toBe(0)
  })

  test('takes a time as it is, or as how long ago, and one job and subject alone', async () => {
    const to = new Date(begin + 5_000).toISOString()
    const two = await replay('--from', from, '--to', to, '--job', 'push-prices', '--json')
    expect(JSON.parse(two.stdout)).toMatchObject({
      from: begin,
      to: begin + 5_000,
      counts: [{ job: 'push-prices', subject: 'evm', slots: 2, same: 2, differ: 0 }],
      faults: [],
    })
    const all = await replay('--from', '1h', '--subject', 'evm', '--json')
    expect(JSON.parse(all.stdout)).toMatchObject({ counts: [{ slots: 4 }] })
  })

  test('with another value tells what that would have done', async () => {
    const { code, stdout } = await replay(
      '--from',
      from,
      '--with',
      'markets.BTC-USD.push.deviationBps=5',
    )
    // 100 to 100.1 and to 100.2 are 10 and 20 bps: more than 5, and less than 50.
    expect(stdout).toMatch(/push-prices\s+evm\s+4\s+2\s+2\s+0/)
    expect(stdout).toContain('push-prices evm: 2 × done nothing-due → done pushed')
    expect(stdout).toContain('BTC-USD: 1, 3')
    expect(code).toBe(0)
  })

  test('says what is wrong with what it is asked', async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [
        ['--from', from, '--job', 'push-price'],
        '--job push-price: there is no such job in history; there is push-prices',
      ],
      [['--from', from, '--subject', 'core'], 'there is evm'],
      [
        ['--from', '1970-01-01', '--to', '1970-01-02'],
        'no slot was kept from 1970-01-01T00:00:00.000Z to 1970-01-02T00:00:00.000Z',
      ],
      [['--from', '1h', '--to', '2h'], 'is after --to'],
      [['--from', 'yesterday'], 'expected a time such as'],
      [['--from', from, '--set', '3'], 'there is no set 3; none was ever proposed'],
      [
        ['--from', from, '--with', 'markets.BTC-USD.push.deviation=5'],
        '--with: markets.BTC-USD.push.deviation: expected a parameter',
      ],
      [
        ['--from', from, '--with', 'deviationBps'],
        '--with: deviationBps: expected a path and a value',
      ],
    ]
    const ends = await Promise.all(wrong.map(async ([args]) => replay(...args)))
    for (const [at, { code, stdout, stderr }] of ends.entries()) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(wrong[at]?.[1])
    }
  })

  test('names each slot that comes out otherwise, the field, and the code then and now', async () => {
    await keep(['100.1', '101'], {
      from: 6,
      change: (keeper) => ({
        ...keeper,
        decide(view) {
          const decision = keeper.decide(view)
          // A rule of then: it told every price.
          const isDue = decision.actions.length > 0
          return isDue
            ? decision
            : { ...decision, outcome: { ...decision.outcome, reason: 'told' } }
        },
      }),
    })
    const { code, stdout } = await replay('--from', from)
    const at = begin + 6 * 5_000
    expect(stdout).toContain('5 of 6 slots replay byte for byte')
    expect(stdout).toMatch(
      new RegExp(
        `push-prices evm slot ${at / 5_000} of ${new Date(at).toISOString()}, set [0-9a-f]{12}, ` +
          'decided by code then, now by [0-9a-f]{12}:\n  outcome.reason was "told", is "nothing-due"',
      ),
    )
    expect(stdout.match(/decided by code then/g)).toHaveLength(1)
    expect(code).toBe(1)
  })

  test('decides under a set that was made before some parameter came', async () => {
    const { network } = await readNetwork(file)
    await keep(['100.1'], {
      from: 7,
      made({ values: all }) {
        const { 'markets.BTC-USD.push.heartbeatSeconds': _, ...values } = all
        return { hash: parametersHash(network, values), values }
      },
    })
    const [since, to] = [35_000, 39_000].map((ms) => new Date(begin + ms).toISOString())
    const { stdout } = await replay('--from', since ?? '', '--to', to ?? '')
    expect(stdout).toContain('1 of 1 slots replay')
  })

  test('says which set nobody can decide under any more', async () => {
    await keep(['100.1'], {
      from: 8,
      made: ({ values }) => ({ hash: 'f'.repeat(64), values: { ...values, 'jobs.gone.most': 1 } }),
    })
    const since = new Date(begin + 40_000).toISOString()
    const { code, stdout } = await replay('--from', since, '--subject', 'evm')
    expect(stdout).toContain('set ffffffffffff: jobs.gone.most is no parameter')
    expect(code).toBe(1)
  })

  test('says of a slot why it cannot be decided again', async () => {
    await keep(['100.1'], { subject: 'gone', from: 9 })
    const { code, stdout } = await replay('--from', from, '--subject', 'gone')
    expect(stdout).toContain('the network file does not run push-prices of gone')
    expect(code).toBe(1)
    const text = readFileSync(file, 'utf8')
    const another = `  ETH-USD:
    sources: [coinbase:ETH-USD, kraken:ETH-USD, bitstamp:ETH-USD]
    engines: { evm: {} }
oracles: []`
    writeFileSync(file, text.replace('oracles: []', another))
    const other = await replay('--from', from, '--subject', 'evm')
    writeFileSync(file, text)
    expect(other.stdout).toContain('the network file has other markets')
    expect(other.code).toBe(1)
  })
})
