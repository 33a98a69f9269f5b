import { FeeCapError } from '../../domain/fee.ts'
import type { Intent } from '../../domain/intent.ts'
import { knownMeanwhile } from '../../domain/known-meanwhile.ts'
import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import {
  concernsAll,
  isOutOfTurn,
  type LeftOut,
  only,
  partName,
  without,
} from '../../domain/left-out.ts'
import type { Simulation } from '../../domain/transaction.ts'
import { messageOf } from '../message-of.ts'
import { encoded } from './calls.ts'
import { giveBack, holdEngine } from './engine-lease.ts'
import { engineOf, type LaneWorld } from './lane-world.ts'
import { type Passing, passing } from './passing.ts'
import { allowance, signAttempt } from './sign-attempt.ts'
import { withoutRefused } from './without-refused.ts'

export type Prepared =
  | {
      readonly kind: 'prepared'
      readonly transaction: LaneTransaction
      readonly left: readonly LeftOut[]
    }
  /** Not worth another try. */
  | {
      readonly kind: 'refused'
      readonly why: 'refused' | 'superseded'
      readonly reason: string
      readonly left: readonly LeftOut[]
    }
  /** Not yet: another lane has the engine, or it costs more than it may at its age, or than what is out leaves. */
  | { readonly kind: 'held' }
  | { readonly kind: 'no-funds'; readonly need: bigint }

/** The next work at a nonce, signed: as much of it as the engine would take. */
export async function prepareWork(
  world: LaneWorld,
  { lane, intent, nonce }: { readonly lane: Lane; readonly intent: Intent; readonly nonce: number },
): Promise<Prepared> {
  const right = await holdEngine(world, intent.action.engine)
  if (right.kind === 'taken') return { kind: 'held' }
  const lease = right.kind === 'held' ? right.lease : undefined
  const prepared = await signedWork(world, { lane, intent, nonce, lease })
  if (prepared.kind !== 'prepared') await giveBack(world, lease)
  return prepared
}

type Wish = {
  readonly lane: Lane
  readonly intent: Intent
  readonly nonce: number
  readonly lease: LaneTransaction['lease']
}

/**
 * Whoever else sends to the exchange may have told it as new a price since the work was decided. What it knows is read in
 * one block with its own nonce: should it be told anything between that block and this work, the nonce is another one and
 * the work has no effect.
 */
async function signedWork(world: LaneWorld, wish: Wish): Promise<Prepared> {
  const { lane, intent, nonce, lease } = wish
  const state = await engineOf(world, intent.action).state()
  const sequence = state.sequence?.toString()
  const known = knownMeanwhile(intent.action, state)
  const action = without(intent.action, known)
  if (action.updates.length === 0) return { ...overtaken, left: known }
  const [found, balance] = await Promise.all([
    tried(world, { ...wish, action }, sequence),
    world.chain.balance(world.account),
  ])
  if (found.left.some(({ reason }) => isOutOfTurn(reason))) return { kind: 'held' }
  const left = [
    ...known,
    ...found.left.map(({ part, why, reason }) => ({ ...namedPart(part), why, reason })),
  ]
  if (found.kind === 'none') {
    const reason = found.left[0]?.reason ?? 'it is empty'
    return {
      kind: 'refused',
      why: 'refused',
      reason: `it would be reverted: ${reason}`,
      left: concernsAll(reason) ? [] : left,
    }
  }
  const { fee } = found.simulation
  const most = world.chain.mostOf(fee)
  const allowed = allowance(world, [intent], left)
  if (allowed && most > allowed.ever)
    return { kind: 'refused', why: 'refused', reason: tooDear(world, most, allowed.ever), left }
  if (allowed && most > allowed.now) return { kind: 'held' }
  const owed = owedIn(world, lane)
  if (balance < owed + most)
    // What is out already may be paid: it is not to stand still for want of more.
    return owed > 0n ? { kind: 'held' } : { kind: 'no-funds', need: most }
  const calls = encoded(world, [intent], { sequence, left })
  const attempt = await signAttempt(world, { calls, nonce, fee }, allowed?.now)
  if (attempt instanceof FeeCapError)
    return { kind: 'refused', why: 'refused', reason: attempt.message, left }
  const transaction: LaneTransaction = {
    nonce,
    sequence,
    intents: [intent.id],
    ...(left.length > 0 && { left }),
    ...(lease && { lease }),
    deadline: intent.deadline,
    attempts: [attempt],
    state: 'prepared',
    block: undefined,
    outcome: undefined,
    seenAt: undefined,
    lostSince: undefined,
  }
  return { kind: 'prepared', transaction, left }
}

/** What the transactions that are in no block yet may cost. */
function owedIn({ chain }: LaneWorld, { inFlight }: Lane): bigint {
  const newest = inFlight.flatMap(({ state, attempts }) =>
    state === 'included' ? [] : (attempts.at(-1) ?? []),
  )
  return newest.reduce((sum, { fee }) => sum + chain.mostOf(fee), 0n)
}

/** How what is left out is known. */
function namedPart(
  part: Intent['action']['updates'][number],
): Pick<LeftOut, 'market' | 'account' | 'counterparty'> {
  const { market } = part
  if (!('account' in part)) return { market }
  const { account } = part
  return 'counterparty' in part
    ? { market, account, counterparty: part.counterparty }
    : { market, account }
}

const overtaken = {
  kind: 'refused',
  why: 'superseded',
  reason: 'the exchange has been told as much meanwhile',
} as const

function tooDear({ chain }: LaneWorld, most: bigint, worth: bigint): string {
  return new FeeCapError(chain.name, most, worth).message
}

async function tried(
  world: LaneWorld,
  { lane, action }: Pick<Wish, 'lane'> & Pick<Intent, 'action'>,
  sequence: string | undefined,
): Promise<Passing<Part>> {
  const suspects = (lane.refused ?? []).filter(({ engine }) => engine === action.engine)
  const isWhole = action.kind === 'settle-funding' && action.whole === true
  const some = (parts: readonly Part[]) => only(action, (part) => parts.includes(part))
  const simulate = async (parts: readonly Part[]) => simulated(world, some(parts), sequence)
  const found = await passing<Part>(action.updates, {
    simulate,
    isSuspect: (part) => suspects.some((one) => partName(one) === partName(part)),
    concernsAll: (reason) => isWhole || concernsAll(reason) || isOutOfTurn(reason),
  })
  return withoutRefused(found, {
    simulate,
    refused: (parts, returned) => engineOf(world, action).refused?.(some(parts), returned),
  })
}

type Part = Intent['action']['updates'][number]

/** What cannot even be written down as a call is as good as refused: it must not keep the others from theirs. */
async function simulated(
  world: LaneWorld,
  action: Intent['action'],
  sequence: string | undefined,
): Promise<Simulation> {
  const calls = written(world, action, sequence)
  if (typeof calls === 'string') return { kind: 'reverted', reason: calls }
  return world.chain.simulate(world.account, calls)
}

function written(world: LaneWorld, action: Intent['action'], sequence: string | undefined) {
  try {
    return encoded(world, [{ action }], { sequence })
  } catch (error) {
    return messageOf(error)
  }
}
