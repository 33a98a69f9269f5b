import type { SlotRecord } from '../../ports.ts'
import type { Decision } from '../keeper.ts'
import { messageOf } from '../message-of.ts'
import { noteOf } from '../shadow/note-of.ts'
import { type Decider, type FoundDecider, viewOf } from './replay-slot.ts'

/** What another set makes of a slot's view, beside what its own set makes of it now. */
export type WouldHave =
  | { readonly kind: 'decided'; readonly note: ReturnType<typeof noteOf> }
  /** Nothing was seen in that slot. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'undecidable'; readonly why: string }

/** Both decide by the code of now, so that only the sets differ. */
export function wouldHave({ view }: SlotRecord, own: FoundDecider, other: FoundDecider): WouldHave {
  if (view === undefined) return { kind: 'unseen' }
  if (own.kind === 'none') return { kind: 'undecidable', why: own.why }
  if (other.kind === 'none') return { kind: 'undecidable', why: other.why }
  const seen = viewOf(own.decider, view)
  if (seen.kind === 'unreadable') return { kind: 'undecidable', why: seen.why }
  const note = noteOf(decisionOf(own.decider, seen.view), decisionOf(other.decider, seen.view))
  return { kind: 'decided', note }
}

/** A rule that fails is an outcome, too. */
function decisionOf({ decide }: Decider, view: unknown): Decision {
  try {
    return decide(view)
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'Error'
    return {
      actions: [],
      outcome: { kind: 'failed', reason, detail: messageOf(error) },
      recorded: {},
    }
  }
}
