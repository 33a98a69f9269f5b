import * as z from 'zod'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { HistoryEntry, Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'

const value = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('price'), price: z.string() }),
  z.object({ kind: z.literal('none'), reason: z.string() }),
])

const noteSchema = z.object({
  kind: z.enum(['candidate', 'previous']),
  parameters: z.string(),
  ownMs: z.number(),
  shadowMs: z.number(),
  failed: z.string().optional(),
  withheld: z.string().optional(),
  isSame: z.boolean().optional(),
  prices: z
    .object({ apart: z.array(z.object({ feed: z.string(), own: value, shadow: value })) })
    .optional(),
})

const feedsSchema = z.object({
  feeds: z.array(
    z.object({
      feed: z.string(),
      role: z.string(),
      outcome: z.object({
        kind: z.string(),
        price: z.string().optional(),
        reason: z.string().optional(),
      }),
    }),
  ),
})

const offeredSchema = z.object({
  offered: z.array(z.tuple([z.string(), z.string(), z.number()])).optional(),
})

/** One slot that a second set decided beside the active one. */
type NotedSlot = {
  readonly slot: number
  readonly at: Timestamp
  /** The hash of the set that was active. */
  readonly parameters: string
  readonly note: z.output<typeof noteSchema>
}

export type NotedRound = NotedSlot & {
  readonly feeds: z.output<typeof feedsSchema>['feeds']
}

export type NotedOffer = NotedSlot & {
  readonly offered: z.output<typeof offeredSchema>['offered']
}

/** What a second set came to beside the active one, oldest first: one node's rounds, and what each exchange could be told. */
export type Noted = {
  readonly rounds: readonly NotedRound[]
  readonly offers: Readonly<Record<string, readonly NotedOffer[]>>
}

/** At first an hour of rounds of five seconds is read: each row holds all that was seen. */
const firstSlots = 720

/** So many are remembered while somebody looks; of a longer run the newest. */
const mostSlots = 2_160

/**
 * Reads history's newest rows, and each time after that only those that came since, so that it may be asked each few seconds.
 * A row of another version is passed over: a chart with a gap is better than none.
 */
export function notedSlots({
  network,
  store: { history },
}: {
  readonly network: Network
  readonly store: Pick<Store, 'history'>
}): (now: Timestamp) => Promise<Noted> {
  const [node] = network.oracles
  const rounds = node && remembered(history, everyMsOf(network, 'publish-prices'), roundOf)
  const offers = Object.keys(network.engines).map(
    (engine) => [engine, remembered(history, everyMsOf(network, 'push-prices'), offerOf)] as const,
  )
  return async (now) => ({
    rounds: (await rounds?.({ keeper: 'publish-prices', subject: node?.name ?? '' }, now)) ?? [],
    offers: Object.fromEntries(
      await Promise.all(
        offers.map(
          async ([engine, read]) =>
            [engine, await read({ keeper: 'push-prices', subject: engine }, now)] as const,
        ),
      ),
    ),
  })
}

function everyMsOf({ jobs }: Network, job: 'publish-prices' | 'push-prices'): number {
  return (jobs[job]?.everySeconds ?? 60) * 1_000
}

type Subject = { readonly keeper: string; readonly subject: string }

function remembered<Slot extends NotedSlot>(
  history: Store['history'],
  everyMs: number,
  slotOf: (entry: HistoryEntry) => readonly Slot[],
): (of: Subject, now: Timestamp) => Promise<readonly Slot[]> {
  let known: readonly Slot[] = []
  let last: Pick<HistoryEntry, 'slot' | 'at'> | undefined
  return async ({ keeper, subject }, now) => {
    // One or two more than there should be: a slot is decided a little later at one time than at another.
    const since = last ? Math.ceil((now - last.at) / everyMs) + 2 : firstSlots
    const entries = await history.recent(keeper, subject, Math.min(firstSlots, Math.max(2, since)))
    const newest = entries[0]
    const before = last?.slot ?? -1
    const fresh = entries.filter(({ slot }) => slot > before)
    if (newest && newest.slot > before) {
      last = { slot: newest.slot, at: newest.at }
      const all = [...known, ...fresh.toReversed().flatMap(slotOf)]
      // Two who ask at once read the same rows.
      known = [...new Map(all.map((one) => [one.slot, one])).values()].slice(-mostSlots)
    }
    return known
  }
}

function roundOf(entry: HistoryEntry): readonly NotedRound[] {
  const found = notedOf(entry)
  const read = found && feedsSchema.safeParse(parsed(entry.decided))
  return found && read?.success ? [{ ...found, feeds: read.data.feeds }] : []
}

function offerOf(entry: HistoryEntry): readonly NotedOffer[] {
  const found = notedOf(entry)
  const read = found && offeredSchema.safeParse(parsed(entry.decided))
  return found && read?.success ? [{ ...found, offered: read.data.offered }] : []
}

function notedOf({ slot, at, shadow, parameters }: HistoryEntry): NotedSlot | undefined {
  if (shadow === undefined || parameters === undefined) return undefined
  const read = noteSchema.safeParse(parsed(shadow))
  return read.success ? { slot, at: timestamp(at), parameters, note: read.data } : undefined
}

/** Undefined where it is no JSON, which no schema takes. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
