import { decode } from '../../domain/exact-text.ts'
import type { SlotRecord } from '../../ports.ts'
import { decisionText } from '../decision-text.ts'
import type { Decision } from '../keeper.ts'
import { messageOf } from '../message-of.ts'
import { failureText } from '../run-keeper.ts'
import { type Difference, firstDifferences } from './first-differences.ts'

/** What deciding again takes of a keeper. */
export type Decider = {
  readonly decide: (view: unknown) => Decision
  readonly restored: (kept: unknown) => unknown
}

/** A keeper under the set that a slot was decided with; or why there is none. */
export type FoundDecider =
  | { readonly kind: 'decider'; readonly decider: Decider }
  | { readonly kind: 'none'; readonly why: string }

/** What became of one decision that was made again. */
export type Again =
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] }
  | { readonly kind: 'undecidable'; readonly why: string }

/** What became of one slot: of its own decision, and of that which another set made beside it. */
export type ReplayedSlot = {
  readonly own: Again
  /** Absent where no other set decided beside it. */
  readonly shadow?: Again
}

/** So many places of each decision are told: where one number moves, many move with it. */
const mostDifferences = 5

/** A keeper of whatever view. */
type AnyKeeper = {
  decide(view: never): Decision
  restored?(kept: unknown): unknown
}

export function deciderOf(keeper: AnyKeeper): Decider {
  return {
    // What it kept is what it is given.
    decide: (view) => keeper.decide(view as never),
    restored: (kept) => keeper.restored?.(kept) ?? kept,
  }
}

/** Decides one slot again, and says where that comes out otherwise. */
export async function replaySlot(
  record: SlotRecord,
  deciderUnder: (parameters: string) => Promise<FoundDecider>,
): Promise<ReplayedSlot> {
  const { parameters, decided, shadow } = record
  const own = again(record, { decided, found: await deciderUnder(parameters) })
  if (!shadow) return { own }
  const found = await deciderUnder(shadow.parameters)
  return { own, shadow: again(record, { decided: shadow.decided, found }) }
}

function again(
  { view }: SlotRecord,
  { decided, found }: { readonly decided: string; readonly found: FoundDecider },
): Again {
  // Nothing was seen, so that there was nothing to decide.
  if (view === undefined) return { kind: 'same' }
  if (found.kind === 'none') return { kind: 'undecidable', why: found.why }
  const { decider } = found
  const seen = viewOf(decider, view)
  if (seen.kind === 'unreadable') return { kind: 'undecidable', why: seen.why }
  const now = textOf(decider, seen.view)
  if (now === decided) return { kind: 'same' }
  try {
    return { kind: 'differs', differences: firstDifferences(decided, now, mostDifferences) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { kind: 'undecidable', why: `its decision cannot be read: ${error.message}` }
  }
}

/** What was kept, as its keeper takes it. */
export function viewOf(
  decider: Decider,
  view: string,
):
  | { readonly kind: 'view'; readonly view: unknown }
  | { readonly kind: 'unreadable'; readonly why: string } {
  try {
    return { kind: 'view', view: decider.restored(decode(view)) }
  } catch (error) {
    return { kind: 'unreadable', why: `its view cannot be read: ${messageOf(error)}` }
  }
}

/** As it was kept: a rule that fails must fail the same way again. */
function textOf({ decide }: Decider, view: unknown): string {
  try {
    return decisionText(decide(view))
  } catch (error) {
    return failureText(error)
  }
}
