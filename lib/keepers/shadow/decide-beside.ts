import type { ShadowNote } from '../../domain/parameters/shadow-note.ts'
import type { Clock } from '../../ports.ts'
import { decisionText } from '../decision-text.ts'
import type { Decision, Keeper } from '../keeper.ts'
import { messageOf } from '../message-of.ts'
import { feedsIn, noteOf } from './note-of.ts'
import { whyApart } from './why-apart.ts'

/** Another set of parameters, which decides on the same views and does nothing. */
export type Shadow<View> = {
  readonly kind: 'candidate' | 'previous'
  readonly parameters: string
  readonly keeper: Keeper<View>
}

/** While the active set is on probation. */
export type Gate = {
  /** A price of the active set that is further than this from what the set before it makes of the same view is not told. */
  readonly mostBps: number
  /** The active set is to be taken back. */
  readonly tripped: (why: string) => Promise<void>
}

/** What two sets made of one view. */
export type Beside = {
  /** What the active set decided, whatever is done. */
  readonly own: Decision
  /** What is done: what the set before decided, where the active one is too far from it on probation. */
  readonly decision: Decision
  /** Why the active set is to be taken back; undefined where nothing speaks for that. */
  readonly tripped: string | undefined
  readonly note?: ShadowNote
  readonly shadow?: { readonly parameters: string; readonly decided: string }
}

/** Decides by both. Whatever is wrong with the shadow harms nothing. */
export function decidedBeside<View>(
  clock: Clock,
  keeper: Keeper<View>,
  view: View,
  { shadow, gate }: { readonly shadow?: Shadow<View>; readonly gate?: Gate },
): Beside {
  const began = clock.now()
  const own = keeper.decide(view)
  if (!shadow) return { own, decision: own, tripped: undefined }
  const between = clock.now()
  const other = tried(shadow.keeper, view)
  const times = { ownMs: between - began, shadowMs: clock.now() - between }
  const { kind, parameters } = shadow
  if (other.kind === 'failed') {
    const note = { kind, parameters, ...times, failed: other.message }
    return { own, decision: own, tripped: undefined, note }
  }
  const { decision: its } = other
  const feeds = feedsIn(its)
  const isGated = gate !== undefined && kind === 'previous' && feeds !== undefined
  const apart = isGated ? whyApart(own, { ...its, feeds }, gate.mostBps) : undefined
  return {
    own,
    decision: apart ? its : own,
    tripped: apart?.trips === true ? apart.why : undefined,
    note: {
      kind,
      parameters,
      ...times,
      ...noteOf(own, its),
      ...(apart && { withheld: apart.why }),
    },
    shadow: { parameters, decided: decisionText(its) },
  }
}

function tried<View>(
  keeper: Keeper<View>,
  view: View,
):
  | { readonly kind: 'decided'; readonly decision: Decision }
  | { readonly kind: 'failed'; readonly message: string } {
  try {
    return { kind: 'decided', decision: keeper.decide(view) }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}
