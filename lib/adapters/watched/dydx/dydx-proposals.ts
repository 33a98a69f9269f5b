import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { ChangeSight } from '../../../domain/watch/system-sight.ts'
import { blockNumber, isoTime } from './cosmos-block.ts'
import type { DydxSettings } from './dydx-settings.ts'
import { messagesOf, type ProposedMessage } from './proposal-messages.ts'
import { proposed } from './proposed-settings.ts'

/** Governance of Cosmos SDK, x/gov v1: what is asked of it. */
export const Proposal = z.object({
  id: blockNumber,
  messages: z.nullish(z.array(z.unknown())),
  status: z.string(),
  submit_time: isoTime,
  // None while deposits are collected.
  voting_end_time: z.nullish(isoTime),
  title: z.optional(z.string()),
})
export type Proposal = z.infer<typeof Proposal>

/** Where the chain is, and how long a block of it takes; undefined where nobody could tell. */
export type ChainPace =
  | { readonly number: number; readonly time: Timestamp; readonly blockMs: number }
  | undefined

/**
 * What a proposal changes, and when: one change for each moment at which some of its messages take effect. One that was over
 * before anybody followed it announces nothing, since later ones may have changed the same again.
 */
export function changesOf(
  proposal: Proposal,
  {
    pace,
    known,
    isFollowed,
  }: {
    readonly pace: ChainPace
    readonly known: DydxSettings | undefined
    readonly isFollowed: boolean
  },
): readonly ChangeSight[] {
  const { id, messages, status, submit_time, voting_end_time: votingEnd, title = '' } = proposal
  const all = messagesOf(messages ?? [])
  const moments = Map.groupBy(all, momentOf)
  // A text that is voted on changes nothing, but is told.
  if (moments.size === 0) moments.set('', [])
  return [...moments].map(([moment, some]) => {
    const when = some[0]?.when ?? atOnce
    const effects = some.map((message) => proposed(message, known))
    const effectiveAt = typeof votingEnd === 'number' ? effectOf(when, votingEnd, pace) : undefined
    const state = stateOf(status, { when, votingEnd: votingEnd ?? undefined, effectiveAt, pace })
    return {
      id: `proposal-${id}${moment}`,
      kind: some.some(({ type }) => type.endsWith('Upgrade')) ? 'upgrade' : 'proposal',
      title: title === '' ? typesOf(some) : title.slice(0, 200),
      announcedAt: submit_time,
      ...(effectiveAt !== undefined && { effectiveAt }),
      state,
      touches: [...new Set(effects.flatMap(({ touches }) => touches))],
      announces:
        isFollowed || isAhead(state)
          ? (Object.assign(
              {},
              ...effects.map(({ announces }) => announces),
            ) as ChangeSight['announces'])
          : {},
    }
  })
}

/** Whether it has not taken effect and still may. */
export function isAhead(state: ChangeSight['state']): boolean {
  return state === 'announced' || state === 'decided'
}

type When = ProposedMessage['when']
const atOnce: When = { kind: 'at once' }

function momentOf({ when }: ProposedMessage): string {
  switch (when.kind) {
    case 'at once':
      return ''
    case 'after':
      return `+${when.blocks}`
    case 'at':
      return `@${when.block}`
  }
}

/** Where nobody knows how long blocks take, the end of the vote: nothing happens before it. */
function effectOf(when: When, votingEnd: Timestamp, pace: ChainPace): Timestamp {
  if (!pace || when.kind === 'at once') return votingEnd
  if (when.kind === 'after') return timestamp(votingEnd + Math.round(when.blocks * pace.blockMs))
  const at = pace.time + Math.round((when.block - pace.number) * pace.blockMs)
  return timestamp(Math.max(votingEnd, at))
}

function stateOf(
  status: string,
  {
    when,
    votingEnd,
    effectiveAt,
    pace,
  }: {
    readonly when: When
    readonly votingEnd: Timestamp | undefined
    readonly effectiveAt: Timestamp | undefined
    readonly pace: ChainPace
  },
): ChangeSight['state'] {
  if (status === 'PROPOSAL_STATUS_DEPOSIT_PERIOD' || status === 'PROPOSAL_STATUS_VOTING_PERIOD')
    return 'announced'
  if (status !== 'PROPOSAL_STATUS_PASSED') return 'dropped'
  switch (when.kind) {
    case 'at once':
      return 'done'
    case 'at':
      return pace && pace.number >= when.block ? 'done' : 'decided'
    case 'after': {
      if (!pace || effectiveAt === undefined || votingEnd === undefined) return 'decided'
      // How long blocks will take is a guess: only well after it the settings may be held against it.
      const sure = effectiveAt + (effectiveAt - votingEnd) / 10 + 60_000
      return pace.time >= sure ? 'done' : 'decided'
    }
  }
}

function typesOf(messages: readonly ProposedMessage[]): string {
  const types = new Set(messages.map(({ type }) => type.slice(type.lastIndexOf('.') + 1)))
  return [...types].join(', ').slice(0, 200) || 'without a title'
}
