import * as z from 'zod'

import { indexedEngines } from '../world/schedules.ts'
import type { Look } from './look.ts'
import { newestSlots, outcomeSchema, type SlotRead } from './newest-slots.ts'

/** How well the accounts of one exchange are known here. */
export type PositionsView = {
  readonly engine: string
  /** All of the following is of the newest slot; undefined while nobody looked. */
  readonly seen:
    | {
        readonly at: number
        readonly accounts: number | undefined
        /** Up to which block, and the newest that the chain had then. */
        readonly block: number
        readonly head: number
        readonly reason: string
      }
    | undefined
  readonly check: {
    /** Every account takes its turn once within so many slots. */
    readonly slots: number
    /** How many were compared with the contract in the slots that are shown. */
    readonly compared: number
    /** Since when each was compared at least once; undefined where the slots that are shown do not reach so far. */
    readonly allSince: number | undefined
    /** When all were compared at once last, and why. */
    readonly full: { readonly at: number; readonly why: string } | undefined
    /** Why no more could be compared. */
    readonly stopped: string | undefined
  }
  /** Accounts that were not as the contract has them, lately; the contract's word counts. */
  readonly apart: { readonly count: number; readonly first: readonly string[] }
  /** Accounts that the contract could not be asked about yet. */
  readonly doubts: number
}

const someSchema = z.object({
  count: z.int(),
  first: z.array(z.object({ of: z.string(), detail: z.string() })),
})

const viewSchema = z.union([
  z.object({ kind: z.literal('busy') }),
  z.object({
    kind: z.undefined().optional(),
    block: z.object({ number: z.int() }),
    head: z.object({ number: z.int() }),
    /** Absent in rows of before it was recorded. */
    accounts: z.int().optional(),
    shares: z.int(),
    stopped: z.string().optional(),
    full: z.string().optional(),
  }),
])

const decidedSchema = z.object({
  outcome: outcomeSchema,
  compared: z.int().default(0),
  apart: someSchema.default({ count: 0, first: [] }),
  doubts: someSchema.default({ count: 0, first: [] }),
})

type Decided = z.output<typeof decidedSchema>
type Followed = Exclude<z.output<typeof viewSchema>, { kind: 'busy' }>
type Slot = SlotRead<Followed, Decided>

/** With more slots than these a page would read too much for one figure. */
const mostSlots = 120

/** As many as fit into a line or two. */
const told = 3

/** Every exchange whose accounts are followed here. */
export async function positionsView(look: Look): Promise<readonly PositionsView[]> {
  const job = look.network.jobs['index-positions']
  if (!job) return []
  const engines = indexedEngines(look.network)
  return await Promise.all(
    engines.map(async (engine) => {
      const slots = await newestSlots(look, {
        keeper: 'index-positions',
        subject: engine,
        // In a slot that found others at it, or blocks to catch up with, nobody is compared.
        limit: Math.min(2 * job.checkSlots, mostSlots),
        view: viewSchema,
        decided: decidedSchema,
      })
      return enginePositions(engine, job.checkSlots, slots.flatMap(followedIn))
    }),
  )
}

function followedIn(slot: SlotRead<z.output<typeof viewSchema>, Decided>): readonly Slot[] {
  const { view } = slot
  return view.kind === 'busy' ? [] : [{ ...slot, view }]
}

function enginePositions(
  engine: string,
  checkSlots: number,
  slots: readonly Slot[],
): PositionsView {
  const [newest] = slots
  const full = slots.find(({ view }) => view.full !== undefined)
  const apart = slots.flatMap(({ decided }) => decided.apart.first)
  return {
    engine,
    seen: newest && {
      at: newest.at,
      accounts: newest.view.accounts,
      block: newest.view.block.number,
      head: newest.view.head.number,
      reason: newest.decided.outcome.reason,
    },
    check: {
      slots: checkSlots,
      compared: slots.reduce((sum, { decided }) => sum + decided.compared, 0),
      allSince: allSince(slots, checkSlots),
      full: full?.view.full === undefined ? undefined : { at: full.at, why: full.view.full },
      stopped: newest?.view.stopped,
    },
    apart: {
      count: slots.reduce((sum, { decided }) => sum + decided.apart.count, 0),
      first: apart.slice(0, told).map(({ of, detail }) => `${of}: ${detail}`),
    },
    doubts: newest?.decided.doubts.count ?? 0,
  }
}

/** Shares follow each other, so as many of them as there are, back from now, are each one once. */
function allSince(slots: readonly Slot[], checkSlots: number): number | undefined {
  let left = checkSlots
  for (const { at, view } of slots) {
    left -= view.shares
    if (left <= 0) return at
  }
  return undefined
}
