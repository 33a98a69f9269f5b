import { randomBytes } from 'node:crypto'

import * as fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'

import { RowTooLargeError } from '../../../lib/adapters/store/item-size.ts'
import { UnknownIntentError } from '../../../lib/adapters/store/unknown-intent.ts'
import type { Acknowledgement, Silence } from '../../../lib/domain/attention.ts'
import { freshPace } from '../../../lib/domain/channel-pace.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { Lane } from '../../../lib/domain/lane.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import {
  govern,
  settled as governedUntil,
  ungoverned,
} from '../../../lib/domain/parameters/governance.ts'
import type { LedgerCursor, LedgerRow } from '../../../lib/domain/pnl/ledger-row.ts'
import type { Uptime } from '../../../lib/domain/watch/uptime.ts'
import type { Job, PositionRow, Store, TickOutcome } from '../../../lib/ports.ts'
import {
  aBatch,
  aLane,
  aProvingLane,
  anIncident,
  anIntent,
  aReport,
  aSystemMemory,
  at,
  claimed,
  dayMs,
  failed,
  heardOpen,
  settled,
  start,
  type SteppedClock,
  steppedClock,
} from './samples.ts'

const done: TickOutcome = { kind: 'done', reason: 'pushed', detail: '200 markets', at: start }

/** Lists come out of an index, which may be behind its table for a moment. */
const indexed = { timeout: 10_000, interval: 20 }

const vote = (slot: number, voter: string, premium = '0.0001') => ({
  slot,
  voter,
  premiums: { 'BTC-USD': new Decimal(premium), 'ETH-USD': new Decimal('-0.25') },
})

const pace = (version: number, starts: readonly number[] = []) => ({
  ...freshPace('team#1'),
  starts: starts.map(at),
  restUntil: at(5_000),
  version,
})

const silence = (id: string, until: number, reason = 'upgrade'): Silence => ({
  id,
  match: { rule: 'venue-*' },
  until: at(until),
  by: 'ann',
  reason,
  deadlines: false,
})

const acknowledged = (subject: string, until: number, by = 'ann'): Acknowledgement => ({
  rule: 'price-late',
  subject,
  key: `price-late:${subject}:1`,
  until: at(until),
  by,
  note: '',
})

const word = (chain: string, ms: number): Uptime => ({
  chain,
  state: 'degraded',
  since: at(0),
  flippedAt: at(0),
  at: at(ms),
  reason: `look ${ms}`,
})

/** What every store keeps. `make` gives an empty one; `runs` is how often a law is tried. */
export function storeContract({
  make,
  runs,
}: {
  readonly make: (clock: SteppedClock) => Promise<Store>
  readonly runs: number
}): void {
  let clock: SteppedClock
  let store: Store

  beforeEach(async () => {
    clock = steppedClock()
    store = await make(clock)
  })

  describe('ticks', () => {
    const job: Job = { job: 'push-prices', subject: 'core', slot: 29_412_345 }

    test('of fifty workers that claim a slot at once, one gets it', async () => {
      const workers = Array.from({ length: 50 }, (_, index) => `worker-${index}`)
      const won = await Promise.all(
        workers.map(async (worker) => await store.ticks.claim(job, worker, start, at(30_000))),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
      const [tick] = await store.ticks.recent(job.job, job.subject, 1)
      expect(tick?.worker).toBe(workers[won.indexOf(true)])
    })

    test('two calls of one worker are two claims', async () => {
      expect(await store.ticks.claim(job, 'one', start, at(30_000))).toBe(true)
      expect(await store.ticks.claim(job, 'one', start, at(30_000))).toBe(false)
    })

    test('a lease that passed without an end is given to exactly one other', async () => {
      await store.ticks.claim(job, 'dead', start, at(30_000))
      expect(await store.ticks.claim(job, 'early', at(29_999), at(60_000))).toBe(false)
      const won = await Promise.all(
        ['a', 'b', 'c', 'd'].map(
          async (worker) => await store.ticks.claim(job, worker, at(30_000), at(60_000)),
        ),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
    })

    test('a finished slot is never given again', async () => {
      await store.ticks.claim(job, 'one', start, at(30_000))
      await store.ticks.finish(job, 'one', done)
      expect(await store.ticks.claim(job, 'two', at(90_000), at(120_000))).toBe(false)
      expect(await store.ticks.claim(job, 'one', at(90_000), at(120_000))).toBe(false)
    })

    test('a worker that lost its lease cannot say how the slot ended', async () => {
      await store.ticks.claim(job, 'slow', start, at(30_000))
      await store.ticks.claim(job, 'next', at(30_000), at(60_000))
      await store.ticks.finish(job, 'slow', { ...done, reason: 'late' })
      expect((await store.ticks.recent(job.job, job.subject, 1))[0]?.outcome).toBeUndefined()
      await store.ticks.finish(job, 'next', done)
      await store.ticks.finish(job, 'next', { ...done, reason: 'again' })
      expect(await store.ticks.recent(job.job, job.subject, 1)).toEqual([
        { job, worker: 'next', claimedAt: at(30_000), outcome: done },
      ])
    })

    test('recent ones come newest first, of one job and subject, and not once they expired', async () => {
      for (const slot of [9, 100, 10])
        await store.ticks.claim({ ...job, slot }, 'one', clock.now(), at(30_000))
      await store.ticks.claim({ ...job, subject: 'core#2', slot: 11 }, 'one', start, at(30_000))
      const slots = (await store.ticks.recent(job.job, job.subject, 2)).map((tick) => tick.job.slot)
      expect(slots).toEqual([100, 10])
      expect(await store.ticks.recent(job.job, job.subject, 0)).toEqual([])
      clock.pass(dayMs)
      expect(await store.ticks.recent(job.job, job.subject, 9)).toHaveLength(3)
      clock.pass(dayMs)
      expect(await store.ticks.recent(job.job, job.subject, 9)).toEqual([])
    })

    test('names that only differ in where the separator stands are different work', async () => {
      const one = { job: 'a#b', subject: 'c', slot: 1 }
      const other = { job: 'a', subject: 'b#c', slot: 1 }
      const third = { job: 'a%23b', subject: 'c', slot: 1 }
      for (const work of [one, other, third])
        expect(await store.ticks.claim(work, 'one', start, at(1_000))).toBe(true)
    })
  })

  describe('funding votes', () => {
    test('the first of a voter and slot counts, and is read back exactly', async () => {
      const votes = Array.from({ length: 20 }, (_, index) => vote(7, 'alpha', `0.${index + 1}`))
      const answers = await Promise.all(
        votes.map(async (one) => await store.fundingVotes.cast('core', 3, one)),
      )
      expect(answers.filter((answer) => answer === 'cast')).toHaveLength(1)
      expect(await store.fundingVotes.ofEpoch('core', 3)).toEqual([votes[answers.indexOf('cast')]])
    })

    test('an epoch of an exchange has its own, by slot and voter', async () => {
      const votes = [vote(8, 'alpha'), vote(7, 'beta'), vote(7, 'alpha'), vote(10, 'alpha')]
      for (const one of votes) await store.fundingVotes.cast('core', 3, one)
      await store.fundingVotes.cast('core', 4, vote(11, 'alpha'))
      await store.fundingVotes.cast('dex', 3, vote(8, 'alpha'))
      const [late, , first, last] = votes
      expect(await store.fundingVotes.ofEpoch('core', 3)).toEqual([first, votes[1], late, last])
      expect(await store.fundingVotes.ofEpoch('core', 5)).toEqual([])
    })

    test('they are gone after a week', async () => {
      await store.fundingVotes.cast('core', 3, vote(7, 'alpha'))
      clock.pass(7 * dayMs - 1)
      expect(await store.fundingVotes.ofEpoch('core', 3)).toHaveLength(1)
      clock.pass(1)
      expect(await store.fundingVotes.ofEpoch('core', 3)).toEqual([])
    })
  })

  describe('the row of an exchange’s accounts', () => {
    test('comes back exactly, each version after the one before it', async () => {
      expect(await store.positions.read('core')).toBeUndefined()
      expect(await store.positions.write('core', positionRow(1, ['a']))).toBe('written')
      expect(await store.positions.write('core', positionRow(2, ['a', 'b']))).toBe('written')
      expect(await store.positions.read('core')).toEqual(positionRow(2, ['a', 'b']))
      expect(await store.positions.read('dex')).toBeUndefined()
    })

    test('of twenty workers that follow one version, one writes', async () => {
      await store.positions.write('core', positionRow(1, []))
      const rows = Array.from({ length: 20 }, (_, one) => positionRow(2, [`worker-${one}`]))
      const answers = await Promise.all(
        rows.map(async (one) => await store.positions.write('core', one)),
      )
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1)
      expect(await store.positions.read('core')).toEqual(rows[answers.indexOf('written')])
      expect(await store.positions.write('core', positionRow(2, []))).toBe('stale')
      expect(await store.positions.write('core', positionRow(4, []))).toBe('stale')
    })
  })

  describe('batches', () => {
    const held = { kind: 'held-fee-cap', most: 10n ** 20n, cap: 7n } as const

    test('come back exactly, each version after the one before it', async () => {
      const { batches } = store
      expect(await batches.read('appchain', 1)).toBeUndefined()
      expect(await batches.write(aBatch(1))).toBe('written')
      expect(await batches.write(aBatch(1))).toBe('stale')
      expect(await batches.write(aBatch(1, { version: 3 }))).toBe('stale')
      const next = aBatch(1, { version: 2, state: held })
      expect(await batches.write(next)).toBe('written')
      expect(await batches.read('appchain', 1)).toEqual(next)
      expect(await batches.read('other', 1)).toBeUndefined()
    })

    test('of twenty workers that follow one version, one writes', async () => {
      await store.batches.write(aBatch(1))
      const rows = Array.from({ length: 20 }, (_, one) =>
        aBatch(1, { version: 2, deadlineAt: at(one) }),
      )
      const answers = await Promise.all(rows.map(async (one) => await store.batches.write(one)))
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1)
      expect(await store.batches.read('appchain', 1)).toEqual(rows[answers.indexOf('written')])
    })

    test('are written by nobody whose lease was taken over', async () => {
      const { batches } = store
      await batches.write(aBatch(1, { fence: 4 }))
      expect(await batches.write(aBatch(1, { version: 2, fence: 3 }))).toBe('stale')
      expect(await batches.write(aBatch(1, { version: 2, fence: 4 }))).toBe('written')
      expect(await batches.write(aBatch(1, { version: 3, fence: 9 }))).toBe('written')
      await batches.writeLane(aProvingLane({ fence: 4 }))
      expect(await batches.writeLane(aProvingLane({ version: 2, fence: 3 }))).toBe('stale')
      const newer = aProvingLane({ version: 2, fence: 5, newest: 9 })
      expect(await batches.writeLane(newer)).toBe('written')
      expect(await batches.lane('appchain')).toEqual(newer)
      expect(await batches.lane('other')).toBeUndefined()
    })

    test('are due by their own time, the earliest first, and never once they are finished', async () => {
      const { batches } = store
      for (const number of [1, 2, 3, 12])
        await batches.write(aBatch(number, { nextActionAt: at(100 - number) }))
      await batches.write(aBatch(4, { state: { kind: 'finalized' }, nextActionAt: at(0) }))
      await batches.write(aBatch(5, { lane: 'other', nextActionAt: at(0) }))
      const due = async (ms: number, limit = 10) =>
        (await batches.due('appchain', at(ms), limit)).map(({ number }) => number)
      await vi.waitFor(async () => expect(await due(100)).toEqual([12, 3, 2, 1]), indexed)
      expect(await due(97)).toEqual([12, 3])
      expect(await due(100, 1)).toEqual([12])
      expect(await due(87)).toEqual([])
      expect(await due(100, 0)).toEqual([])
      await batches.write(aBatch(12, { version: 2, nextActionAt: at(200) }))
      await batches.write(aBatch(3, { version: 2, state: { kind: 'superseded', reason: 'fork' } }))
      await vi.waitFor(async () => expect(await due(150)).toEqual([2, 1]), indexed)
    })

    test('are read by their numbers, in order', async () => {
      const { batches } = store
      for (const number of [11, 2, 9, 10]) await batches.write(aBatch(number))
      await batches.write(aBatch(3, { lane: 'other' }))
      const between = await batches.between('appchain', 3, 10)
      expect(between.map(({ number }) => number)).toEqual([9, 10])
      expect(await batches.between('appchain', 3, 2)).toEqual([])
    })
  })

  describe('the books', () => {
    test('keep a row once, whatever is booked under its id again', async () => {
      expect(await store.ledger.add('dex', ledgerRow('a', 5))).toBe('added')
      expect(
        await store.ledger.add('dex', {
          ...ledgerRow('a', 5),
          kind: 'won',
          work: undefined,
          fee: noFee,
        }),
      ).toBe('already-there')
      expect(await store.ledger.recent('dex', 9)).toEqual([ledgerRow('a', 5)])
      expect(await store.ledger.recent('core', 9)).toEqual([])
    })

    test('give the newest rows first, and all of a span with both its ends', async () => {
      const rows = [
        ledgerRow('a', 5),
        ledgerRow('b', 6),
        ledgerRow('c', 6),
        ledgerRow('d', 7),
        ledgerRow('e', 12),
      ]
      for (const one of rows) await store.ledger.add('dex', one)
      expect(await store.ledger.recent('dex', 2)).toEqual([ledgerRow('e', 12), ledgerRow('d', 7)])
      expect(await store.ledger.recent('dex', 0)).toEqual([])
      expect(await store.ledger.between('dex', at(6), at(7))).toEqual(rows.slice(1, 4))
      expect(await store.ledger.between('dex', at(8), at(11))).toEqual([])
    })

    test('go on from where they were, for one of those who go on', async () => {
      expect(await store.ledger.cursor('dex')).toBeUndefined()
      expect(await store.ledger.move('dex', ledgerCursor(1, 10))).toBe('written')
      const wishes = [11, 12, 13].map((number) => ledgerCursor(2, number))
      const answers = await Promise.all(
        wishes.map(async (one) => await store.ledger.move('dex', one)),
      )
      expect(answers.toSorted()).toEqual(['stale', 'stale', 'written'])
      expect(await store.ledger.cursor('dex')).toEqual(wishes[answers.indexOf('written')])
      expect(await store.ledger.move('core', ledgerCursor(2, 10))).toBe('stale')
    })
  })

  describe('reports', () => {
    test('the first of a node and round wins, and is read back exactly', async () => {
      const versions = Array.from({ length: 20 }, (_, index) => aReport('alpha', 5, `${index}.5`))
      const answers = await Promise.all(
        versions.map(async (report) => await store.reports.publish('alpha', 5, [report])),
      )
      expect(answers.filter((answer) => answer === 'published')).toHaveLength(1)
      expect(await store.reports.ofRound(5)).toEqual([versions[answers.indexOf('published')]])
    })

    test('a round has the reports of all nodes, and no other round has', async () => {
      const reports = ['beta', 'alpha'].map((node) => aReport(node, 5))
      for (const report of reports) await store.reports.publish(report.node, 5, [report])
      await store.reports.publish('alpha', 6, [aReport('alpha', 6)])
      expect(await store.reports.ofRound(5)).toEqual(reports.toReversed())
      expect(await store.reports.ofRound(4)).toEqual([])
    })

    test('they are gone after a week', async () => {
      await store.reports.publish('alpha', 5, [aReport('alpha', 5)])
      clock.pass(7 * dayMs - 1)
      expect(await store.reports.ofRound(5)).toHaveLength(1)
      clock.pass(1)
      expect(await store.reports.ofRound(5)).toEqual([])
    })

    test('the first of a node and round wins, however large each is', async () => {
      const versions = [1, 2, 3].map((price) => [
        { ...aReport('alpha', 5, String(price)), configHash: noise(500_000) },
      ])
      const answers = await Promise.all(
        versions.map(async (reports) => await store.reports.publish('alpha', 5, reports)),
      )
      expect(answers.filter((answer) => answer === 'published')).toHaveLength(1)
      expect(await store.reports.ofRound(5)).toEqual(versions[answers.indexOf('published')])
    })

    test('a row that is too large is refused by name before it is sent', async () => {
      const sent = store.lanes.write(
        aLane(1, { settledIn: { number: 9, hash: noise(500_000), time: start } }),
      )
      await expect(sent).rejects.toThrow(RowTooLargeError)
      await expect(sent).rejects.toThrow('LANE#evm/0xkeeper / row')
    })
  })

  describe('memories of watched systems', () => {
    test('whatever order looks are kept in, the newest stays', async () => {
      let name = 0
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), async (looks) => {
          name += 1
          const memories = looks.map((look) => aSystemMemory(`system-${name}`, at(look)))
          await Promise.all(memories.map(async (one) => await store.systems.write(one)))
          const newest = Math.max(...looks)
          expect(await store.systems.read(`system-${name}`)).toEqual(
            aSystemMemory(`system-${name}`, at(newest)),
          )
        }),
        { numRuns: runs },
      )
    })

    test('a month of steps comes back as it was written', async () => {
      const memory = aSystemMemory('starknet', at(1), 1_500)
      expect(await store.systems.write(memory)).toBe('written')
      expect(await store.systems.read('starknet')).toEqual(memory)
      expect(await store.systems.write(aSystemMemory('starknet', at(0)))).toBe('stale')
      expect(await store.systems.read('arbitrum')).toBeUndefined()
    })

    test('nothing is remembered after a week without a look, and a new look begins anew', async () => {
      await store.systems.write(aSystemMemory('starknet', at(1)))
      clock.pass(7 * dayMs)
      expect(await store.systems.read('starknet')).toBeUndefined()
      expect(await store.systems.write(aSystemMemory('starknet', at(2)))).toBe('written')
      expect(await store.systems.read('starknet')).toEqual(aSystemMemory('starknet', at(2)))
    })
  })

  describe('the watch’s word on chains', () => {
    test('of each chain the newest stays, whatever order it came in', async () => {
      expect(await store.uptimes.read('evm')).toBeUndefined()
      expect(await store.uptimes.write(word('evm', 2))).toBe('written')
      expect(await store.uptimes.write(word('evm', 1))).toBe('stale')
      expect(await store.uptimes.write(word('starknet', 1))).toBe('written')
      expect(await store.uptimes.read('evm')).toEqual(word('evm', 2))
      clock.pass(7 * dayMs)
      expect(await store.uptimes.read('evm')).toBeUndefined()
    })
  })

  describe('where the parameters stand', () => {
    const set = { number: 1, hash: 'aa' }
    const who = { by: 'ann', why: 'fewer pushes' }
    const rules = {
      minShadowMs: 0,
      leadMs: 0,
      probationMs: 0,
      approvals: 0,
      approvers: [],
      emergencyMs: 0,
    }
    const proposed = govern(
      ungoverned,
      { ...who, kind: 'propose', hash: 'aa' },
      { now: at(1), rules },
    )
    const inShadow = govern(proposed, { ...who, kind: 'shadow' }, { now: at(2), rules })
    const withdrawn = govern(proposed, { ...who, kind: 'withdraw' }, { now: at(3), rules })

    test('of two steps after the same one the first counts, and every step that counted is kept', async () => {
      const { governance } = store
      expect(await governance.read()).toBeUndefined()
      expect(await governance.events(9)).toEqual([])
      expect(await governance.write(proposed, ungoverned)).toBe('written')
      expect(await governance.write(proposed, ungoverned)).toBe('stale')
      expect(await governance.write(inShadow, proposed)).toBe('written')
      expect(await governance.write(withdrawn, proposed)).toBe('stale')
      expect(await governance.read()).toEqual(inShadow)
      clock.pass(3_650 * dayMs)
      expect(await governance.read()).toEqual(inShadow)
      expect(await governance.events(9)).toEqual([
        { ...who, kind: 'shadow', at: at(2), set, version: 2 },
        { ...who, kind: 'propose', at: at(1), set, version: 1 },
      ])
      expect(await governance.events(1)).toHaveLength(1)
      expect(await governance.events(0)).toEqual([])
    })

    test('what came after the network file’s own set is stored with that, and taken back to it', async () => {
      const { governance } = store
      const activated = govern(
        inShadow,
        {
          ...who,
          kind: 'activate',
          from: at(4),
          approvedBy: [],
          against: undefined,
          isForced: false,
          frozenBy: undefined,
        },
        { now: at(3), rules: { ...rules, probationMs: 9 } },
      )
      const later = governedUntil(activated, at(5), { ...rules, probationMs: 9 })
      const back = govern(
        later,
        { ...who, kind: 'roll-back', of: 1 },
        { now: at(6), rules: { ...rules, probationMs: 9 } },
      )
      const steps = [ungoverned, proposed, inShadow, activated, later, back]
      for (const [index, before] of steps.slice(0, -1).entries())
        expect(await governance.write(steps[index + 1] ?? ungoverned, before)).toBe('written')
      const read = (await governance.read()) ?? ungoverned
      expect(read).toEqual(back)
      expect(read.past).toEqual([{}])
      expect(governedUntil(read, at(2_000), rules).active).toBeUndefined()
    })

    test('a set is kept for ever, by its hash', async () => {
      const { governance } = store
      const values = { 'markets.BTC-USD.push.deviationBps': 25, 'legs.USDT-USD.haltBelow': '0.95' }
      await governance.keepSet({ hash: 'aa', values })
      await governance.keepSet({ hash: 'aa', values })
      clock.pass(3_650 * dayMs)
      expect(await governance.set('aa')).toEqual({ hash: 'aa', values })
      expect(await governance.set('bb')).toBeUndefined()
    })
  })

  describe('prices', () => {
    test('whatever order writers come in, the newest round stays', async () => {
      let node = 0
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), async (rounds) => {
          node += 1
          const name = `node-${node}`
          const answers = await Promise.all(
            rounds.map(async (round) => await store.prices.write(name, round, `{"r":${round}}`)),
          )
          const newest = Math.max(...rounds)
          expect(await store.prices.read(name)).toEqual({
            round: newest,
            snapshot: `{"r":${newest}}`,
          })
          const written = rounds.filter((_, index) => answers[index] === 'written')
          expect(new Set(written).size).toBe(written.length)
          expect(written).toContain(newest)
        }),
        { numRuns: runs },
      )
    })

    test('a large one comes back as it was written, and only where it is newer', async () => {
      expect(await store.prices.write('alpha', 7, noise(500_000))).toBe('written')
      const newest = noise(600_000)
      expect(await store.prices.write('alpha', 8, newest)).toBe('written')
      expect(await store.prices.write('alpha', 7, noise(500_000))).toBe('stale')
      expect(await store.prices.read('alpha')).toEqual({ round: 8, snapshot: newest })
    })

    test('it is no memory after a week, and still no older one is written', async () => {
      await store.prices.write('alpha', 7, '{}')
      clock.pass(7 * dayMs - 1)
      expect(await store.prices.read('alpha')).toBeDefined()
      clock.pass(1)
      expect(await store.prices.read('alpha')).toBeUndefined()
      expect(await store.prices.write('alpha', 6, '{}')).toBe('stale')
      expect(await store.prices.write('alpha', 8, '{}')).toBe('written')
      expect(await store.prices.read('alpha')).toEqual({ round: 8, snapshot: '{}' })
    })

    test('nothing is known of a node that never wrote', async () => {
      expect(await store.prices.read('nobody')).toBeUndefined()
    })
  })

  describe('intents', () => {
    test('added twice it is there once, as it was first', async () => {
      const intent = anIntent('push-prices:core:round-7')
      expect(await store.intents.add(intent)).toBe('added')
      expect(await store.intents.add({ ...intent, deadline: at(1) })).toBe('already-there')
      expect(await store.intents.get(intent.id)).toEqual(intent)
      expect(await store.intents.get('another')).toBeUndefined()
    })

    test('of many that decide it at once one adds it, action and all', async () => {
      const versions = Array.from({ length: 20 }, (_, round) =>
        anIntent('same', { action: { kind: 'push-prices', engine: 'core', round, updates: [] } }),
      )
      const answers = await Promise.all(versions.map(async (one) => await store.intents.add(one)))
      expect(answers.filter((answer) => answer === 'added')).toHaveLength(1)
      expect(await store.intents.get('same')).toEqual(versions[answers.indexOf('added')])
    })

    test('the open ones of a lane come oldest first, and leave when they are final', async () => {
      await store.intents.add(anIntent('young', { createdAt: at(2_000) }))
      await store.intents.add(anIntent('old', { createdAt: at(1_000) }))
      await store.intents.add(anIntent('elsewhere', { lane: 'evm/0xother' }))
      await store.intents.add(anIntent('stillborn', { state: failed }))
      const ids = async () => (await store.intents.open('evm/0xkeeper')).map(({ id }) => id)
      await expect.poll(ids, indexed).toEqual(['old', 'young'])
      expect(await store.intents.move('old', claimed)).toBe('moved')
      await expect.poll(ids, indexed).toEqual(['old', 'young'])
      expect(await store.intents.move('old', settled)).toBe('moved')
      await expect.poll(ids, indexed).toEqual(['young'])
      expect((await store.intents.get('old'))?.state).toEqual(settled)
    })

    test('a final state is never left, whoever tries', async () => {
      await store.intents.add(anIntent('one'))
      const answers = await Promise.all(
        [settled, failed, settled, failed].map(
          async (state) => await store.intents.move('one', state),
        ),
      )
      expect(answers.filter((answer) => answer === 'moved')).toHaveLength(1)
      const won = [settled, failed, settled, failed][answers.indexOf('moved')]
      expect(await store.intents.move('one', { kind: 'waiting' })).toBe('final-already')
      expect((await store.intents.get('one'))?.state).toEqual(won)
    })

    test('what was never added cannot be moved', async () => {
      await expect(store.intents.move('ghost', claimed)).rejects.toThrow(UnknownIntentError)
    })

    test('recent ones come newest first, final ones too, until a month after their end', async () => {
      for (const [id, ms] of [
        ['b', 2],
        ['a', 1],
        ['c', 3],
      ] as const)
        await store.intents.add(anIntent(id, { createdAt: at(ms) }))
      await store.intents.move('c', settled)
      const ids = async (limit: number) =>
        (await store.intents.recent('evm/0xkeeper', limit)).map(({ id }) => id)
      await expect.poll(async () => ids(2), indexed).toEqual(['c', 'b'])
      await expect.poll(async () => ids(0), indexed).toEqual([])
      clock.pass(30 * dayMs)
      await expect.poll(async () => ids(9), indexed).toEqual(['b', 'a'])
      expect(await store.intents.get('c')).toBeUndefined()
      expect(await store.intents.get('a')).toBeDefined()
    })
  })

  describe('lanes', () => {
    test('a lane is read back exactly, big numbers too', async () => {
      expect(await store.lanes.read('evm/0xkeeper')).toBeUndefined()
      expect(await store.lanes.write(aLane(1))).toBe('written')
      expect(await store.lanes.read('evm/0xkeeper')).toEqual(aLane(1))
    })

    test('only the next version is taken', async () => {
      expect(await store.lanes.write(aLane(2))).toBe('stale')
      expect(await store.lanes.write(aLane(1))).toBe('written')
      expect(await store.lanes.write(aLane(1))).toBe('stale')
      expect(await store.lanes.write(aLane(3))).toBe('stale')
      expect(await store.lanes.write(aLane(2))).toBe('written')
      await expect(store.lanes.write(aLane(0))).rejects.toThrow(RangeError)
    })

    test('all are listed by their names, whatever is in those', async () => {
      expect(await store.lanes.ids()).toEqual([])
      for (const id of ['starknet/0x2', 'evm/0x#%25', 'evm/0x1'])
        for (const version of [1, 2]) await store.lanes.write(aLane(version, { id }))
      await expect
        .poll(async () => store.lanes.ids(), indexed)
        .toEqual(['evm/0x#%25', 'evm/0x1', 'starknet/0x2'])
    })

    test('in any interleaving of readers and writers no nonce is given twice and none is lost', async () => {
      let count = 0
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (order, writers) => {
          count += 1
          const id = `evm/0x${count}`
          const read = order.scheduleFunction(async (lane: string) => await store.lanes.read(lane))
          const write = order.scheduleFunction(async (lane: Lane) => await store.lanes.write(lane))
          const given: number[] = []
          const take = async (): Promise<void> => {
            const lane = await read(id)
            const nonce = lane?.nextNonce ?? 0
            const next = aLane((lane?.version ?? 0) + 1, { id, nextNonce: nonce + 1 })
            if ((await write(next)) === 'stale') await take()
            else given.push(nonce)
          }
          await order.waitFor(Promise.all(Array.from({ length: writers }, take)))
          expect(given.toSorted((one, other) => one - other)).toEqual([
            ...Array.from({ length: writers }).keys(),
          ])
          expect((await store.lanes.read(id))?.version).toBe(writers)
        }),
        { numRuns: runs },
      )
    })
  })

  describe('leases', () => {
    const wish = { name: 'engine/core', owner: 'a', now: start, until: at(30_000) }

    test('of fifty that want it at once one has it, and its token is the first', async () => {
      const owners = Array.from({ length: 50 }, (_, index) => `lane-${index}`)
      const fences = await Promise.all(
        owners.map(async (owner) => await store.leases.hold({ ...wish, owner })),
      )
      expect(fences.filter((fence) => fence !== undefined)).toEqual([1])
    })

    test('its owner renews it under the same token, also from several workers at once', async () => {
      const untils = [30_000, 40_000, 35_000, 50_000]
      const fences = await Promise.all(
        untils.map(async (ms) => await store.leases.hold({ ...wish, until: at(ms) })),
      )
      expect(fences).toEqual([1, 1, 1, 1])
      // Until the longest of them; a shorter wish takes nothing back.
      expect(
        await store.leases.hold({ ...wish, owner: 'b', now: at(51_999), until: at(90_000) }),
      ).toBeUndefined()
    })

    test('once it passed another takes it over under a higher token, with room for clocks that differ', async () => {
      await store.leases.hold(wish)
      const other = { ...wish, owner: 'b', until: at(90_000) }
      expect(await store.leases.hold({ ...other, now: at(31_999) })).toBeUndefined()
      expect(await store.leases.hold({ ...other, now: at(32_000) })).toBe(2)
      expect(await store.leases.hold({ ...wish, now: at(33_000) })).toBeUndefined()
    })

    test('given back it is free at once, and the token still grows', async () => {
      await store.leases.hold(wish)
      await store.leases.release(wish.name, 1)
      expect(await store.leases.hold({ ...wish, owner: 'b' })).toBe(2)
      await store.leases.release(wish.name, 2)
      expect(await store.leases.hold(wish)).toBe(3)
    })

    test('who has lost it gives nothing back, and what was never held cannot be', async () => {
      await store.leases.release(wish.name, 1)
      await store.leases.hold(wish)
      await store.leases.hold({ ...wish, owner: 'b', now: at(60_000), until: at(90_000) })
      await store.leases.release(wish.name, 1)
      expect(await store.leases.hold({ ...wish, now: at(61_000) })).toBeUndefined()
      expect(await store.leases.hold({ ...wish, name: 'engine/other' })).toBe(1)
    })

    test('in any interleaving no two owners have one token, and later ones are higher', async () => {
      let count = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ owner: fc.constantFrom('a', 'b', 'c'), after: fc.nat(60_000) }), {
            minLength: 2,
            maxLength: 6,
          }),
          async (wishes) => {
            count += 1
            const name = `engine/${count}`
            const held = await Promise.all(
              wishes.map(async ({ owner, after }) => {
                const until = at(after + 10_000)
                const fence = await store.leases.hold({ name, owner, now: at(after), until })
                return { owner, fence }
              }),
            )
            const owners = Map.groupBy(
              held.filter(({ fence }) => fence !== undefined),
              ({ fence }) => fence,
            )
            for (const [, of] of owners) expect(new Set(of.map(({ owner }) => owner)).size).toBe(1)
            expect(owners.size).toBeGreaterThan(0)
          },
        ),
        { numRuns: runs },
      )
    })
  })

  describe('the desk of alerts', () => {
    test('keeps what each channel was told lately, each version after the one before it', async () => {
      const { desk } = store
      expect(await desk.pace('team#1')).toBeUndefined()
      const answers = await Promise.all(
        Array.from({ length: 8 }, async (_, one) => await desk.writePace(pace(1, [one]))),
      )
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1)
      expect(await desk.writePace(pace(3))).toBe('stale')
      expect(await desk.writePace(pace(2, [1, 2]))).toBe('written')
      expect(await desk.pace('team#1')).toEqual(pace(2, [1, 2]))
      expect(await desk.pace('team')).toBeUndefined()
    })

    test('keeps silences until they are over, the newest of an id', async () => {
      const { desk } = store
      await desk.silence(silence('b', 60_000))
      await desk.silence(silence('a#1', 120_000))
      await desk.silence(silence('b', 90_000, 'longer'))
      expect(await desk.silences()).toEqual([
        silence('a#1', 120_000),
        silence('b', 90_000, 'longer'),
      ])
      clock.pass(90_000)
      expect(await desk.silences()).toEqual([silence('a#1', 120_000)])
      // Ended by hand.
      await desk.silence(silence('a#1', 90_000))
      expect(await desk.silences()).toEqual([])
    })

    test('keeps who has what in hand until that is over, the newest of a rule and subject', async () => {
      const { desk } = store
      await desk.acknowledge(acknowledged('b', 60_000))
      await desk.acknowledge(acknowledged('a', 30_000))
      await desk.acknowledge(acknowledged('b', 90_000, 'ben'))
      expect(await desk.acknowledgements()).toEqual([
        acknowledged('a', 30_000),
        acknowledged('b', 90_000, 'ben'),
      ])
      clock.pass(30_000)
      expect(await desk.acknowledgements()).toEqual([acknowledged('b', 90_000, 'ben')])
    })
  })

  describe('incidents', () => {
    const over = { state: 'resolved', resolvedAt: at(5_000), version: 2 } as const

    test('only the next version is taken', async () => {
      const first = anIncident('BTC-USD')
      const answers = await Promise.all(
        Array.from({ length: 8 }, async () => await store.incidents.write(first)),
      )
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1)
      expect(await store.incidents.write({ ...first, version: 3 })).toBe('stale')
      const second = { ...first, summary: 'later', version: 2 }
      expect(await store.incidents.write(second)).toBe('written')
      expect(await store.incidents.read('price-late', 'BTC-USD')).toEqual(second)
      expect(await store.incidents.read('price-late', 'ETH-USD')).toBeUndefined()
    })

    test('it is open until it is resolved and every channel that heard of it was told', async () => {
      const first = anIncident('BTC-USD', { channels: { pager: heardOpen } })
      await store.incidents.write(first)
      await store.incidents.write(anIncident('ETH-USD'))
      await store.incidents.write({ ...anIncident('ETH-USD'), ...over })
      const subjects = async () => (await store.incidents.open()).map(({ subject }) => subject)
      await expect.poll(subjects, indexed).toEqual(['BTC-USD'])
      await store.incidents.write({ ...first, ...over })
      await expect.poll(subjects, indexed).toEqual(['BTC-USD'])
      const channels = { pager: { ...heardOpen, told: 'resolved' as const } }
      await store.incidents.write({ ...first, ...over, channels, version: 3 })
      await expect.poll(subjects, indexed).toEqual([])
    })

    test('recent ones come newest first, and one that came back moves up', async () => {
      for (const [subject, ms] of [
        ['BTC-USD', 1],
        ['ETH-USD', 2],
        ['SOL-USD', 3],
      ] as const)
        await store.incidents.write(anIncident(subject, { seenAt: at(ms) }))
      const subjects = async (limit: number) =>
        (await store.incidents.recent(limit)).map(({ subject }) => subject)
      await expect.poll(async () => subjects(2), indexed).toEqual(['SOL-USD', 'ETH-USD'])
      await store.incidents.write(anIncident('BTC-USD', { seenAt: at(9), version: 2 }))
      await expect.poll(async () => subjects(9), indexed).toEqual(['BTC-USD', 'SOL-USD', 'ETH-USD'])
      await expect.poll(async () => subjects(0), indexed).toEqual([])
    })

    test('three months after its end it is forgotten, and may begin again', async () => {
      await store.incidents.write(anIncident('BTC-USD'))
      await store.incidents.write({ ...anIncident('BTC-USD'), ...over })
      clock.pass(90 * dayMs - 1)
      expect(await store.incidents.read('price-late', 'BTC-USD')).toBeDefined()
      expect(await store.incidents.write(anIncident('BTC-USD'))).toBe('stale')
      clock.pass(1)
      expect(await store.incidents.read('price-late', 'BTC-USD')).toBeUndefined()
      await expect.poll(async () => store.incidents.recent(9), indexed).toEqual([])
      const again = anIncident('BTC-USD', { seenAt: clock.now() })
      expect(await store.incidents.write(again)).toBe('written')
      await expect.poll(async () => store.incidents.open(), indexed).toEqual([again])
      await expect.poll(async () => store.incidents.recent(9), indexed).toEqual([again])
    })
  })

  describe('history', () => {
    const entry = {
      keeper: 'push-prices',
      subject: 'core',
      slot: 7,
      at: start,
      view: '{"b":1,"a":[1.50,"é"]}',
      decided: '[]',
    }

    test('what was recorded comes back byte for byte, newest first', async () => {
      const later = { ...entry, slot: 8, at: at(10_000) }
      for (const one of [later, entry, { ...entry, subject: 'other' }])
        await store.history.record(one)
      expect(await store.history.recent('push-prices', 'core', 9)).toEqual([later, entry])
      expect(await store.history.recent('push-prices', 'core', 1)).toEqual([later])
      expect(await store.history.recent('push-prices', 'core', 0)).toEqual([])
    })

    test('large ones come in the order of small ones', async () => {
      const entries = Array.from({ length: 40 }, (_, slot) => {
        return { ...entry, slot, view: slot % 3 === 0 ? '{}' : noise(10_000) }
      })
      for (const one of entries) await store.history.record(one)
      const newest = entries.toReversed()
      expect(await store.history.recent('push-prices', 'core', 99)).toEqual(newest)
      expect(await store.history.recent('push-prices', 'core', 5)).toEqual(newest.slice(0, 5))
    })

    test('two looks at one slot are both kept; the same one twice is one', async () => {
      const second = { ...entry, at: at(31_000), decided: '["push"]' }
      for (const one of [entry, second, second]) await store.history.record(one)
      expect(await store.history.recent('push-prices', 'core', 9)).toEqual([second, entry])
    })

    test('it is gone after a week', async () => {
      await store.history.record(entry)
      clock.pass(7 * dayMs)
      expect(await store.history.recent('push-prices', 'core', 9)).toEqual([])
    })
  })
}

/** Text that no packer makes much smaller. */
function noise(size: number): `0x${string}` {
  return `0x${randomBytes(size).toString('hex')}`
}

const noFee = { token: 'ETH', paid: undefined, usd: undefined }

function ledgerRow(id: string, ms: number): Extract<LedgerRow, { kind: 'won' }> {
  const when = at(ms)
  const event = {
    kind: 'liquidated',
    block: { number: 7, hash: '0x07', time: when },
    transaction: '0xaa',
    place: 3,
    account: '0x01',
    liquidator: '0x02',
    asset: '0x03',
    market: parseMarket('BTC-USD'),
    base: -(10n ** 18n),
    cash: 1_000n,
    price: 10n ** 21n,
    penalty: 10n,
    reward: 5n,
    cover: 0n,
    funding: -1n,
  } as const
  const usd = { value: new Decimal('0.1'), price: new Decimal('2500.5'), at: when }
  const fee = { token: 'ETH', paid: 1n, usd }
  return { id, at: when, kind: 'won', event, work: undefined, fee }
}

function ledgerCursor(version: number, number: number): LedgerCursor {
  return {
    block: { number, hash: '0x0a' },
    blockAt: start,
    workBefore: start,
    fund: 5n,
    fundDays: [{ day: '2026-01-01', balance: 5n }],
    decimals: { collateral: 6, fee: 18 },
    version,
  }
}

function positionRow(version: number, log: readonly string[]): PositionRow {
  return {
    snapshot: 'positions/core/book-1',
    snapshotAt: start,
    snapshotBytes: 12,
    log,
    logBytes: 3,
    check: { next: 2, owed: 60, slot: 29 },
    version,
  }
}
