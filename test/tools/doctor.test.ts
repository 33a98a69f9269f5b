import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'

import { deployUptimeFeed } from '../../infra/contracts/uptime-feed/deploy.ts'
import { anvilSecret, otherAnvilSecret } from '../adapters/chains/keys.ts'
import { aSettledStarknet } from '../adapters/watched/a-settled-starknet.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))
const { address: sender } = privateKeyToAccount(anvilSecret)
// The oracle that the box's core knows.
const oracleSecret = '0x1234567'

let world: Awaited<ReturnType<typeof aSettledStarknet>>
let receiver: Awaited<ReturnType<typeof aReceiver>>
let folder = ''

beforeAll(async () => {
  world = await aSettledStarknet()
  receiver = await aReceiver()
  folder = mkdtempSync(join(tmpdir(), 'starkeep-doctor-'))
  secretFile('evm', anvilSecret)
  secretFile('other', otherAnvilSecret)
  secretFile('stark', world.box.accounts[0]?.privateKey ?? '')
  secretFile('oracle', oracleSecret)
}, 60_000)
afterAll(async () => {
  receiver.server.close()
  await world.stop()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => {
  for (const node of [...world.l1, ...world.l2]) node.trouble = 'none'
  receiver.bodies.length = 0
})

function secretFile(name: string, text: string): void {
  writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 })
}

/** Somebody who takes webhooks. */
async function aReceiver(): Promise<{ server: Server; url: string; bodies: unknown[] }> {
  const bodies: unknown[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    bodies.push(await json(request))
    response.end('{}')
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies }
}

/** A node at another address than this machine's own (of a loopback network every address is here), with a clock of its own. */
async function aHostOutside(
  upstream: string,
  aheadMs: number,
): Promise<{ server: Server; url: string }> {
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.stringify(await json(request))
    const answer = await fetch(upstream, { method: 'POST', body })
    response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString())
    response.end(await answer.text())
  }
  const server = createServer((request, response) => void pass(request, response))
  server.listen(0, '127.0.0.2')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.2:${(server.address() as AddressInfo).port}` }
}

const like = (pattern: RegExp) => expect.stringMatching(pattern) as string

const urls = (nodes: readonly { readonly url: string }[]) =>
  nodes.map(({ url }) => `'${url}'`).join(', ')

/** A network that fits this world, changed where a test wants something not to. */
function networkFile(name: string, change: (text: string) => string = (text) => text): string {
  const text = `network: sample
store: { kind: memory, file: state.json }
chains:
  evm:
    kind: evm
    rpc: [${urls(world.l1)}]
    chainId: 31337
    blockSeconds: 600
    finalityBlocks: 2
    account: { address: '${sender}', key: file:evm }
  starknet:
    kind: starknet
    rpc: ['${world.box.url}']
    chainId: SN_SEPOLIA
    blockSeconds: 600
    account: { address: '${world.box.accounts[0]?.address}', key: file:stark }
engines:
  core: { kind: starknet-perpetual, chain: starknet, address: '${world.box.coreAddress}' }
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, bitstamp:BTC-USD]
    engines: { core: { assetId: BTC-6, resolutionFactor: 1000000 } }
oracles:
  - { name: one, keys: { stark: file:oracle } }
watched:
  appchain:
    kind: starknet
    rpc: [${urls(world.l2)}]
    l1Rpc: [${urls(world.l1)}]
    core: '${world.core.core}'
jobs:
  push-prices: { everySeconds: 5 }
  watch-systems: { everySeconds: 30 }
  watch-liveness: { everySeconds: 15 }
alerts:
  channels:
    hook: { kind: webhook, url: '${receiver.url}' }
    idle: { kind: terminal }
  routes: { warning: [hook], critical: [hook] }
`
  const path = join(folder, name)
  writeFileSync(path, change(text))
  return path
}

const Report = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({
      area: z.string(),
      subject: z.string(),
      state: z.enum(['ok', 'warning', 'fault', 'skipped']),
      says: z.string(),
      fix: z.string().optional(),
    }),
  ),
})

async function starkeep(...args: readonly string[]) {
  try {
    const { stdout, stderr } = await run(process.execPath, [cli, 'doctor', ...args])
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

async function examined(file: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await starkeep('--network', file, '--json', ...args)
  expect(stderr.replaceAll(/^(?:INFO|RESOLVED) .*\n/gm, '')).toBe('')
  const { ok, findings } = Report.parse(JSON.parse(stdout))
  expect(code).toBe(ok ? 0 : 1)
  return {
    findings,
    faults: findings.filter(({ state }) => state === 'fault'),
    of: (subject: string, state?: string) =>
      findings.filter((one) => one.subject === subject && (!state || one.state === state)),
  }
}

function withLifeline(name: string, address: string): string {
  return networkFile(name, (text) =>
    text.replace('  routes:', `  lifeline: '${address}'\n  routes:`),
  )
}

describe('starkeep doctor', () => {
  test('finds nothing wrong where all fits, and says what it saw', async () => {
    const { faults, of } = await examined(networkFile('fits.yml'))
    expect(faults).toEqual([])
    expect(of('chains.evm.account.key')[0]?.says).toBe(`file:evm is the key of ${sender}`)
    expect(of('engines.core')[0]?.says).toMatch(/ABI is of generation [A-D]$/)
    expect(of('chains.evm').map(({ says }) => says)).toContainEqual(
      expect.stringMatching(/^127\.0\.0\.1:\d+ answers in \d+ ms, at block \d+$/),
    )
    expect(of('watched.appchain').map(({ says }) => says)).toContainEqual(
      expect.stringMatching(/^2 places tell of l2, up to block \d+, 0 blocks apart$/),
    )
    // As anvil and the box fund them: 10,000 ETH, of which the contracts' deployment took some.
    expect(of(`evm/${sender}`)[0]?.says).toMatch(
      /^it has (?:9999\.?\d*|10000) ETH; nothing was spent yet$/,
    )
    expect(of('alerts.channels.hook')[0]?.says).toBe(
      'it would be told everything critical and warning',
    )
    expect(of('alerts.channels.idle')[0]).toMatchObject({
      state: 'warning',
      says: like(/nothing/),
    })
    expect(receiver.bodies).toEqual([])
  })

  test('is a table for people, with what to do below what is wrong', async () => {
    const file = networkFile('table.yml', (text) => text.replace('chainId: 31337', 'chainId: 1'))
    const { code, stdout } = await starkeep('--network', file)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^Keys\n {2}ok {7}oracles\.one\.keys\.stark /m)
    expect(stdout).toMatch(/^ {2}fault {4}chains\.evm +\S.*31337.*\n +do: \S/m)
    // Both nodes are of another chain, and nobody is left to tell its newest block.
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ checked: 3 faults, \d+ warnings?$/)
    expect(stdout).not.toContain(anvilSecret.slice(2))
  })

  test('names a key that is not there, and looks at all the rest without it', async () => {
    const file = networkFile('keyless.yml', (text) => text.replace('file:oracle', 'file:nowhere'))
    const { faults, of } = await examined(file)
    expect(faults.map(({ subject }) => subject)).toEqual(['oracles.one.keys.stark'])
    expect(faults[0]?.says).toContain('file:nowhere')
    expect(of('engines.core', 'ok')[0]?.says).toContain('roles and keys there were not looked at')
  })

  test('names an account whose key is that of another one', async () => {
    const file = networkFile('wrong-key.yml', (text) =>
      text.replace('key: file:evm', 'key: file:other'),
    )
    const { faults, of } = await examined(file)
    expect(faults).toHaveLength(1)
    expect(faults[0]?.says).toContain('chains.evm.account.key does not fit')
    expect(faults[0]?.fix).toBe('name the key of that account')
    expect(of('chains.starknet', 'ok').length).toBeGreaterThan(0)
  })

  test('names an exchange that is none, and an account without a role there', async () => {
    const elsewhere = await examined(
      networkFile('elsewhere.yml', (text) => text.replace(world.box.coreAddress, '0x1234')),
    )
    expect(elsewhere.of('engines.core')).toMatchObject([
      { state: 'fault', says: 'there is no contract at 0x1234' },
    ])
    const [, second] = world.box.accounts
    secretFile('second', second?.privateKey ?? '')
    const stranger = await examined(
      networkFile('stranger.yml', (text) =>
        text
          .replace(world.box.accounts[0]?.address ?? '', second?.address ?? '')
          .replace('file:stark', 'file:second'),
      ),
    )
    expect(stranger.of('engines.core')).toMatchObject([
      { state: 'fault', says: `account ${second?.address} is not an operator of it` },
    ])
    expect(stranger.of('engines.core')[0]?.fix).toMatch(/governor give the role/)
  })

  test('names an uptime feed that is none, and one that does not take the account’s word', async () => {
    const feed = await deployUptimeFeed({
      rpcUrl: world.l1[0]?.url ?? '',
      key: anvilSecret,
      description: 'starknet sequencer uptime',
      updaters: [],
    })
    const nobody = privateKeyToAccount(otherAnvilSecret).address
    const file = networkFile('feeds.yml', (text) =>
      text.replace(
        'jobs:\n',
        `uptimeFeeds:
  deaf: { chain: evm, address: '${feed}', of: starknet }
  none: { chain: evm, address: '${nobody}', of: starknet }
jobs:
  tell-uptime: { everySeconds: 15 }
`,
      ),
    )
    const { of } = await examined(file)
    expect(of('uptimeFeeds.deaf')).toMatchObject([
      {
        state: 'fault',
        says: like(new RegExp(`^${sender} is no updater of ${feed}$`, 'i')),
        fix: 'its owner makes it one with setUpdater',
      },
    ])
    expect(of('uptimeFeeds.none')).toMatchObject([
      { state: 'fault', says: `there is no uptime feed at ${nobody}`, fix: like(/of this feed$/) },
    ])
  })

  test('names an account that cannot pay', async () => {
    const poor = privateKeyToAccount(`0x${'77'.repeat(32)}`)
    secretFile('poor', `0x${'77'.repeat(32)}`)
    const file = networkFile('poor.yml', (text) =>
      text.replace(sender, poor.address).replace('file:evm', 'file:poor'),
    )
    const { of } = await examined(file)
    expect(of(`evm/${poor.address}`)).toMatchObject([
      { state: 'fault', says: like(/^it has 0 ETH/), fix: 'send it some ETH' },
    ])
  })

  test('tells one node that does not answer from a chain of which none does', async () => {
    world.l1[1].trouble = 'dead'
    const half = await examined(networkFile('half.yml'))
    expect(half.faults).toEqual([])
    expect(half.of('chains.evm', 'warning')[0]).toMatchObject({
      fix: 'starkeep runbook node-unhealthy',
    })
    expect(half.of('watched.appchain', 'warning').length).toBeGreaterThan(0)
    world.l1[0].trouble = 'dead'
    const none = await examined(networkFile('none.yml'))
    expect(none.of('chains.evm', 'fault').length).toBeGreaterThan(0)
    expect(none.of('watched.appchain', 'fault').length).toBeGreaterThan(0)
    // Nothing is said to fit that was not seen.
    expect(none.of('chains.evm', 'ok')).toEqual([])
    expect(none.of('chains.starknet', 'ok').length).toBeGreaterThan(0)
  })

  test('says of an exchange on a chain that does not answer that nothing is known of it', async () => {
    const file = networkFile('dark.yml', (text) =>
      text.replace(`rpc: ['${world.box.url}']`, "rpc: ['http://127.0.0.1:9']"),
    )
    const { of } = await examined(file)
    expect(of('chains.starknet', 'ok')).toEqual([])
    expect(of('engines.core', 'ok')).toEqual([])
    expect(of('engines.core')[0]?.says).toMatch(/nothing is known of it|did not answer/)
  })

  test('tells a machine whose clock is wrong by the dates of hosts outside it', async () => {
    const host = await aHostOutside(world.l1[0].url, 90_000)
    const { of } = await examined(
      networkFile('clock.yml', (text) => text.replace(`'${world.l1[0].url}', `, `'${host.url}', `)),
    )
    host.server.close()
    expect(of('this machine')).toMatchObject([
      {
        state: 'fault',
        says: like(/^its clock is (?:89|90|91) s behind the dates of 1 host$/),
      },
    ])
  })

  test('names a table that does not answer, rows that go with the process, and a job without a queue', async () => {
    const silent = await examined(
      networkFile('silent.yml', (text) =>
        text.replace(
          'store: { kind: memory, file: state.json }',
          `store: { kind: dynamodb, table: none, endpoint: 'http://127.0.0.1:9', blobs: { kind: folder, folder: blobs } }
queue: { kind: sqs, endpoint: 'http://127.0.0.1:9', urls: { push-prices: 'http://127.0.0.1:9/000000000000/push' } }`,
        ),
      ),
    )
    expect(silent.of('store')).toMatchObject([{ state: 'fault', says: like(/cannot be read/) }])
    expect(silent.of('store.blobs')).toMatchObject([{ state: 'ok' }])
    expect(silent.of('queue.urls.push-prices')).toMatchObject([
      { state: 'fault', says: like(/does not answer/) },
    ])
    expect(silent.of('queue.urls.watch-systems')).toMatchObject([
      { state: 'fault', says: like(/no queue/) },
    ])
    const forgetful = await examined(
      networkFile('forgetful.yml', (text) => text.replace(', file: state.json', '')),
    )
    expect(forgetful.of('store')).toMatchObject([
      { state: 'warning', says: like(/go with the process/) },
    ])
  })

  test('sends a message and its end to each channel where it is asked to, and names one that takes none', async () => {
    const { of } = await examined(networkFile('told.yml'), '--test-message')
    expect(of('alerts.channels.hook')).toMatchObject([
      { state: 'ok', says: like(/took a test message/) },
    ])
    expect(receiver.bodies).toMatchObject([
      { state: 'opened', rule: 'test-message' },
      { state: 'resolved', rule: 'test-message' },
    ])
    const deaf = networkFile('deaf.yml', (text) =>
      text
        .replace(receiver.url, 'http://127.0.0.1:9/')
        .replace('kind: terminal', 'kind: slack, url: file:none'),
    )
    const { faults } = await examined(deaf, '--test-message')
    expect(faults.map(({ subject }) => subject)).toEqual([
      'alerts.channels.hook',
      'alerts.channels.idle',
    ])
  })

  test('says whether the lifeline’s address can be had, and does not show it a sign of life', async () => {
    const fits = await examined(withLifeline('alive.yml', receiver.url), '--test-message')
    expect(fits.of('alerts.lifeline')).toMatchObject([{ state: 'ok' }])
    // A test message, and that it is over.
    expect(receiver.bodies).toHaveLength(2)
    const absent = await examined(withLifeline('nobody.yml', 'file:nothing-there'))
    expect(absent.of('alerts.lifeline')).toMatchObject([
      { state: 'fault', says: like(/nothing-there/), fix: like(/https:\/\//) },
    ])
    secretFile('words', 'no address')
    const wrong = await examined(withLifeline('words.yml', 'file:words'))
    expect(wrong.of('alerts.lifeline')).toMatchObject([{ state: 'fault', says: like(/no https/) }])
  })
})
