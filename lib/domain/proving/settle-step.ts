import { timestamp } from '../time.ts'
import {
  type Advance,
  type At,
  type BatchEffect,
  enter,
  human,
  isStopped,
  late,
  stay,
  troubled,
  wait,
  waitFor,
} from './batch-moves.ts'
import type { BatchSight, SettleTrial } from './batch-sight.ts'
import type { Batch } from './batch.ts'
import { weak } from './prove-step.ts'
import type { ProvingRules } from './proving-rules.ts'
import { settleIntent } from './settle-intent.ts'

/** Proved. It is settled when all before it are, as cheaply as there is time for. */
export function verified(at: At): Advance {
  const { sight } = at
  const { settlement, place, stands, fact, trial } = sight
  if (isStopped(at) || sight.suspectSince !== undefined) return { batch: stay(at) }
  if (settlement.kind === 'trouble')
    return { batch: late(at, 'fact-verified') ?? troubled(at, 'settlement', settlement) }
  // What it waits for is another one's to do, and that one has a deadline.
  if (!sight.isNext || place === 'before') return { batch: waitForTurn(at) }
  if (place === 'foreign')
    return {
      batch: human(at, { why: 'foreign-state', reason: foreign(sight), back: 'fact-verified' }),
    }
  if (stands.kind === 'trouble')
    return { batch: late(at, 'fact-verified') ?? troubled(at, 'source', stands) }
  if (!fact) return { batch: wait(at) }
  if (fact.kind === 'trouble')
    return { batch: late(at, 'fact-verified') ?? troubled(at, 'registry', fact) }
  if (fact.value.kind === 'weak') return { batch: weak(at, fact.value.reason) }
  if (fact.value.kind === 'absent') {
    const note = 'the registry has its fact no more'
    return { batch: enter(at, { kind: 'proved-fact-pending' }, note) }
  }
  if (!trial) return { batch: wait(at) }
  if (trial.kind === 'trouble')
    return { batch: late(at, 'fact-verified') ?? troubled(at, 'settlement', trial) }
  return tried(at, trial.value)
}

/** Its turn brings it forward: until then there is nothing to look at. */
function waitForTurn(at: At): Batch {
  const pause = Math.ceil(at.rules.deadlineMs['fact-verified'] / 2)
  return { ...stay(at), nextActionAt: timestamp(at.sight.now + pause) }
}

function tried(at: At, trial: SettleTrial): Advance {
  if (trial.kind === 'ok') return affordable(at, trial.most)
  if (trial.kind === 'missing') {
    const needed = { where: 'registry', message: trial.what } as const
    return { batch: late(at, 'fact-verified') ?? waitFor(at, needed) }
  }
  const { reason } = trial
  if (trial.meaning === 'human')
    return { batch: human(at, { why: trial.why, reason, back: 'fact-verified' }) }
  const asked = { kind: 'trouble', message: `the contract would refuse it: ${reason}` } as const
  return { batch: late(at, 'fact-verified') ?? troubled(at, 'settlement', asked) }
}

function foreign({ settlement }: BatchSight): string {
  if (settlement.kind === 'trouble') return 'the contract stands elsewhere'
  const { number, hash, root } = settlement.value.latest
  const words = [hash && `hash ${hash}`, root && `root ${root}`].filter(Boolean).join(', ')
  return `the contract stands at ${number}${words && ` (${words})`}, where no batch of ours ends`
}

/** The cap holds until the contract's own deadline is near: what is lost with the batch is worth more. */
function affordable(at: At, most: bigint): Advance {
  const { batch } = at
  const cap = capNow(at)
  if (cap === undefined || most <= cap) return settle(at, cap)
  const state = { kind: 'held-fee-cap', most, cap } as const
  if (batch.state.kind !== 'held-fee-cap')
    return { batch: enter(at, state, `it would cost ${most}, the cap is ${cap}`) }
  return { batch: late(at, 'fact-verified') ?? { ...wait(at), state } }
}

function capNow({ batch, sight, rules }: At): bigint | undefined {
  const before = batch.input?.settleBefore
  if (before === undefined) return rules.feeCap
  const time = sight.settlement.kind === 'told' ? sight.settlement.value.time : sight.now
  return time >= before - rules.urgentMs ? undefined : rules.feeCap
}

function settle(at: At, cap: bigint | undefined): Advance {
  const { batch, rules } = at
  const attempt = batch.attempts.settle + 1
  if (attempt > rules.maxSettles + batch.attempts.granted.settle) {
    const reason = `it was sent ${rules.maxSettles} times, and none had an effect`
    return { batch: human(at, { why: 'bug', reason, back: 'fact-verified' }) }
  }
  const intent = settleIntent(batch.lane, batch.number, attempt)
  const entered = enter(at, { kind: 'settling' })
  const attempts = { ...entered.attempts, settle: attempt }
  return { batch: { ...entered, attempts, intent }, effect: sending(at, intent, cap) }
}

function sending(
  { sight, rules }: { readonly sight: BatchSight; readonly rules: ProvingRules },
  intent: string,
  cap: bigint | undefined,
): BatchEffect {
  const deadline = timestamp(sight.now + rules.settleLifeMs)
  return { kind: 'settle', intent, deadline, ...(cap !== undefined && { worth: cap }) }
}

/** Its transaction is its lane's to send; here only what became of it is asked. */
export function settling(at: At, intent: string): Advance {
  const { sight } = at
  const { intent: state, settlement } = sight
  // The process ended between this row and the intent's.
  if (state === undefined) return { batch: wait(at), effect: sending(at, intent, capNow(at)) }
  // Before it is sent again, it is asked what it would cost, and why it is refused.
  if (state.kind === 'failed')
    return { batch: enter(at, { kind: 'fact-verified' }, `${state.why}: ${state.reason}`) }
  const overdue = (): Batch | undefined => late(at, 'settling')
  if (settlement.kind === 'trouble')
    return { batch: overdue() ?? troubled(at, 'settlement', settlement) }
  if (state.kind === 'settled' && sight.place === 'foreign')
    return {
      batch: human(at, { why: 'foreign-state', reason: foreign(sight), back: 'fact-verified' }),
    }
  return { batch: overdue() ?? wait(at) }
}

/** The chain may still lose it. */
export function settled(at: At): Advance {
  const { settlement } = at.sight
  if (settlement.kind === 'trouble')
    return { batch: late(at, 'settled') ?? troubled(at, 'settlement', settlement) }
  return { batch: late(at, 'settled') ?? wait(at) }
}
