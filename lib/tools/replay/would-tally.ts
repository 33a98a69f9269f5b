import { Decimal } from '../../domain/decimal.ts'
import type { NotedPrice, NotedPush } from '../../domain/parameters/shadow-note.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { WouldHave } from '../../keepers/replay/would-have.ts'
import type { SlotRecord } from '../../ports.ts'

/** What other parameters would have done in the slots of one job and subject. */
export type WouldCount = {
  readonly job: string
  readonly subject: string
  readonly slots: number
  readonly same: number
  readonly differ: number
  readonly undecidable: number
  /** How the slots end that do not end alike: such as `done pushed → done nothing-due`, and how many. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** One feed's prices. */
export type WouldPrice = {
  readonly feed: string
  /** Slots in which the two prices, or why there is none, are not the same. */
  readonly slots: number
  /** How far the other price is from ours at most, where both have one. */
  readonly furthest: { readonly bps: string; readonly at: Timestamp } | undefined
  /** Slots in which only one of them has a price, and why the other one has none. */
  readonly onlyOwn: Readonly<Record<string, number>>
  readonly onlyOther: Readonly<Record<string, number>>
}

export type WouldPush = { readonly market: string; readonly own: number; readonly other: number }

export type WouldTally = {
  readonly counts: readonly WouldCount[]
  readonly prices: readonly WouldPrice[]
  readonly pushes: readonly WouldPush[]
  /** Of liquidations and deleverages: how many parts, and of which accounts only one of the two. */
  readonly accounts: {
    readonly own: number
    readonly other: number
    readonly onlyOwn: readonly string[]
    readonly onlyOther: readonly string[]
  }
  /** Slots that could not be decided, by why. */
  readonly undecidable: Readonly<Record<string, number>>
}

type Counts = Record<string, number>

type Price = {
  slots: number
  furthest: WouldPrice['furthest']
  readonly onlyOwn: Counts
  readonly onlyOther: Counts
}

export function wouldTally(): {
  add(record: SlotRecord, would: WouldHave): void
  sums(): WouldTally
} {
  const counts = new Map<string, WouldCount>()
  const prices = new Map<string, Price>()
  const pushes = new Map<string, { own: number; other: number }>()
  const accounts = { own: 0, other: 0 }
  const [ownIds, otherIds] = [new Set<string>(), new Set<string>()]
  const undecidable: Counts = {}

  function count({ keeper: job, subject }: SlotRecord, would: WouldHave): void {
    const key = JSON.stringify([job, subject])
    const before = counts.get(key) ?? { job, subject, ...nothing, outcomes: {} }
    const kind = kindOf(would)
    const ends = would.kind === 'decided' ? would.note.outcomes : undefined
    const change = ends && changeOf(ends)
    counts.set(key, {
      ...before,
      slots: before.slots + 1,
      [kind]: before[kind] + 1,
      ...(change !== undefined && {
        outcomes: { ...before.outcomes, [change]: (before.outcomes[change] ?? 0) + 1 },
      }),
    })
  }

  function addPrice({ feed, own, shadow }: NotedPrice, at: Timestamp): void {
    const price = prices.get(feed) ?? { slots: 0, furthest: undefined, onlyOwn: {}, onlyOther: {} }
    prices.set(feed, price)
    price.slots += 1
    if (own.kind === 'none' && shadow.kind === 'price') plus(price.onlyOther, own.reason)
    if (own.kind === 'price' && shadow.kind === 'none') plus(price.onlyOwn, shadow.reason)
    if (own.kind === 'none' || shadow.kind === 'none') return
    const bps = bpsBetween(new Decimal(own.price), new Decimal(shadow.price))
    if (!price.furthest || bps.gt(price.furthest.bps)) price.furthest = { bps: bps.toFixed(2), at }
  }

  function addPushes(side: 'own' | 'other', told: readonly NotedPush[]): void {
    for (const { market } of told) {
      const push = pushes.get(market) ?? { own: 0, other: 0 }
      push[side] += 1
      pushes.set(market, push)
    }
  }

  return {
    add(record, would) {
      count(record, would)
      if (would.kind === 'undecidable') plus(undecidable, would.why)
      if (would.kind !== 'decided') return
      const { note } = would
      for (const price of note.prices?.apart ?? []) addPrice(price, record.at)
      addPushes('own', note.pushes?.own ?? [])
      addPushes('other', note.pushes?.shadow ?? [])
      const { own = [], shadow = [] } = note.accounts ?? {}
      accounts.own += own.length
      accounts.other += shadow.length
      for (const id of own) ownIds.add(id)
      for (const id of shadow) otherIds.add(id)
    },
    sums: () => ({
      counts: [...counts.values()],
      prices: [...prices].map(([feed, price]) => ({ feed, ...price })),
      pushes: [...pushes].map(([market, push]) => ({ market, ...push })),
      accounts: {
        ...accounts,
        onlyOwn: [...ownIds.difference(otherIds)],
        onlyOther: [...otherIds.difference(ownIds)],
      },
      undecidable,
    }),
  }
}

const nothing = { slots: 0, same: 0, differ: 0, undecidable: 0 }

function kindOf(would: WouldHave): 'same' | 'differ' | 'undecidable' {
  if (would.kind === 'undecidable') return 'undecidable'
  return would.kind === 'unseen' || would.note.isSame === true ? 'same' : 'differ'
}

type Ends = NonNullable<Extract<WouldHave, { readonly kind: 'decided' }>['note']['outcomes']>

/** Undefined where both end alike, and only what they do is not the same. */
function changeOf({ own, shadow }: Ends): string | undefined {
  const [from, to] = [own, shadow].map(({ kind, reason }) => `${kind} ${reason}`)
  return from === to ? undefined : `${from} → ${to}`
}

function bpsBetween(own: Decimal, other: Decimal): Decimal {
  return own.isZero() ? new Decimal(0) : other.sub(own).abs().div(own.abs()).mul(10_000)
}

function plus(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
