import { FeeCapError } from '../../domain/fee.ts'
import { gap } from '../../domain/lane-follow.ts'
import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import { callsForNothing } from './calls.ts'
import type { LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { signAttempt } from './sign-attempt.ts'

/**
 * The lane with transactions that do nothing at nonces that nobody uses, where the chain went back behind them; undefined
 * where there is no gap. To sign other work there could let it take effect twice.
 */
export async function fillGap(
  world: LaneWorld,
  lane: Lane,
  { nonce, sight }: LaneLook,
): Promise<Lane | undefined> {
  const [free] = gap(lane, nonce, sight)
  if (free === undefined || sight.stalled) return undefined
  const none = { intents: [], sequence: undefined }
  const calls = callsForNothing(world, [])
  const simulation = await world.chain.simulate(world.account, calls)
  if (simulation.kind === 'reverted') return undefined
  const attempt = await signAttempt(world, { calls, nonce: free, fee: simulation.fee })
  if (attempt instanceof FeeCapError) return undefined
  const filler: LaneTransaction = {
    ...none,
    nonce: free,
    attempts: [{ ...attempt, nothing: true }],
    state: 'prepared',
    block: undefined,
    outcome: undefined,
    seenAt: undefined,
    lostSince: undefined,
  }
  const inFlight = [...lane.inFlight, filler].toSorted((one, other) => one.nonce - other.nonce)
  return { ...lane, inFlight }
}
