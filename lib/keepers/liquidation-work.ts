import { carried, type Intent } from '../domain/intent.ts'
import type { Attempt } from '../domain/liquidation/resting.ts'
import { isUrgent } from '../domain/urgent.ts'

/** What is in a block has had its effect already, by what the newest block shows. */
function isOnItsWay({ state }: Intent): boolean {
  return state.kind === 'waiting' || state.kind === 'claimed'
}

/** Whom our work on an exchange is about that is not in a block yet. */
export type AccountsUnderWay = {
  /** Signed, or as good as that. */
  readonly inFlight: readonly string[]
  /** They only wait, and may do so for long: work on an account with less than nothing would not wait with them. */
  readonly waiting: readonly string[]
}

/** Of all that is open in the lanes that liquidate and deleverage. */
export function accountsUnderWay(open: readonly Intent[], engine: string): AccountsUnderWay {
  const ours = open.filter((intent) => intent.action.engine === engine && isOnItsWay(intent))
  const [soon, later] = [true, false].map((isSoon) =>
    ours.filter(({ action, state }) => (state.kind === 'claimed' || isUrgent(action)) === isSoon),
  )
  return {
    inFlight: [...new Set((soon ?? []).flatMap(accountsIn))],
    waiting: [...new Set((later ?? []).flatMap(accountsIn))],
  }
}

function accountsIn(intent: Intent): readonly string[] {
  const action = carried(intent)
  return action.kind === 'liquidate' || action.kind === 'deleverage'
    ? action.updates.map(({ account }) => account)
    : []
}

/** What was tried, whatever came of it. */
export function attemptsIn(intent: Intent): readonly Attempt[] {
  const { state, createdAt } = intent
  const action = carried(intent)
  const isDone = state.kind === 'included' || state.kind === 'settled' || state.kind === 'failed'
  if (action.kind !== 'liquidate' || !isDone) return []
  if (state.kind === 'failed' && state.why !== 'reverted') return []
  return action.updates.map(({ account, size }) => ({ account, size, at: createdAt }))
}

/** Whether a transaction that is in a block reverted there. */
export function revertedIn({ action, state }: Intent): readonly boolean[] {
  if (action.kind !== 'liquidate') return []
  switch (state.kind) {
    case 'included':
      return [state.reverted !== undefined]
    case 'settled':
      return [false]
    case 'failed':
      return state.why === 'reverted' ? [true] : []
    case 'waiting':
    case 'claimed':
      return []
  }
}
