import type { Timestamp } from '../time.ts'

/** How carefully liquidations begin again after prices, the chain or we ourselves stood still. */
export type RampRules = {
  /** Nobody but accounts with less than nothing is liquidated before: people need time to add margin. */
  readonly graceSeconds: number
  /** How long each of the stages lasts. */
  readonly stageSeconds: number
}

/** In thousandths of the budgets. */
const stages = [125, 250, 500, 1_000] as const

/** From the beginning of the grace until all of the budgets may be used. */
export function rampSeconds({ graceSeconds, stageSeconds }: RampRules): number {
  return graceSeconds + (stages.length - 1) * stageSeconds
}

/** Of so many transactions as this the reverted ones are counted. */
export const revertWindow = 20

/** A greater share than a fifth says that what we see is not what the chain does. */
const mostRevertedOfFive = 1

/**
 * The share of the budgets that may be used, in thousandths: nothing in the grace, then an eighth, a quarter, a half, all.
 * Where more than a fifth of the newest transactions reverted it is an eighth at most, whatever the time.
 */
export function rampPermille(
  rules: RampRules,
  look: {
    /** Since when all has been well without a break; undefined where it never was otherwise. */
    readonly wellSince: Timestamp | undefined
    readonly now: Timestamp
    /** The newest transactions, at most {@link revertWindow} of them: whether each reverted. */
    readonly reverted: readonly boolean[]
  },
): number {
  const { wellSince, now, reverted } = look
  const bad = reverted.filter(Boolean).length
  const [first] = stages
  const most = bad * 5 > reverted.length * mostRevertedOfFive ? first : 1_000
  if (wellSince === undefined) return most
  const seconds = (now - wellSince) / 1_000 - rules.graceSeconds
  if (seconds < 0) return 0
  const stage = Math.min(stages.length - 1, Math.floor(seconds / rules.stageSeconds))
  return Math.min(most, stages[stage] ?? 1_000)
}
