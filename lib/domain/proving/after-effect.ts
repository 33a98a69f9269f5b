import { enter, human, type Moment, troubled } from './batch-moves.ts'
import type { Asked } from './batch-sight.ts'
import type { Batch, ProofInput } from './batch.ts'
import { another } from './prove-step.ts'

/** What came of making ready what is to be proved. */
export type Prepared =
  | { readonly kind: 'input'; readonly input: ProofInput }
  /** The program was not run yet. */
  | { readonly kind: 'absent' }
  /** It contradicts the batch. */
  | { readonly kind: 'wrong'; readonly reason: string }
  | Extract<Asked<unknown>, { readonly kind: 'trouble' }>

/** Undefined where the row went on meanwhile. */
export function afterPrepare(at: Moment, answer: Prepared): Batch | undefined {
  if (!isIn(at.batch, 'preparing')) return undefined
  switch (answer.kind) {
    case 'input':
      return { ...enter(at, { kind: 'ready' }), input: answer.input }
    case 'absent':
      return troubled(at, 'source', {
        kind: 'trouble',
        message: 'its program run is not there yet',
      })
    case 'wrong':
      return human(at, { why: 'bad-input', reason: answer.reason, back: 'planned' })
    case 'trouble':
      return troubled(at, 'source', answer)
  }
}

/** What came of giving it to a prover. */
export type Submitted =
  | { readonly kind: 'taken'; readonly id: string }
  /** The prover will not take it, in its words. */
  | { readonly kind: 'refused'; readonly reason: string }
  | Extract<Asked<unknown>, { readonly kind: 'trouble' }>

/** Undefined where the row went on meanwhile. A lost answer is found by the key. */
export function afterSubmit(at: Moment, answer: Submitted): Batch | undefined {
  const { batch } = at
  const { proving } = batch
  if (!isIn(batch, 'submitting') || !proving) return undefined
  switch (answer.kind) {
    case 'taken':
      return { ...enter(at, { kind: 'proving' }), proving: { ...proving, id: answer.id } }
    case 'refused':
      return another(at, proving, answer.reason)
    case 'trouble':
      return troubled(at, 'prover', answer)
  }
}

function isIn({ state }: Batch, kind: 'preparing' | 'submitting'): boolean {
  return state.kind === kind || (state.kind === 'needs-human' && state.back === kind)
}
