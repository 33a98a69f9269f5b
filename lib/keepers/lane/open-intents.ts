import { type Intent, isFinal } from '../../domain/intent.ts'
import type { DroppedWork, Lane } from '../../domain/lane.ts'
import type { LeftOut } from '../../domain/left-out.ts'
import { isUrgent } from '../../domain/urgent.ts'
import type { LaneWorld } from './lane-world.ts'
import { claimedState, moveIntent } from './move-intents.ts'

/** What may be sent now, what is urgent first, then the oldest; and what is too late or overtaken. */
export async function openIntents(
  world: LaneWorld,
  lane: Lane,
): Promise<{ readonly waiting: readonly Intent[]; readonly overdue: readonly DroppedWork[] }> {
  const { intents } = world.store
  const now = world.clock.now()
  const listed = await intents.open(world.id)
  const read = await Promise.all(listed.map(async ({ id }) => intents.get(id)))
  const open = read.flatMap((intent) => (intent && !isFinal(intent.state) ? [intent] : []))
  const waiting: Intent[] = []
  const overdue: DroppedWork[] = []
  for (const intent of open) {
    const isUnproven = lane.unproven?.some(({ intents: all }) => all.includes(intent.id))
    if (isUnproven) continue
    const ours = lane.inFlight.find((transaction) => transaction.intents.includes(intent.id))
    if (ours) {
      // The process ended between the lane's write and the intent's.
      const state = intent.state.kind === 'waiting' ? claimedState(ours) : undefined
      if (state) await moveIntent(world, intent.id, state)
      continue
    }
    const newer = open.find((other) => overtakes(other, intent))
    if (intent.deadline <= now)
      overdue.push(drop(intent, { why: 'expired', reason: whyLate(lane) }))
    else if (newer)
      overdue.push(drop(intent, { why: 'superseded', reason: `${newer.id} is newer` }))
    else waiting.push(intent)
  }
  return { waiting: waiting.toSorted(urgentFirst), overdue }
}

function urgentFirst({ action: one }: Intent, { action: other }: Intent): number {
  return Number(isUrgent(other)) - Number(isUrgent(one))
}

function whyLate({ noFunds }: Lane): string {
  return noFunds ? 'the account could not pay for it in time' : 'it could not be sent in time'
}

/**
 * A newer round of the same engine's prices, or funding: it holds whatever is still due of the older one. Work on accounts is
 * decided beside what waits, on others: each is sent, and its fee may rise with its age. Batches are settled one after another.
 */
function overtakes({ action: one }: Intent, { action: other }: Intent): boolean {
  if (one.kind === 'liquidate' || one.kind === 'deleverage' || one.kind === 'settle-batch')
    return false
  return one.kind === other.kind && one.engine === other.engine && one.round > other.round
}

export function drop(
  { id }: Intent,
  { why, reason, left }: Pick<DroppedWork['state'], 'why' | 'reason'> & { readonly left?: Left },
): DroppedWork {
  const without = left && left.length > 1 ? { left } : {}
  return { intent: id, state: { kind: 'failed', why, reason, hash: undefined, ...without } }
}

type Left = readonly LeftOut[]
