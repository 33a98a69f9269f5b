import { FeeCapError } from '../../domain/fee.ts'
import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import { UndeployableAccountError } from './account-deployments.ts'
import { simulateWork } from './calls.ts'
import { dropOverdue } from './claim-next.ts'
import { withFunds, withoutFunds } from './funds.ts'
import type { LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { signAttempt } from './sign-attempt.ts'

/**
 * The lane with the deployment of its account in it, signed and not yet sent, where there is no account yet; without it
 * where somebody else's came first; undefined where there is nothing to change.
 *
 * Nothing else can use its nonce: there is no account to make calls that do nothing. So it is never too late and never
 * cancelled, only replaced for a higher fee, and what was signed behind it before a reorganisation waits.
 */
export async function deployAccount(
  world: LaneWorld,
  lane: Lane,
  look: LaneLook,
): Promise<Lane | undefined> {
  const { chain, account } = world
  const own = lane.inFlight.find(({ deploys, state }) => deploys && state !== 'included')
  if (look.nonce.latest > 0) return own && isOvertaken(own, look) ? without(lane, own) : undefined
  if (!chain.deployments) return undefined
  if (!(await chain.deployments.isDue(account)))
    // With nothing sent yet, so it deployed not itself: its first nonce is still free.
    return own && isNowhere(own, look) ? without(lane, own) : undefined
  const isTaken = look.nonce.pending > 0 || lane.inFlight.some(({ nonce }) => nonce === 0)
  return isTaken || look.sight.stalled ? undefined : await prepared(world, lane)
}

/** For a node that has not got the blocks yet that another one has. */
function isOvertaken({ lostSince }: LaneTransaction, { sight }: LaneLook): boolean {
  return lostSince !== undefined && sight.now - lostSince >= sight.policy.resendAfterMs
}

function isNowhere({ attempts }: LaneTransaction, { sight }: LaneLook): boolean {
  return attempts.every(({ hash }) => sight.statuses.get(hash)?.kind === 'unknown')
}

/** Whoever deployed the account, it is what this was to do. */
function without(lane: Lane, own: LaneTransaction): Lane {
  const inFlight = lane.inFlight.filter((one) => one !== own)
  const isLast = lane.nextNonce === own.nonce + 1
  return { ...lane, inFlight, ...(isLast && { nextNonce: own.nonce }) }
}

async function prepared(world: LaneWorld, lane: Lane): Promise<Lane> {
  const { chain, account } = world
  const [simulation, balance] = await Promise.all([
    simulateWork(world, 'deployment'),
    chain.balance(account),
  ])
  if (simulation.kind === 'reverted')
    return await refusedDeployment(world, lane, `its constructor says ${simulation.reason}`)
  const { fee } = simulation
  const most = chain.mostOf(fee)
  if (balance < most) return withoutFunds(world, lane, most)
  const attempt = await signAttempt(world, { calls: 'deployment', nonce: 0, fee })
  if (attempt instanceof FeeCapError) return await refusedDeployment(world, lane, attempt.message)
  const deployment: LaneTransaction = {
    nonce: 0,
    sequence: undefined,
    intents: [],
    deploys: true,
    attempts: [attempt],
    state: 'prepared',
    block: undefined,
    outcome: undefined,
    seenAt: undefined,
    lostSince: undefined,
  }
  return {
    ...withFunds(lane),
    nextNonce: Math.max(lane.nextNonce ?? 0, 1),
    inFlight: [deployment, ...lane.inFlight],
  }
}

/** Throws: people must hear of it. Work that waits still comes too late or is overtaken, and that is stored first. */
export async function refusedDeployment(
  world: LaneWorld,
  lane: Lane,
  reason: string,
): Promise<Lane> {
  const overdue = await dropOverdue(world, lane)
  if (overdue) return overdue
  throw new UndeployableAccountError(world.account, reason)
}
