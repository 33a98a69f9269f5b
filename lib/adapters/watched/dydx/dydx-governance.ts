import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { ChangeSight } from '../../../domain/watch/system-sight.ts'
import type { Seen } from '../look.ts'
import { RestTroubleError } from '../rest-place.ts'
import { type ChainPace, changesOf, isAhead, Proposal } from './dydx-proposals.ts'
import type { ChainState, DydxSettings } from './dydx-settings.ts'

const key = 'proposals'

/** Those of the last months: older ones are over. */
const newest = 30

/** A proposal whose deposit is not paid in time is thrown away: so many of those are asked after in one look. */
const mostMissing = 10

/** What is proposed, and what became of what was proposed when earlier looks saw it. Throws what `state` throws. */
export async function proposalsSeen(
  state: ChainState,
  {
    pace,
    known,
    cursor,
  }: {
    readonly pace: ChainPace
    readonly known: DydxSettings | undefined
    readonly cursor: Readonly<Record<string, string>>
  },
): Promise<Required<Pick<Seen, 'changes' | 'cursor' | 'unseen'>>> {
  const followed = readFollowed(cursor[key])
  const lists = await Promise.all([
    state('/cosmos/gov/v1/proposals?proposal_status=1&pagination.limit=100', Proposals),
    state('/cosmos/gov/v1/proposals?proposal_status=2&pagination.limit=100', Proposals),
    state(`/cosmos/gov/v1/proposals?pagination.limit=${newest}&pagination.reverse=true`, Proposals),
  ])
  const listed = new Map(
    lists.flatMap(({ proposals }) => proposals).map((proposal) => [proposal.id, proposal]),
  )
  const missing = followed.filter(({ id, isOver }) => !isOver && !listed.has(id))
  const asked = await Promise.all(
    missing.slice(0, mostMissing).map(async (one) => ({ one, found: await find(state, one.id) })),
  )
  for (const { found } of asked) if (found) listed.set(found.id, found)
  const gone = asked.flatMap(({ one, found }) => (found ? [] : [one]))

  const told = [...listed.values()].map((proposal) => ({
    proposal,
    changes: changesOf(proposal, {
      pace,
      known,
      isFollowed: followed.some(({ id }) => id === proposal.id),
    }),
  }))
  return {
    changes: [...told.flatMap(({ changes }) => changes), ...gone.flatMap(dropped)],
    cursor: { [key]: followedText(followed, told, gone) },
    unseen: lists
      .slice(0, 2)
      .flatMap(({ pagination }) =>
        typeof pagination?.next_key === 'string' && pagination.next_key !== ''
          ? [{ part: 'changes' as const, reason: 'there are more than 100 open proposals' }]
          : [],
      ),
  }
}

const Proposals = z.object({
  proposals: z.array(Proposal),
  pagination: z.nullish(z.object({ next_key: z.nullish(z.string()) })),
})

/** Undefined where the chain has none of that id any more. */
async function find(state: ChainState, id: number): Promise<Proposal | undefined> {
  try {
    const path = `/cosmos/gov/v1/proposals/${id}`
    return (await state(path, z.object({ proposal: Proposal }))).proposal
  } catch (error) {
    // gRPC's code for what is not found; another 404 is some proxy's.
    if (
      error instanceof RestTroubleError &&
      error.status === 404 &&
      /"code": ?5\b/.test(error.message)
    )
      return undefined
    throw error
  }
}

/** A proposal that was seen before it was over. */
type Followed = {
  readonly id: number
  readonly isOver: boolean
  readonly announcedAt: Timestamp
  readonly title: string
  readonly changes: readonly string[]
}

function dropped({ changes, announcedAt, title }: Followed): readonly ChangeSight[] {
  return changes.map((id) => ({
    id,
    kind: 'proposal',
    title,
    announcedAt,
    state: 'dropped',
    touches: [],
    announces: {},
  }))
}

/** What was followed longest ago is forgotten. */
const mostFollowed = 60

function followedText(
  followed: readonly Followed[],
  told: readonly { readonly proposal: Proposal; readonly changes: readonly ChangeSight[] }[],
  gone: readonly Followed[],
): string {
  const now = told.flatMap(({ proposal: { id, submit_time }, changes }): readonly Followed[] => {
    const isOver = !changes.some(({ state }) => isAhead(state))
    const isKnown = followed.some((one) => one.id === id)
    if (isOver && !isKnown) return []
    const title = changes[0]?.title ?? ''
    return [{ id, isOver, announcedAt: submit_time, title, changes: changes.map((one) => one.id) }]
  })
  const rest = followed
    .filter(({ id }) => !now.some((one) => one.id === id))
    .map((one) => (gone.some(({ id }) => id === one.id) ? { ...one, isOver: true } : one))
  const all = [...rest, ...now].toSorted((one, other) => one.id - other.id).slice(-mostFollowed)
  return JSON.stringify(
    all.map(({ id, isOver, announcedAt, title, changes }) => [
      id,
      isOver,
      announcedAt,
      title,
      ...changes,
    ]),
  )
}

const FollowedRows = z.array(z.tuple([z.int(), z.boolean(), z.int(), z.string()], z.string()))

/** None where the text is not ours. */
function readFollowed(text: string | undefined): readonly Followed[] {
  const read = FollowedRows.safeParse(parsed(text ?? '[]'))
  if (!read.success) return []
  return read.data.map(([id, isOver, at, title, ...changes]) => ({
    id,
    isOver,
    announcedAt: timestamp(at),
    title,
    changes,
  }))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
