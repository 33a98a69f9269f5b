import * as z from 'zod/mini'

import { Decimal } from '../../domain/decimal.ts'
import { type Market, parseMarket } from '../../domain/market.ts'
import type { CandidateSight } from '../../domain/parameters/against.ts'
import type { GuardRound, GuardSight } from '../../domain/parameters/guards.ts'
import type { NotedPrice } from '../../domain/parameters/shadow-note.ts'
import type { Offer } from '../../domain/parameters/told-by.ts'
import type { PostedPrice } from '../../domain/push-policy.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { HistoryEntry, Store } from '../../ports.ts'

type SightWorld = {
  readonly store: Pick<Store, 'history' | 'intents'>
  readonly nodes: readonly string[]
  readonly engines: readonly string[]
  readonly lanes: readonly { readonly id: string }[]
  /** How often guards look. */
  readonly everySeconds: number
}

/** So many slots are looked back: minutes at the usual length, within which numbers that turn bad must be seen. */
const slotsBack = 60

const transactionsBack = 50

/** What came to pass since a set became active, by what keepers have written down. */
export async function guardSight(
  { store, nodes, engines, lanes, everySeconds }: SightWorld,
  { now, since }: { readonly now: Timestamp; readonly since: Timestamp },
): Promise<GuardSight> {
  const entries = async (job: string, subject: string): Promise<readonly HistoryEntry[]> => {
    const recent = await store.history.recent(job, subject, slotsBack)
    return recent.filter(({ at }) => at >= since)
  }
  const [looks, rounds, pushes, intents] = await Promise.all([
    store.history.recent('govern', 'network', slotsBack),
    Promise.all(nodes.map(async (node) => entries('publish-prices', node))),
    Promise.all(
      engines.map(async (engine) => [engine, await entries('push-prices', engine)] as const),
    ),
    Promise.all(lanes.map(async ({ id }) => store.intents.recent(id, transactionsBack))),
  ])
  const awake = awakeSince(looks, { now, everySeconds })
  const postedOf = ([newest, ...before]: readonly HistoryEntry[]) =>
    newest ? postedIn(newest, Math.max(awake, untellableAt([newest, ...before]))) : {}
  return {
    now,
    ...(awake > 0 && { awakeSince: timestamp(awake) }),
    rounds: rounds.flat().flatMap(roundOf),
    offers: Object.fromEntries(
      pushes.map(([engine, all]) => [engine, all.toReversed().flatMap(offerOf)]),
    ),
    begun: Object.fromEntries(
      pushes.map(([engine, all]) => [engine, begunIn(all.at(-1))] as const),
    ),
    posted: Object.fromEntries(pushes.map(([engine, all]) => [engine, postedOf(all)] as const)),
    reverted: intents.flat().flatMap(({ createdAt, state }) => {
      if (createdAt < since) return []
      if (state.kind === 'failed') return state.why === 'reverted' ? [true] : []
      if (state.kind === 'settled') return [false]
      return state.kind === 'included' ? [state.reverted !== undefined] : []
    }),
  }
}

/** More slots than any shadow run should take; of a longer one the newest count. */
const candidateSlots = 20_000

/** What a candidate did in shadow, since then. */
export async function candidateSight(
  {
    store,
    nodes,
    engines,
  }: Pick<SightWorld, 'nodes' | 'engines'> & { readonly store: Pick<Store, 'history'> },
  { since, parameters }: { readonly since: Timestamp; readonly parameters: string },
): Promise<CandidateSight> {
  const entries = async (job: string, subject: string): Promise<readonly HistoryEntry[]> => {
    const recent = await store.history.recent(job, subject, candidateSlots)
    return recent.filter(({ at, shadow }) => at >= since && shadow !== undefined)
  }
  const [rounds, pushes] = await Promise.all([
    Promise.all(nodes.map(async (node) => entries('publish-prices', node))),
    Promise.all(
      engines.map(async (engine) => [engine, await entries('push-prices', engine)] as const),
    ),
  ])
  return {
    ...(nodes.length === 0 && { makesNoPrices: true }),
    rounds: rounds.flat().flatMap(({ shadow = '' }) => {
      const { kind, failed, prices, ...note } = Note.parse(JSON.parse(shadow))
      if (kind !== 'candidate' || note.parameters !== parameters) return []
      return [{ ...(failed !== undefined && { failed }), ...(prices && { prices }) }]
    }),
    offers: Object.fromEntries(
      pushes.map(([engine, all]) => [engine, all.toReversed().flatMap(offerOf)]),
    ),
  }
}

/** How often a candidate could not decide since then, and how long both took to decide all they did. */
export async function shadowTimes(
  { history }: Pick<Store, 'history'>,
  {
    nodes,
    since,
    parameters,
  }: {
    readonly nodes: readonly string[]
    readonly since: Timestamp
    readonly parameters: string
  },
): Promise<{ readonly failed: number; readonly activeMs: number; readonly candidateMs: number }> {
  const recent = await Promise.all(
    nodes.map(async (node) => history.recent('publish-prices', node, candidateSlots)),
  )
  const notes = recent.flat().flatMap(({ at, shadow }) => {
    if (at < since || shadow === undefined) return []
    const note = Note.parse(JSON.parse(shadow))
    return note.kind === 'candidate' && note.parameters === parameters ? [note] : []
  })
  return {
    failed: notes.filter(({ failed }) => failed !== undefined).length,
    activeMs: notes.reduce((sum, { ownMs }) => sum + ownMs, 0),
    candidateMs: notes.reduce((sum, { shadowMs }) => sum + shadowMs, 0),
  }
}

const Value = z.union([
  z.object({ kind: z.literal('price'), price: z.string() }),
  z.object({ kind: z.literal('none'), reason: z.string() }),
])

const Note = z.object({
  kind: z.enum(['candidate', 'previous']),
  parameters: z.string(),
  ownMs: z.number(),
  shadowMs: z.number(),
  failed: z.optional(z.string()),
  prices: z.optional(
    z.object({
      same: z.number(),
      apart: z.array(z.object({ feed: z.string(), own: Value, shadow: Value })),
      without: z.object({ own: z.number(), shadow: z.number() }),
    }),
  ),
})

/** Slots that were not decided by both say nothing of the difference. */
function roundOf({ shadow }: HistoryEntry): readonly GuardRound[] {
  if (shadow === undefined) return []
  const { kind, prices } = Note.parse(JSON.parse(shadow))
  if (kind !== 'previous' || !prices) return []
  return [
    {
      feeds: prices.same + prices.apart.length,
      without: prices.without.own,
      withoutBefore: prices.without.shadow,
      gained: prices.apart.filter(isGained).length,
      apart: prices.apart,
    },
  ]
}

/** A market that was not listed before is no matter of thresholds. */
function isGained({ own, shadow }: NotedPrice): boolean {
  return own.kind === 'price' && shadow.kind === 'none' && shadow.reason !== 'not-listed'
}

const market = z.pipe(
  z.string(),
  z.transform((symbol: string): Market => parseMarket(symbol)),
)

const Offered = z.object({
  offered: z.optional(z.array(z.tuple([market, z.string(), z.number()]))),
})

function offerOf({ at, decided }: HistoryEntry): readonly Offer[] {
  const { offered } = Offered.parse(JSON.parse(decided))
  if (!offered) return []
  const prices = offered.map(([of, price, observedAt]) => ({
    market: of,
    price: new Decimal(price),
    observedAt: timestamp(observedAt),
  }))
  return [{ at, prices }]
}

const Posted = z.object({
  state: z.object({
    prices: z.record(z.string(), z.object({ price: z.string(), publishedAt: z.number() })),
  }),
})

const Outcome = z.object({ outcome: z.object({ reason: z.string() }) })

/** Guards that look this seldom were not there in between. */
export const leastGapMs = 30_000

/**
 * Since when guards have looked without a pause: since the end of one, or since they looked first; 0 where there was none in all
 * these looks. Nothing here ran before: what is old by it is no set's fault.
 */
function awakeSince(
  newestFirst: readonly HistoryEntry[],
  { now, everySeconds }: { readonly now: Timestamp; readonly everySeconds: number },
): number {
  const gapMs = Math.max(leastGapMs, 3_000 * everySeconds)
  let next: number = now
  for (const { at } of newestFirst) {
    if (next - at > gapMs) return next
    next = at
  }
  return newestFirst.length < slotsBack ? next : 0
}

/** Where its chain stood still, or it was paused, nobody could tell it anything, under any parameters. */
const untellable: ReadonlySet<string> = new Set(['chain-stalled', 'paused'])

/** When an exchange could not be told anything last. */
function untellableAt(newestFirst: readonly HistoryEntry[]): number {
  const found = newestFirst.find(({ decided }) =>
    untellable.has(Outcome.parse(JSON.parse(decided)).outcome.reason),
  )
  return found?.at ?? 0
}

/** What was posted when that slot was decided. */
function begunIn(entry: HistoryEntry | undefined): Readonly<Record<string, PostedPrice>> {
  if (!entry) return {}
  const { state } = Posted.parse(JSON.parse(entry.view))
  return Object.fromEntries(
    Object.entries(state.prices).map(([of, { price, publishedAt }]) => [
      of,
      { price: new Decimal(price), publishedAt: timestamp(publishedAt) },
    ]),
  )
}

/** What is older than `since` is of then. */
function postedIn({ view }: HistoryEntry, since: number): Readonly<Record<string, Timestamp>> {
  const { state } = Posted.parse(JSON.parse(view))
  return Object.fromEntries(
    Object.entries(state.prices).map(([of, { publishedAt }]) => [
      of,
      timestamp(Math.max(publishedAt, since)),
    ]),
  )
}
