import { encode, type KnownTexts, NotStorableError } from '../../domain/exact-text.ts'
import { type Once, sharedOnce } from '../../domain/once.ts'
import type { ShadowNote } from '../../domain/parameters/shadow-note.ts'
import type { Clock } from '../../ports.ts'
import { decisionText } from '../decision-text.ts'
import type { Decision, Keeper } from '../keeper.ts'
import { messageOf } from '../message-of.ts'
import { feedsIn, noteOf } from './note-of.ts'
import { type Apart, whyApart, withoutReports } from './why-apart.ts'

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
  /**
   * What is done. On probation, what the set before decided where the active one is too far from it; and without the markets of which
   * the set before has no price, since nobody can say that they are right.
   */
  readonly decision: Decision
  /** Why the active set is to be taken back; undefined where nothing speaks for that. */
  readonly tripped: string | undefined
  /** What is kept of both. A candidate decides only when this is asked for: what is done need not wait for it. */
  readonly written: () => Written
}

export type Written = {
  /** What the active set decided, as exact text. */
  readonly decided: string
  readonly note?: ShadowNote
  readonly shadow?: { readonly parameters: string; readonly decided: string }
}

/**
 * Decides by both. Whatever is wrong with the shadow harms nothing. What both do alike is done once: where nothing that the job goes by
 * differs, that is all of it.
 */
export function decidedBeside<View>(
  clock: Clock,
  keeper: Keeper<View>,
  view: View,
  { shadow, gate }: { readonly shadow?: Shadow<View>; readonly gate?: Gate },
): Beside {
  const isAlike = shadow && goAlike(keeper, shadow.keeper)
  const once = shadow && !isAlike ? sharedOnce() : undefined
  const began = clock.now()
  const own = keeper.decide(view, once)
  const ownMs = clock.now() - began
  const alone = { own, decision: own, tripped: undefined }
  if (!shadow) return { ...alone, written: () => ({ decided: decisionText(own) }) }
  const decided = (): Tried =>
    isAlike
      ? { kind: 'decided', decision: own, ms: 0 }
      : tried(clock, shadow.keeper, { view, once })
  if (shadow.kind === 'candidate')
    return { ...alone, written: () => writtenOf({ own, ownMs, shadow, other: decided() }) }
  const other = decided()
  const feeds = other.kind === 'decided' ? feedsIn(other.decision) : undefined
  const apart =
    gate && other.kind === 'decided' && feeds
      ? whyApart(own, { ...other.decision, feeds }, gate.mostBps)
      : undefined
  return {
    own,
    decision: apart ? insteadOf(own, other, apart) : own,
    tripped: apart?.trips === true ? apart.why : undefined,
    written: () => writtenOf({ own, ownMs, shadow, other, apart }),
  }
}

function insteadOf(own: Decision, other: Tried, apart: Apart): Decision {
  if (!apart.trips) return withoutReports(own, apart)
  return other.kind === 'decided' ? other.decision : own
}

function writtenOf({
  own,
  ownMs,
  shadow: { kind, parameters },
  other,
  apart,
}: {
  readonly own: Decision
  readonly ownMs: number
  readonly shadow: Pick<Shadow<never>, 'kind' | 'parameters'>
  readonly other: Tried
  readonly apart?: Apart | undefined
}): Written {
  const known: KnownTexts = new WeakMap()
  const decided = decisionText(own, known)
  const head = { kind, parameters, ownMs, shadowMs: other.ms }
  if (other.kind === 'failed') return { decided, note: { ...head, failed: other.message } }
  const its = other.decision === own ? decided : decisionText(other.decision, known)
  return {
    decided,
    note: {
      ...head,
      ...noteOf(own, other.decision, its === decided),
      ...(apart && { withheld: apart.why }),
    },
    shadow: { parameters, decided: its },
  }
}

type Tried = { readonly ms: number } & (
  | { readonly kind: 'decided'; readonly decision: Decision }
  | { readonly kind: 'failed'; readonly message: string }
)

/** Whether two keepers of one job decide the same, whatever they see. */
function goAlike<View>(one: Keeper<View>, other: Keeper<View>): boolean {
  if (one === other) return true
  try {
    return settingsText(one) === settingsText(other)
  } catch (error) {
    // Nothing is known of what has no text: both decide, and the live decision waits for no shadow.
    if (error instanceof NotStorableError) return false
    throw error
  }
}

/** Keepers never change, and decide in every slot. */
const texts = new WeakMap<object, string>()

function settingsText(keeper: Pick<Keeper<never>, 'settings'>): string {
  const before = texts.get(keeper)
  if (before !== undefined) return before
  const text = encode(keeper.settings)
  texts.set(keeper, text)
  return text
}

function tried<View>(
  clock: Clock,
  keeper: Keeper<View>,
  { view, once }: { readonly view: View; readonly once: Once | undefined },
): Tried {
  const began = clock.now()
  try {
    const decision = keeper.decide(view, once)
    return { kind: 'decided', decision, ms: clock.now() - began }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error), ms: clock.now() - began }
  }
}
