import { ungoverned } from '../../domain/parameters/governance.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'
import type { GovernedSeen } from './watch-view.ts'

/** More steps than are done in an hour. */
const lookedSteps = 20

/** What guards took back lately, and whether the active set is here what it says. */
export async function governedSeen(
  { governance }: Pick<Store, 'governance'>,
  now: Timestamp,
  differsHere: ((at: Timestamp) => Promise<string | undefined>) | undefined,
): Promise<GovernedSeen> {
  const stands = (await governance.read()) ?? ungoverned
  // Of a network that nobody governs nothing more is read.
  if (stands.version === 0) return { takenBack: [] }
  const [events, difference] = await Promise.all([
    governance.events(lookedSteps),
    differsHere?.(now),
  ])
  const since = stands.activeSince ?? timestamp(0)
  return {
    takenBack: events.filter(({ kind, by }) => kind === 'roll-back' && by === 'guard'),
    ...(difference !== undefined && { apart: { difference, since } }),
  }
}
