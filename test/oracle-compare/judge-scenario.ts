import type { Answer, Rule } from './rule.ts'
import type { Right, Scenario, Variant } from './scenarios.ts'

/** How one rule does in one scenario, over all its variants. */
export type ScenarioVerdict = {
  readonly isRight: boolean
  /** Of the prices that it gave in judged rounds, the furthest from the truth; Infinity where no price was right. */
  readonly worstBps: number
  /** In no judged round of any variant does it give a price. */
  readonly isSilent: boolean
  /** Its last answer in the first variant that it got wrong, else in the first of all. */
  readonly shown: Answer
}

export function judgeScenario(rule: Rule, scenario: Scenario): ScenarioVerdict {
  const plays = scenario.variants.map((variant) => {
    const answers = lastAnswers(rule, variant, scenario.right.length)
    const judged = scenario.right.map((right, index) => judge(answers[index], right))
    return { answers, judged, isRight: judged.every(({ isRight }) => isRight) }
  })
  const shown = (plays.find(({ isRight }) => !isRight) ?? plays[0])?.answers.at(-1)
  if (!shown) throw new RangeError(`${scenario.name} has no rounds`)
  const answers = plays.flatMap((play) => play.answers)
  return {
    isRight: plays.every(({ isRight }) => isRight),
    worstBps: Math.max(...plays.flatMap(({ judged }) => judged.map(({ bps }) => bps))),
    isSilent: answers.every(({ kind }) => kind === 'none'),
    shown,
  }
}

/** What a rule says in the judged rounds. */
export function lastAnswers(
  rule: Rule,
  { setup, rounds }: Variant,
  count: number,
): readonly Answer[] {
  const next = rule.begin(setup)
  return rounds.map((round) => next(round)).slice(-count)
}

function judge(answer: Answer | undefined, { truth, maySayNothing }: Right) {
  if (!answer || answer.kind === 'none') return { isRight: maySayNothing, bps: 0 }
  const bps = truth ? outsideBps(answer.price, truth[0], truth[1]) : Infinity
  return { isRight: bps === 0, bps }
}

/** How far outside of a range, in bps of its nearer end. */
export function outsideBps(price: number, low: number, high: number): number {
  // A millionth of a basis point is the noise of floating point.
  const slack = 1e-10
  if (price >= low * (1 - slack) && price <= high * (1 + slack)) return 0
  return Math.max((low - price) / low, (price - high) / high) * 10_000
}
