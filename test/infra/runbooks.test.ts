import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import {
  batchExpires,
  batchLate,
  batchRejected,
  batchWaits,
  factLate,
  factWeak,
  laneHeld,
  proversUnreachable,
  settlementHeldByFee,
  settlementLate,
} from '../../lib/domain/liveness-batches.ts'
import { booksBehind, fundLow, opportunitiesMissed } from '../../lib/domain/liveness-books.ts'
import { exchangeTimeLate } from '../../lib/domain/liveness-exchange-time.ts'
import { fundingLate } from '../../lib/domain/liveness-funding.ts'
import { historyMissing, historyUnpacked } from '../../lib/domain/liveness-history.ts'
import {
  laneLeftBehind,
  marketRefused,
  nonceDrift,
  noGasMoney,
} from '../../lib/domain/liveness-lanes.ts'
import { nodesUnhealthy } from '../../lib/domain/liveness-nodes.ts'
import { parametersApart, parametersTakenBack } from '../../lib/domain/liveness-parameters.ts'
import { peerLying, peerSilent, reportsApart } from '../../lib/domain/liveness-peers.ts'
import { positionsApart, positionsUnchecked } from '../../lib/domain/liveness-positions.ts'
import { blocksLost, contractStranded, settlementUndone } from '../../lib/domain/liveness-reorgs.ts'
import { pricesStalled, venueDown, venueFrozen } from '../../lib/domain/liveness-venues.ts'
import {
  nonceTaken,
  oracleMissing,
  plannerSilent,
  storeUnavailable,
  transactionStuck,
} from '../../lib/domain/liveness-workers.ts'
import {
  chainStalled,
  chainUnreachable,
  noPrice,
  offPeg,
  priceLate,
} from '../../lib/domain/liveness.ts'
import { openKinds } from '../../lib/domain/proving/batch-way.ts'
import type { BatchKind, BatchState, HumanReason } from '../../lib/domain/proving/batch.ts'
import type { OpenKind } from '../../lib/domain/proving/proving-rules.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { blocksEmpty } from '../../lib/domain/watch/blocks-empty.ts'
import { watchNumbers } from '../../lib/domain/watch/parameters.ts'
import { systemFindings } from '../../lib/domain/watch/system-findings.ts'
import { testMessage } from '../../lib/tools/doctor/check-alerts.ts'
import { aBatch, aProvingLane } from '../adapters/store/samples.ts'
import { aSystemAllWrong, rulesOfAllWrong } from '../domain/watch/a-system-all-wrong.ts'

const folder = new URL('../../infra/runbooks/', import.meta.url)
const files = (await readdir(folder)).filter((file) => file.endsWith('.md'))
const page = (file: string) => readFile(new URL(file, folder), 'utf8')

const now = timestamp(1_700_000_000_000)
const old = timestamp(now - 86_400_000)
const frozen = {
  venue: 'okx',
  market: 'BTC-USD',
  instrument: 'BTC-USDT',
  verdict: 'frozen',
} as const

const unusable = {
  node: 'rpc.example',
  state: 'quarantined',
  why: 'timeout: 5000 ms',
  since: old,
  until: now,
  height: 1,
  lagBlocks: 0,
  lagScore: 0,
  latencyMs: 40,
  answers: 1,
  faults: 9,
} as const

const deadlineMs = Object.fromEntries(openKinds.map((kind) => [kind, 1])) as Readonly<
  Record<OpenKind, number>
>
const batchIn = (state: BatchState) => aBatch(1, { state, stateSince: old, deadlineAt: old })
const waiting = (why: HumanReason) =>
  batchIn({ kind: 'needs-human', why, reason: 'none', back: 'ready' })
const expiring = { ...batchIn({ kind: 'proving' }), input: { settleBefore: now } as never }
const later = timestamp(expiring.content.closedAt + 86_400_000)

const unanswered = aBatch(1, {
  state: { kind: 'proving' },
  proving: { ...aBatch(1).proving, prover: 'atlantic' } as never,
  trouble: { at: old, where: 'prover', message: 'atlantic gave no usable answer: 503' },
  attempts: { ...aBatch(1).attempts, trouble: 3 },
})

const done = (to: BatchKind) => ({ at: old, to })

const down = (venue: string) => venueDown({ venue, why: 'timeout', detail: 'none', since: old })

/** Everything that a watched system alone can show, some of it more than once. */
const ofWatched = systemFindings(aSystemAllWrong(now), { now, rules: rulesOfAllWrong })

/** One finding of each rule. */
const findings = [
  pricesStalled({ venues: 4, found: ['okx', 'kraken', 'gate'].map(down), afterMs: 0 }),
  blocksEmpty({ chain: 'l2', emptySince: old, waitingSince: old, now, numbers: watchNumbers }),
  priceLate({ market: 'BTC-USD', engine: 'core', publishedAt: old, now, maxPushAgeMs: 1 }),
  noPrice({ market: 'BTC-USD', reason: 'none', since: old }),
  nonceTaken({ lane: 'l2/0xabc', nonce: 7, since: old }),
  parametersTakenBack({ kind: 'roll-back', by: 'guard', why: 'none', at: now, version: 1 }, now),
  parametersApart({ difference: 'it is otherwise', since: old }),
  offPeg({ leg: 'USDC-USD', price: new Decimal('0.94'), warnBandBps: 500, since: old }),
  fundingLate({ engine: 'core', settledAt: old, now, epochSeconds: 60 }),
  exchangeTimeLate({ engine: 'core', updatedAt: old, now }),
  chainStalled({ chain: 'l2', head: { number: 1, time: old }, now, blockSeconds: 1, factor: 3 }),
  chainUnreachable({ chain: 'l2', reason: 'none', now }),
  ...nodesUnhealthy({
    chain: 'l2',
    nodes: [unusable, { ...unusable, state: 'healthy', why: '' }],
    now,
  }),
  ...venueFrozen({ rounds: [{ at: old, sources: [frozen] }], now, afterMs: 0 }),
  venueDown({ venue: 'okx', why: 'timeout', detail: 'none', since: old }),
  transactionStuck({ lane: 'l2:0x1', nonce: 1, sentAt: old, now, maxMs: 1 }),
  noGasMoney({
    lane: 'l2/0x1',
    balance: 1n,
    short: { need: 2n, since: old },
    spending: undefined,
    now,
    warnDays: 1,
    warnTransactions: 1,
  }),
  marketRefused({ engine: 'core', market: 'BTC-USD', reason: 'PAUSED', since: old }),
  laneLeftBehind({ lane: 'l2/0x1', transactions: 1, since: old, now, maxMs: 1 }),
  nonceDrift({ lane: 'l2/0x1', nextNonce: 9, chainNonce: 1, ahead: 0, now }),
  storeUnavailable({ store: 'table', reason: 'none', now }),
  historyMissing({
    job: 'push-prices',
    subject: 'core',
    looked: 2,
    missing: [{ slot: 7, at: old }],
  }),
  historyUnpacked({ job: 'push-prices', subject: 'core', oldestAt: old, now, limitMs: 1 }),
  plannerSilent({ job: 'push-prices', lastSlotAt: old, now, everySeconds: 1, slots: 1 }),
  oracleMissing({
    node: 'one',
    lastRound: 1,
    newestRound: 9,
    now,
    roundSeconds: 1,
    rounds: 1,
    othersPresent: 0,
    quorum: 1,
  }),
  peerSilent({
    sight: { node: 'two', said: 'timeout', detail: '', usable: 0, refused: {} },
    since: old,
    othersPresent: 1,
    quorum: 2,
    roundSeconds: 1,
    rounds: 1,
  }),
  peerLying({
    lie: { node: 'two', what: 'forged', detail: 'it is forged', evidence: [] },
    since: old,
  }),
  positionsApart({
    engine: 'core',
    count: 1,
    first: [{ of: '7', why: 'apart', detail: 'its cash is 1, by events 2' }],
    compared: 9,
    since: old,
  }),
  positionsUnchecked({ engine: 'core', reason: 'none', since: old }),
  fundLow({
    engine: 'evm',
    balance: 1n,
    decimals: 6,
    floorUsd: 1,
    lastsDays: undefined,
    warnDays: 1,
    now,
  }),
  opportunitiesMissed({ engine: 'evm', won: 0, missed: 20, why: {}, mostPercent: 50, since: old }),
  booksBehind({ engine: 'evm', blockAt: old, finalAt: old, seenAt: now, limitMs: 1 }),
  batchLate({ batch: waiting('deadline'), deadlineMs, isHeldUp: false, now }),
  batchRejected(waiting('rejected')),
  batchWaits(waiting('bug')),
  factLate({ batch: batchIn({ kind: 'proved-fact-pending' }), deadlineMs, now }),
  ...proversUnreachable([unanswered], now),
  factWeak(waiting('mocked')),
  settlementHeldByFee(batchIn({ kind: 'held-fee-cap', most: 2n, cap: 1n })),
  batchExpires(expiring, later),
  laneHeld({ subject: 'main', what: 'main', hold: { by: 'ann', reason: 'none', at: old }, now }),
  settlementLate({ lane: 'main', oldest: expiring, isHeld: false, deadlineMs, now: later }),
  settlementUndone(aBatch(1, { history: [done('settled'), done('settling')] })),
  blocksLost(aProvingLane({ lost: { after: 1, to: 3, at: old } })),
  contractStranded(aProvingLane({ stranded: { on: { number: 9, hash: '0x9' }, since: old } })),
  testMessage('local', now),
  reportsApart({ engine: 'core', market: 'BTC-USD', since: old, roundSeconds: 1 }),
]

test('every rule has its page, and every page its rule', () => {
  const rules = [...findings, ...ofWatched].map((finding) => `${finding?.rule}.md`)
  expect(files.toSorted()).toEqual([...new Set(rules)].toSorted())
})

test('every rule that the source names has a page', async () => {
  const lib = new URL('../../lib/', import.meta.url)
  const sources = (await readdir(lib, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const texts = await Promise.all(sources.map((file) => readFile(new URL(file, lib), 'utf8')))
  const named = texts.flatMap((text) =>
    [...text.matchAll(/\brule: '([a-z]+(?:-[a-z]+)+)'/g)].map(([, rule]) => `${rule}.md`),
  )
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter((file) => !files.includes(file))).toEqual([])
})

describe.each(files)('%s', (file) => {
  test('says what it means, what is lost, where to look and what to do', async () => {
    const text = await page(file)
    expect(text.split('\n')[0]).toBe(`# ${file.replace('.md', '')}`)
    expect(text).toContain('**What is lost.**')
    expect(text).toMatch(/\*\*Look at\*\*\n\n(?:.*\n)*.*`npx starkeep status`/)
    expect(text).toMatch(/\*\*Do\*\*\n\n1\. /)
  })

  test('links only to pages that are there', async () => {
    const links = [...(await page(file)).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target)
    expect(links.filter((target) => !files.includes(target ?? ''))).toEqual([])
  })
})

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))
const starkeepHelp = async (...args: readonly string[]) =>
  (await run(process.execPath, [cli, ...args, '--help'])).stdout

describe('what pages say to run', async () => {
  const pages = await Promise.all(files.map(page))
  // Of a sentence about one word of it too: `starkeep batch <n> retry`.
  const commands = [...pages.join('\n').matchAll(/`(?:npx )?starkeep ([a-z]+)([^`]*)`/g)]
  const named = Map.groupBy(commands, ([, command = '']) => command)

  test.each([...named.keys()])(
    'starkeep %s is there, with the options that are named',
    async (command) => {
      const help = await starkeepHelp(command)
      const words = (named.get(command) ?? []).flatMap(([, , rest = '']) => rest.split(' '))
      const options = words.filter((word) => word.startsWith('--'))
      expect(help).toContain(`Usage: starkeep ${command}`)
      expect(options.filter((option) => !help.includes(option))).toEqual([])
      // Words for a command of several: those of a lane and of a batch.
      const acts = words.filter((word) => /^[a-z-]+$/.test(word))
      expect(acts.filter((act) => !help.includes(act))).toEqual([])
    },
  )

  test('npm scripts are in package.json', async () => {
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } })
    const scripts = [...pages.join('\n').matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name)
    expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name ?? ''))).toEqual([])
  })
})
