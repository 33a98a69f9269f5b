import { decode } from '../../domain/exact-text.ts'
import { isOtherwise } from '../../domain/parameters/compare-sets.ts'
import { feedsOf, memberOf, type SlotDecision } from '../../domain/parameters/compared-slot.ts'
import type { FeedResult } from '../../domain/price-round.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { HistorySubject, SlotRecord, Store } from '../../ports.ts'

/** One kept slot in a list: what a slider needs of it. */
export type KeptMark = {
  readonly slot: number
  readonly at: number
  /** `failed`: it could not be decided. */
  readonly outcome: 'done' | 'refused' | 'failed'
  /** That a second set decided it too, and whether otherwise. */
  readonly shadow?: 'same' | 'otherwise'
}

export type KeptList = {
  readonly slots: readonly KeptMark[]
  /** There are more in that time than were asked for; these are the newest. */
  readonly isCut: boolean
}

/** One kept slot, for people. Plain JSON: prices are text. */
export type SlotView = HistorySubject & {
  readonly slot: number
  readonly at: number
  /** The hash of the parameters that it was decided with, and the version of the code. */
  readonly parameters: string
  readonly code: string
  readonly own: DecidedView
  readonly shadow?: DecidedView & { readonly parameters: string }
}

export type DecidedView = {
  readonly outcome: { readonly kind: string; readonly reason: string; readonly detail: string }
  /** How many of each kind of action. */
  readonly actions: readonly { readonly kind: string; readonly count: number }[]
  /** Of publish-prices: each feed with its sources. */
  readonly feeds?: readonly FeedDigest[]
  /** Of push-prices: what could be told, and what was to be. */
  readonly offers?: readonly OfferDigest[]
}

export type FeedDigest = {
  readonly feed: string
  readonly role: string
  readonly price?: string
  /** Why there is none. */
  readonly why?: string
  readonly sources: readonly {
    readonly venue: string
    readonly instrument: string
    readonly price?: string
    readonly verdict: string
  }[]
}

export type OfferDigest = {
  readonly market: string
  readonly price?: string
  readonly observedAt?: number
  readonly verdict: 'due' | 'waits' | 'not judged'
  readonly why: string
}

type Wanted = HistorySubject & { readonly from: Timestamp; readonly to: Timestamp }

/** The slots of that time, oldest first, at most `limit` of them. */
export async function keptList(
  { history }: Pick<Store, 'history'>,
  { keeper, subject, from, to, limit }: Wanted & { readonly limit: number },
): Promise<KeptList> {
  const slots: KeptMark[] = []
  let isCut = false
  for await (const record of history.kept(keeper, subject, from, to)) {
    slots.push(markOf(record))
    if (slots.length <= limit) continue
    slots.shift()
    isCut = true
  }
  return { slots, isCut }
}

/** The slot that was decided at that moment; undefined where none was kept. */
export async function keptSlot(
  { history }: Pick<Store, 'history'>,
  { keeper, subject, at }: HistorySubject & { readonly at: Timestamp },
): Promise<SlotView | undefined> {
  for await (const record of history.kept(keeper, subject, at, at)) return slotView(record)
  return undefined
}

function markOf({ slot, at, decided, shadow }: SlotRecord): KeptMark {
  const active = decisionIn(decided)
  const { kind } = active.outcome
  return {
    slot,
    at,
    outcome: kind === 'done' || kind === 'refused' ? kind : 'failed',
    ...(shadow && { shadow: shadowOf(active, shadow.decided, decided) }),
  }
}

function shadowOf(active: SlotDecision, text: string, own: string): 'same' | 'otherwise' {
  if (text === own) return 'same'
  return isOtherwise({ active, candidate: decisionIn(text) }) ? 'otherwise' : 'same'
}

function slotView(record: SlotRecord): SlotView {
  const { keeper, subject, slot, at, parameters, code, decided, shadow } = record
  return {
    keeper,
    subject,
    slot,
    at,
    parameters,
    code,
    own: decidedView(decisionIn(decided)),
    ...(shadow && {
      shadow: { ...decidedView(decisionIn(shadow.decided)), parameters: shadow.parameters },
    }),
  }
}

/** What could not be decided is kept as the failure alone. */
function decisionIn(text: string): SlotDecision {
  const read = decode(text)
  const failed = memberOf(read, 'failed') as
    | { readonly reason: string; readonly detail: string }
    | undefined
  if (!failed) return read as SlotDecision
  return { actions: [], outcome: { kind: 'failed', ...failed }, recorded: {} }
}

function decidedView(decision: SlotDecision): DecidedView {
  const { actions, outcome, recorded } = decision
  const counts = Map.groupBy(actions, ({ kind }) => kind)
  const feeds = feedsOf(decision)
  const offers = offersIn(recorded)
  return {
    outcome: { kind: outcome.kind, reason: outcome.reason, detail: outcome.detail },
    actions: [...counts].map(([kind, all]) => ({ kind, count: all.length })),
    ...(feeds.length > 0 && { feeds: feeds.map(feedDigest) }),
    ...(offers.length > 0 && { offers }),
  }
}

function feedDigest({ feed, role, outcome, sources }: FeedResult): FeedDigest {
  return {
    feed,
    role,
    ...(outcome.kind === 'price'
      ? { price: outcome.price.toFixed() }
      : { why: `${outcome.kind}, ${outcome.reason}: ${outcome.detail}` }),
    sources: sources.map(({ venue, instrument, price, verdict }) => ({
      venue,
      instrument,
      ...(price && { price: price.toFixed() }),
      verdict,
    })),
  }
}

type Judged = { readonly market: string; readonly kind: 'due' | 'waits'; readonly why: string }

type Offered = readonly [string, { readonly toFixed: () => string }, number]

function offersIn(recorded: unknown): readonly OfferDigest[] {
  const offered = (memberOf(recorded, 'offered') ?? []) as readonly Offered[]
  const verdicts = (memberOf(recorded, 'verdicts') ?? []) as readonly Judged[]
  const prices = new Map(offered.map((one) => [one[0], one]))
  const judged = new Map(verdicts.map((one) => [one.market, one]))
  return [...new Set([...prices.keys(), ...judged.keys()])].map((market) => {
    const [, price, observedAt] = prices.get(market) ?? []
    const verdict = judged.get(market)
    return {
      market,
      ...(price && { price: price.toFixed() }),
      ...(observedAt !== undefined && { observedAt }),
      verdict: verdict?.kind ?? 'not judged',
      why: verdict?.why ?? '',
    }
  })
}
