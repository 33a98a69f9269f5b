import { accountCount, type Book, type Doubt } from '../../domain/positions/book.ts'
import {
  afterShares,
  type CheckPlan,
  fullCheck,
  whyFull,
} from '../../domain/positions/check-plan.ts'
import type { KeptBook } from '../../domain/positions/kept-book.ts'
import { stepsBetween } from '../../domain/positions/log-record.ts'
import { type Apart, compare } from '../../domain/positions/reading.ts'
import { timestamp } from '../../domain/time.ts'
import type {
  Blocks,
  Chain,
  Clock,
  Engine,
  EnginePositions,
  PositionBooks,
  Store,
} from '../../ports.ts'
import type { Decision, Keeper, KeeperSlot } from '../keeper.ts'
import { askContract, type Asked } from './ask-contract.ts'
import { follow, type Followed } from './follow.ts'
import { keptIndex, restoredIndex } from './kept-index.ts'
import { positionsLease } from './positions-lease.ts'

export type IndexView =
  /** Another worker is at it. */
  | { readonly kind: 'busy' }
  | {
      readonly kind: 'followed'
      readonly engine: string
      readonly slot: number
      readonly fence: number
      /** Of what is stored; 0 where nothing is. */
      readonly version: number
      /** Why the stored book could not be read. */
      readonly trouble: string | undefined
      /** Why all accounts are to be compared, where they are. */
      readonly full: string | undefined
      readonly followed: Followed
      /** Shares, and what of them was due before. */
      readonly shares: number
      readonly plan: CheckPlan
      readonly asked: Asked
    }

/** The last part of a slot, for what was asked to be answered and stored. */
const reserveMs = 6_000

/**
 * Follows an exchange's accounts by its events, and compares them with the contract's own views: all of them when a process
 * begins, when the index does, and after slots that nobody did; and every account once within so many slots.
 */
export function indexPositions(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'leases'>
  readonly books: PositionBooks
  readonly chains: Readonly<Record<string, Chain>>
  readonly engines: Readonly<Record<string, Engine>>
  /** Within how many slots every account is compared once. */
  readonly shares: number
}): Keeper<IndexView> {
  const { clock, store } = world
  const begun = new Set<string>()
  return {
    job: 'index-positions',
    async observe(slot) {
      const { engine, chain } = placeOf(world, slot.subject)
      const name = positionsLease(slot.subject)
      const owner = `${slot.subject}:${slot.slot}`
      const wish = { name, owner, now: clock.now(), until: slot.until }
      const fence = await store.leases.hold(wish)
      if (fence === undefined) return { kind: 'busy' }
      try {
        const view = await look({ ...world, engine, chain }, slot, {
          fence,
          isFirst: !begun.has(slot.subject),
        })
        begun.add(slot.subject)
        return view
      } catch (error) {
        await store.leases.release(name, fence)
        throw error
      }
    },
    settings: {},
    decide: decideIndex,
    recorded: recordedIndex,
    kept: keptIndex,
    restored: restoredIndex,
  }
}

async function look(
  world: {
    readonly clock: Clock
    readonly books: PositionBooks
    readonly shares: number
    readonly engine: EnginePositions
    readonly chain: Blocks
  },
  { subject, slot, until }: KeeperSlot,
  { fence, isFirst }: { readonly fence: number; readonly isFirst: boolean },
): Promise<IndexView> {
  const { clock, books, shares, chain, engine: positions } = world
  const kept = await books.read(subject)
  const enough = timestamp(until - reserveMs)
  const followed = await follow({ chain, positions, clock }, kept?.book, enough)
  const full = whyAll(kept, followed, { slot, isFirst })
  const plan = full === undefined && kept ? kept.check : fullCheck(kept?.check, shares)
  const isBehind = followed.book.block.hash !== followed.head.hash
  // Where it is behind, everything may still change; and not every node knows how things were then.
  const asked = isBehind
    ? nothing(followed.book)
    : await askContract({ positions, clock }, followed.book, { plan, shares, until: enough })
  const { version = 0, trouble } = kept ?? {}
  return {
    kind: 'followed',
    engine: subject,
    slot,
    fence,
    version,
    trouble,
    full,
    followed,
    shares,
    plan,
    asked,
  }
}

function whyAll(
  kept: KeptBook | undefined,
  { isNew }: Followed,
  now: { readonly slot: number; readonly isFirst: boolean },
): string | undefined {
  return whyFull(isNew ? undefined : kept?.check, now)
}

function nothing({ block }: Book): Asked {
  const reading = { block, accounts: new Map(), indexes: new Map() }
  return { reading, shares: 0, stopped: undefined }
}

/** The chain wins: the book as the contract has it, and every place where it was not so. */
export function decideIndex(view: IndexView): Decision {
  if (view.kind === 'busy')
    return {
      actions: [],
      outcome: { kind: 'refused', reason: 'busy', detail: 'another worker is at it' },
      recorded: {},
    }
  const { engine, slot, fence, version, followed, shares, plan, asked } = view
  const { book, apart } = compare(followed.book, asked.reading)
  const records = [...followed.records, ...stepsBetween(followed.book, book)]
  const check = afterShares(plan, asked.shares, { shares, slot })
  const next = {
    version: version + 1,
    book,
    records,
    check,
    ...(followed.isNew && { anew: true as const }),
  }
  return {
    actions: [{ kind: 'keep-positions', engine, next, fence }],
    outcome: { kind: 'done', ...wordsOf(view, apart) },
    recorded: {
      compared: asked.reading.accounts.size,
      ...(asked.stopped !== undefined && { stopped: asked.stopped }),
      apart: some(apart),
      doubts: some([...book.doubts].flatMap(faultOf)),
      check,
    },
  }
}

function wordsOf(
  { followed, asked, trouble, full }: Extract<IndexView, { kind: 'followed' }>,
  apart: readonly Apart[],
): Pick<Decision['outcome'], 'reason' | 'detail'> {
  const { book, head, events, wentBackTo, isNew } = followed
  const isBehind = book.block.number < head.number
  const reason = apart.length > 0 ? 'apart' : standing(isBehind, asked)
  const detail = [
    ...(trouble === undefined ? [] : [trouble]),
    ...(isNew ? ['began anew'] : []),
    ...(wentBackTo === undefined ? [] : [`went back to block ${wentBackTo}`]),
    `at block ${book.block.number}${isBehind ? ` of ${head.number}` : ''}, ${events} events`,
    `${asked.reading.accounts.size} accounts compared${full === undefined ? '' : ` (all are: ${full})`}`,
    ...(asked.stopped === undefined ? [] : [`no more of them: ${asked.stopped}`]),
    ...apart.slice(0, told).map(({ of, detail: what }) => `${of}: ${what}`),
    ...(apart.length > told ? [`and ${apart.length - told} more`] : []),
  ].join('; ')
  return { reason, detail }
}

function standing(isBehind: boolean, { stopped }: Asked): string {
  if (isBehind) return 'catching-up'
  return stopped === undefined ? 'followed' : 'unchecked'
}

/** A line tells the first ones, and history some. */
const told = 3
const remembered = 50

function some(all: readonly Apart[]): { readonly count: number; readonly first: readonly Apart[] } {
  return { count: all.length, first: all.slice(0, remembered) }
}

/** That the contract must be asked, because no event says, is no fault. */
function faultOf([of, { why, detail }]: readonly [string, Doubt]): readonly Apart[] {
  return why === 'unsaid' || why === 'taken-back' ? [] : [{ of, why, detail }]
}

function recordedIndex(view: IndexView): unknown {
  if (view.kind === 'busy') return view
  const { followed, asked, plan, full, trouble } = view
  const { book, head, events, wentBackTo, isNew } = followed
  const { block } = book
  const { shares, stopped } = asked
  const accounts = accountCount(book)
  return { block, head, accounts, events, wentBackTo, isNew, shares, stopped, plan, full, trouble }
}

function placeOf(
  world: {
    readonly chains: Readonly<Record<string, Chain>>
    readonly engines: Readonly<Record<string, Engine>>
  },
  subject: string,
): { readonly engine: EnginePositions; readonly chain: Blocks } {
  const engine = world.engines[subject]
  const chain = engine && world.chains[engine.chain]
  if (!engine?.positions || !chain)
    throw new RangeError(`${subject} has no accounts that could be followed here`)
  return { engine: engine.positions, chain: engine.positions.blocks ?? chain }
}
