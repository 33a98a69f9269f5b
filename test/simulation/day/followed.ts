import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'

import { storeOn } from '../../../lib/adapters/store/memory.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Decision, Keeper } from '../../../lib/keepers/keeper.ts'
import { type Decider, deciderOf, replaySlot } from '../../../lib/keepers/replay/replay-slot.ts'
import { viewText } from '../../../lib/keepers/run-keeper.ts'
import type { Clock, History, SlotRecord } from '../../../lib/ports.ts'
import { rowsByReference } from '../rows.ts'
import { type RuleMutant, ruleMutants } from './rule-mutants.ts'

/** What became of the slots of one job and subject. */
export type Kept = {
  /** How often a keeper decided, in whatever process. */
  decided: number
  /** How many slots history has: a process may end before it has kept one, or the store be gone. */
  kept: number
  /** Of those, how many saw nothing. */
  unseen: number
  /** In how many a feed was on hold. */
  holds: number
  same: number
  /** The first slots that came out otherwise, in words; and how many did. */
  readonly otherwise: string[]
  differ: number
  /** How the slots ended, by kind and reason. */
  readonly ends: Record<string, number>
}

/** What a changed rule makes otherwise. */
export type MutantSeen = {
  readonly name: string
  readonly job: string
  /** Slots that it decides otherwise, by deciding both ways when they were decided; and those that replay named. */
  expected: number
  named: number
  /** Named for nothing, and not named: the first ones. */
  readonly wrong: string[]
  readonly missed: string[]
}

/** What is known of a day so far, over all of its worlds. */
export type DayBook = {
  readonly kept: Map<string, Kept>
  readonly mutants: readonly MutantSeen[]
}

export function dayBook(): DayBook {
  return {
    kept: new Map(),
    mutants: ruleMutants.map(({ name, job }) => ({
      name,
      job,
      expected: 0,
      named: 0,
      wrong: [],
      missed: [],
    })),
  }
}

/** The keeper of a job and subject that decides again: made apart from the one that decided, and with nothing to ask. */
export type Again = (of: { readonly keeper: string; readonly subject: string }) => Keeper<never>

export type Followed = {
  /** The same keeper, whose decisions are counted, and made under each changed rule as well. */
  keeper<View extends object>(keeper: Keeper<View>): Keeper<View>
  readonly history: History
  /** Decides all again that was kept since the last time, and forgets it: of a day it is more than fits into memory. */
  replay(): Promise<void>
}

/** More names of one kind nobody reads. */
const mostNamed = 10

export function followed(book: DayBook, clock: Clock, again: Again): Followed {
  let slots = storeOn(rowsByReference(), clock).history
  let before = slots
  /** By mutant: the slots that it decides otherwise, by the view that they were decided on. */
  let otherwise = ruleMutants.map(() => new Set<string>())
  /** Of the time before: a process may stand still between deciding and keeping. */
  let earlier = otherwise

  function keptOf({
    keeper,
    subject,
  }: {
    readonly keeper: string
    readonly subject: string
  }): Kept {
    const name = `${keeper} ${subject}`
    const kept = book.kept.get(name) ?? newKept()
    book.kept.set(name, kept)
    return kept
  }

  async function replayOne(record: SlotRecord): Promise<void> {
    const kept = keptOf(record)
    kept.kept += 1
    if (record.view === undefined) kept.unseen += 1
    if (record.decided.includes('"kind":"hold"')) kept.holds += 1
    const end = endOf(record.decided)
    kept.ends[end] = (kept.ends[end] ?? 0) + 1
    const keeper = again(record)
    const { own } = await replayedBy(record, deciderOf(keeper))
    if (own.kind === 'same') kept.same += 1
    else {
      kept.differ += 1
      if (kept.otherwise.length < mostNamed)
        kept.otherwise.push(JSON.stringify([named(record), own]))
    }
    for (const [at, mutant] of ruleMutants.entries())
      if (mutant.job === record.keeper) await compareMutant(at, mutant, { record, keeper })
  }

  async function compareMutant(
    at: number,
    mutant: RuleMutant,
    { record, keeper }: { readonly record: SlotRecord; readonly keeper: Keeper<never> },
  ): Promise<void> {
    const seen = book.mutants[at]
    if (!seen || record.view === undefined) return
    const changed = { ...keeper, decide: mutant.change((view) => keeper.decide(view)) }
    const { own } = await replayedBy(record, deciderOf(changed))
    const key = slotKey(record, record.view)
    const isExpected = otherwise[at]?.has(key) === true || earlier[at]?.has(key) === true
    const isNamed = own.kind === 'differs'
    if (isExpected) seen.expected += 1
    if (isNamed) seen.named += 1
    if (isNamed && !isExpected && seen.wrong.length < mostNamed) seen.wrong.push(named(record))
    if (!isNamed && isExpected && seen.missed.length < mostNamed) seen.missed.push(named(record))
  }

  return {
    keeper(keeper) {
      const slotOf = new WeakMap<object, { readonly subject: string; readonly slot: number }>()
      return {
        ...keeper,
        async observe(slot) {
          const view = await keeper.observe(slot)
          slotOf.set(view, slot)
          return view
        },
        decide(view) {
          const { subject = '', slot = 0 } = slotOf.get(view) ?? {}
          keptOf({ keeper: keeper.job, subject }).decided += 1
          const decided = tried(() => keeper.decide(view))
          for (const [at, { job, change }] of ruleMutants.entries()) {
            if (job !== keeper.job) continue
            const other = tried(() => change((seen) => keeper.decide(seen))(view as never))
            if (isDeepStrictEqual(decided, other)) continue
            const of = { keeper: job, subject, slot }
            otherwise[at]?.add(slotKey(of, viewText(keeper, view)))
          }
          if ('error' in decided) throw decided.error
          return decided.decision
        },
      }
    },

    history: newestOf(
      () => slots,
      () => before,
    ),

    async replay() {
      before = slots
      slots = storeOn(rowsByReference(), clock).history
      for (const { keeper, subject } of await before.subjects())
        for await (const record of before.kept(keeper, subject, timestamp(0), clock.now()))
          await replayOne(record)
      earlier = otherwise
      otherwise = ruleMutants.map(() => new Set<string>())
    },
  }
}

/** Whatever is asked of history, the newest answers; what is asked of the newest slots alone, the one before it too. */
function newestOf(newest: () => History, before: () => History): History {
  const both: Partial<History> = {
    recent: async (...asked) =>
      [...(await newest().recent(...asked)), ...(await before().recent(...asked))].slice(
        0,
        asked[2],
      ),
    keptSlots: async (...asked) =>
      [...(await newest().keptSlots(...asked)), ...(await before().keptSlots(...asked))].slice(
        0,
        asked[2],
      ),
  }
  return new Proxy(newest(), {
    get: (_, key) => Reflect.get({ ...newest(), ...both }, key) as unknown,
  })
}

async function replayedBy(record: SlotRecord, decider: Decider) {
  return await replaySlot(record, async () => ({ kind: 'decider', decider }))
}

type Tried = { readonly decision: Decision } | { readonly error: unknown }

function tried(decide: () => Decision): Tried {
  try {
    return { decision: decide() }
  } catch (error) {
    return { error }
  }
}

function newKept(): Kept {
  return { decided: 0, kept: 0, unseen: 0, holds: 0, same: 0, otherwise: [], differ: 0, ends: {} }
}

/** Of two processes that decide one slot each has seen something else. */
function slotKey(
  { keeper, subject, slot }: Pick<SlotRecord, 'keeper' | 'subject' | 'slot'>,
  view: string,
): string {
  const digest = createHash('sha1').update(view).digest('base64')
  return `${keeper} ${subject} ${slot} ${digest}`
}

function named({ keeper, subject, slot }: SlotRecord): string {
  return `${keeper} ${subject} slot ${slot}`
}

function endOf(decided: string): string {
  const { failed, outcome } = JSON.parse(decided) as {
    readonly failed?: { readonly reason: string }
    readonly outcome?: { readonly kind: string; readonly reason: string }
  }
  return failed ? `failed ${failed.reason}` : `${outcome?.kind} ${outcome?.reason}`
}
