import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'

import { positionBooks } from '../../../lib/adapters/positions/position-books.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { accountIn, accountsOf, type Book } from '../../../lib/domain/positions/book.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { indexPositions } from '../../../lib/keepers/index-positions/index-positions.ts'
import { keepPositions } from '../../../lib/keepers/index-positions/keep-positions.ts'
import type { PositionBooks } from '../../../lib/ports.ts'
import { memoryFiles } from '../../adapters/positions/files.ts'
import { type SteppedClock, steppedClock } from '../../adapters/store/samples.ts'
import { replays } from '../replay/replays.ts'
import { fakeExchange } from './fake-exchange.ts'

let exchange: ReturnType<typeof fakeExchange>
let clock: SteppedClock
let store: ReturnType<typeof memoryStore>
let files: ReturnType<typeof memoryFiles>
beforeEach(() => {
  exchange = fakeExchange()
  clock = steppedClock()
  store = memoryStore({ clock })
  files = memoryFiles()
})

function books(): PositionBooks {
  return positionBooks({ rows: store.positions, blobs: files, clock })
}

/** A process that does slots; another one remembers nothing of it. */
function aProcess({ shares = 4, slotMs = 30_000 } = {}) {
  const own = books()
  const keeper = replays(
    indexPositions({
      clock,
      store,
      books: own,
      chains: { l2: exchange.chain },
      engines: { core: exchange.engine },
      shares,
    }),
  )
  return {
    keeper,
    async slot(slot: number) {
      const now = clock.now()
      const until = timestamp(now + slotMs)
      const view = await keeper.observe({ subject: 'core', slot, slotAt: now, until })
      const decision = keeper.decide(view)
      for (const action of decision.actions)
        if (action.kind === 'keep-positions') await keepPositions({ positions: own, store }, action)
      return decision
    },
  }
}

async function book(): Promise<Book> {
  const kept = await books().read('core')
  if (!kept?.book) throw new Error(kept?.trouble ?? 'there is none')
  return kept.book
}

async function cash(): Promise<Readonly<Record<string, bigint>>> {
  const kept = await book()
  return Object.fromEntries([...accountsOf(kept)].map(({ id, collateral }) => [id, collateral]))
}

function recorded(decision: { readonly recorded: unknown }) {
  return decision.recorded as {
    readonly compared: number
    readonly apart: { readonly count: number; readonly first: readonly object[] }
    readonly doubts: { readonly count: number; readonly first: readonly object[] }
  }
}

describe('following', () => {
  test('begins at the exchange’s first block, and goes on where the last slot ended', async () => {
    exchange.mine({ 7: 10n })
    const one = aProcess()
    expect((await one.slot(1)).outcome).toEqual({
      kind: 'done',
      reason: 'followed',
      detail: 'began anew; at block 1, 2 events; 2 accounts compared (all are: it begins)',
    })
    exchange.mine({ 7: -3n, 8: 1n })
    exchange.mine()
    expect((await one.slot(2)).outcome.detail).toContain('at block 3, 3 events')
    expect(await cash()).toEqual({ 0: 0n, 7: 7n, 8: 1n })
    expect((await book()).block).toMatchObject({ number: 3 })
  })

  test('goes back where blocks are gone, whichever process has followed them', async () => {
    exchange.mine({ 7: 10n })
    exchange.mine({ 7: 5n })
    exchange.mine({ 8: 1n })
    await aProcess().slot(1)
    exchange.reorg(2)
    exchange.mine({ 7: 100n })
    exchange.mine({ 9: 4n })
    exchange.mine()
    const { outcome } = await aProcess().slot(2)
    expect(outcome.detail).toContain('went back to block 1')
    expect(outcome.reason).toBe('followed')
    expect(await cash()).toEqual(exchange.truth())
    expect(await cash()).toEqual({ 0: 0n, 7: 110n, 9: 4n })
  })

  test('waits for a node that is behind, and takes nothing back for it', async () => {
    exchange.mine({ 7: 10n })
    const one = aProcess()
    await one.slot(1)
    exchange.mine({ 7: 1n })
    await one.slot(2)
    exchange.lag = 1
    const { outcome } = await one.slot(3)
    expect(outcome.detail).not.toContain('went back')
    expect(await cash()).toEqual({ 0: 0n, 7: 11n })
    exchange.lag = 0
    exchange.mine({ 7: 1n })
    expect((await one.slot(4)).outcome.reason).toBe('followed')
    expect(await cash()).toEqual(exchange.truth())
  })

  test('comes as far as there is time, and compares nothing before it is there', async () => {
    exchange.most = 10
    for (let at = 0; at < 100; at += 1) exchange.mine({ [at]: 1n })
    exchange.onAsk = () => clock.pass(6_000)
    const one = aProcess()
    const first = await one.slot(1)
    expect(first.outcome.reason).toBe('catching-up')
    expect(first.outcome.detail).toContain('at block 40 of 100')
    expect(exchange.asked).toEqual([])
    await one.slot(2)
    exchange.onAsk = () => undefined
    expect((await one.slot(3)).outcome.reason).toBe('followed')
    expect(await cash()).toEqual(exchange.truth())
  })

  test('begins anew where none of its blocks is in the chain any more, and compares everything', async () => {
    for (let at = 0; at < 20; at += 1) exchange.mine({ 7: 1n })
    const one = aProcess()
    await one.slot(1)
    exchange.mine({ 7: 1n })
    await one.slot(2)
    // Deeper than what is final.
    exchange.reorg(21)
    for (let at = 0; at < 30; at += 1) exchange.mine({ 8: 1n })
    expect((await one.slot(3)).outcome.detail).toContain('began anew')
    expect(await cash()).toEqual({ 0: 0n, 8: 30n })
    expect(
      await aProcess()
        .slot(4)
        .then(({ outcome }) => outcome.reason),
    ).toBe('followed')
  })

  test('is one worker’s at a time, and free again after a failure', async () => {
    exchange.mine({ 7: 10n })
    const one = aProcess()
    const until = timestamp(clock.now() + 30_000)
    const slot = { subject: 'core', slot: 1, slotAt: clock.now(), until }
    await one.keeper.observe(slot)
    const busy = await aProcess().slot(2)
    expect(busy.outcome).toMatchObject({ kind: 'refused', reason: 'busy' })
    expect(busy.actions).toEqual([])
    clock.pass(40_000)
    exchange.onAsk = () => {
      throw new Error('the node is down')
    }
    await expect(aProcess().slot(3)).rejects.toThrow('the node is down')
    exchange.onAsk = () => undefined
    expect((await aProcess().slot(4)).outcome.reason).toBe('followed')
  })

  test('of files that are gone begins anew and says so', async () => {
    exchange.mine({ 7: 10n })
    await aProcess().slot(1)
    files.kept.clear()
    const { outcome } = await aProcess().slot(2)
    expect(outcome.detail).toMatch(
      /cannot be read: positions\/core\/book-\w+ is not there; began anew/,
    )
    expect(await cash()).toEqual({ 0: 0n, 7: 10n })
  })

  test('whatever blocks come and go, the book is what the contract says', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('mine' as const),
        paid: fc.dictionary(fc.constantFrom('1', '2', '3'), fc.bigInt({ min: -9n, max: 9n }), {
          maxKeys: 3,
        }),
      }),
      fc.record({ kind: fc.constant('reorg' as const), depth: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('slot' as const), isOther: fc.boolean() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        exchange = fakeExchange()
        store = memoryStore({ clock })
        files = memoryFiles()
        let process = aProcess()
        let slot = 0
        // In the end the chain is longer than it ever was.
        const more = Array.from({ length: 8 }, () => ({ kind: 'mine' as const, paid: { 1: 1n } }))
        for (const one of [...steps, ...more, { kind: 'slot' as const, isOther: false }]) {
          if (one.kind === 'mine') exchange.mine(one.paid)
          if (one.kind === 'reorg') {
            exchange.reorg(one.depth)
            exchange.mine({ 4: 1n })
          }
          if (one.kind !== 'slot') continue
          if (one.isOther) process = aProcess()
          slot += 1
          const decision = await process.slot(slot)
          // Always found by events alone: nothing had to be corrected.
          expect(recorded(decision).apart.count).toBe(0)
          // A chain that is shorter than before may be a node that is behind.
          const isThere = (await book()).block.number === exchange.head()
          expect(isThere ? await cash() : exchange.truth()).toEqual(exchange.truth())
        }
        expect((await book()).block.number).toBe(exchange.head())
      }),
      { numRuns: 60 },
    )
  })
})

/** The events say five less of account 7 than happened. */
function lie(): void {
  exchange.mine({ 7: 10n, 8: 2n }, [
    { kind: 'opened', account: '7' },
    { kind: 'cash', account: '7', amount: 5n },
    { kind: 'opened', account: '8' },
    { kind: 'cash', account: '8', amount: 2n },
  ])
}

describe('what the contract says', () => {
  test('wins, and where it differed is told', async () => {
    lie()
    const decision = await aProcess().slot(1)
    expect(decision.outcome).toMatchObject({ kind: 'done', reason: 'apart' })
    expect(decision.outcome.detail).toContain('7: its cash is 10, by events 5')
    expect(recorded(decision).apart).toEqual({
      count: 1,
      first: [{ of: '7', why: 'apart', detail: 'its cash is 10, by events 5' }],
    })
    expect(await cash()).toEqual({ 0: 0n, 7: 10n, 8: 2n })
    expect(recorded(await aProcess().slot(2)).apart.count).toBe(0)
  })

  test('is asked of everybody once within as many slots as there are shares', async () => {
    const everybody = Array.from({ length: 40 }, (_, at) => String(at))
    exchange.mine(Object.fromEntries(everybody.map((id) => [id, 1n])))
    const one = aProcess({ shares: 4 })
    await one.slot(1)
    expect(exchange.asked.flat().toSorted()).toEqual(everybody.toSorted())
    exchange.asked.length = 0
    for (let slot = 2; slot <= 5; slot += 1) await one.slot(slot)
    expect(exchange.asked).toHaveLength(4)
    expect(exchange.asked.flat().toSorted()).toEqual(everybody.toSorted())
  })

  test('is asked of everybody where slots were missed, and by a process that begins', async () => {
    exchange.mine({ 1: 1n, 2: 1n, 3: 1n })
    const one = aProcess()
    await one.slot(1)
    expect(recorded(await one.slot(2)).compared).toBeLessThan(4)
    expect(recorded(await one.slot(9)).compared).toBe(4)
    const decision = await aProcess().slot(10)
    expect(recorded(decision).compared).toBe(4)
    expect(decision.outcome.detail).toContain('(all are: this process begins)')
  })

  test('is asked as far as there is time, and of the rest in the next slots', async () => {
    exchange.mine(Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`${at}`, 1n])))
    const one = aProcess({ shares: 8 })
    exchange.onAsk = (what) => clock.pass(what === 'read' ? 9_000 : 0)
    const counts = [recorded(await one.slot(1)).compared]
    for (let slot = 2; slot <= 3; slot += 1) counts.push(recorded(await one.slot(slot)).compared)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40)
    expect(Math.max(...counts)).toBeLessThan(40)
  })

  test('counts as far as it was heard where a node then fails', async () => {
    lie()
    exchange.mine({ 9: 1n })
    let reads = 0
    exchange.onAsk = (what) => {
      if (what === 'read') reads += 1
      if (reads === 3) throw new Error('the node is down')
    }
    const one = aProcess({ shares: 16 })
    const { outcome } = await one.slot(1)
    expect(outcome).toMatchObject({ kind: 'done', reason: 'apart' })
    expect(outcome.detail).toContain('no more of them: the node is down')
    exchange.onAsk = () => undefined
    for (let slot = 2; slot <= 3; slot += 1) await one.slot(slot)
    expect(await cash()).toEqual(exchange.truth())
  })

  test('is asked at once of an account in doubt, and only that one is told of', async () => {
    exchange.mine({ 7: 10n })
    const one = aProcess({ shares: 50 })
    await one.slot(1)
    exchange.mine({ 8: 4n, 7: 1n }, [
      { kind: 'cash', account: '8', amount: 4n },
      { kind: 'cash', account: '7', amount: 1n },
    ])
    const decision = await one.slot(2)
    expect(decision.outcome.reason).toBe('apart')
    expect(recorded(decision).apart.first).toEqual([
      {
        of: '8',
        why: 'unknown-account',
        detail:
          'an event (cash) of an account that nothing opened; it is there, by events it is not there',
      },
    ])
    expect(await cash()).toEqual(exchange.truth())
  })

  test('that it does not say of one account leaves that one in doubt, and nothing else', async () => {
    exchange.mine({ 7: 10n, 8: 2n })
    exchange.bentRead = (id) =>
      id === '7' ? { kind: 'unreadable', detail: 'the contract says i64_add Overflow' } : undefined
    const one = aProcess()
    const decision = await one.slot(1)
    expect(recorded(decision).doubts).toEqual({
      count: 1,
      first: [{ of: '7', why: 'unreadable', detail: 'the contract says i64_add Overflow' }],
    })
    exchange.mine({ 8: 2n })
    await one.slot(2)
    expect(accountIn(await book(), '8')?.collateral).toBe(4n)
    exchange.bentRead = () => undefined
    await one.slot(3)
    expect((await book()).doubts.size).toBe(0)
  })

  test('is no incident where events cannot tell it', async () => {
    exchange.mine({ 7: 10n }, [
      { kind: 'opened', account: '7' },
      { kind: 'cash', account: '7', amount: 8n },
      { kind: 'unsaid', account: '7', what: 'interest' },
    ])
    const decision = await aProcess().slot(1)
    expect(decision.outcome.reason).toBe('followed')
    expect(await cash()).toEqual(exchange.truth())
  })
})

test('an exchange without accounts to follow is refused by name', async () => {
  const keeper = aProcess().keeper
  const now = clock.now()
  const slot = { subject: 'gateway', slot: 1, slotAt: now, until: timestamp(now + 1_000) }
  await expect(keeper.observe(slot)).rejects.toThrow(
    'gateway has no accounts that could be followed here',
  )
})
