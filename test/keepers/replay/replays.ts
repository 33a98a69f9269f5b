import { decode } from '../../../lib/domain/exact-text.ts'
import { decisionText } from '../../../lib/keepers/decision-text.ts'
import type { Decision, Keeper } from '../../../lib/keepers/keeper.ts'
import { firstDifferences } from '../../../lib/keepers/replay/first-differences.ts'
import { failureText, viewText } from '../../../lib/keepers/run-keeper.ts'

/** The same keeper, which throws where what it keeps of a view is not decided as the view itself: whatever it decides in a test. */
export function replays<View>(keeper: Keeper<View>): Keeper<View> {
  return {
    ...keeper,
    decide(view) {
      const text = viewText(keeper, view)
      const decided = tried(() => keeper.decide(view))
      const kept = decode(text)
      const again = tried(() => keeper.decide(keeper.restored?.(kept) ?? (kept as View)))
      const [was, is] = [textOf(decided), textOf(again)]
      if (was !== is)
        throw new OtherwiseError(keeper.job, JSON.stringify(firstDifferences(was, is, 3)))
      if ('error' in decided) throw decided.error
      return decided.decision
    },
  }
}

/** What a rule alone makes of a view, which it must make of the view as text, too. */
export function decidedTwice<View>(view: View, decide: (view: View) => Decision): Decision {
  return replays<View>({
    job: 'a rule',
    settings: {},
    observe: async () => view,
    decide,
    recorded: () => undefined,
  }).decide(view)
}

type Tried = { readonly decision: Decision } | { readonly error: unknown }

function tried(decide: () => Decision): Tried {
  try {
    return { decision: decide() }
  } catch (error) {
    return { error }
  }
}

function textOf(one: Tried): string {
  return 'error' in one ? failureText(one.error) : decisionText(one.decision)
}

/** A view as it was kept is decided otherwise. */
class OtherwiseError extends Error {
  override readonly name = 'OtherwiseError'

  constructor(job: string, differences: string) {
    super(`${job} does not replay: ${differences}`)
  }
}
