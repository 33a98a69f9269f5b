import type { BatchKind } from './batch.ts'
import type { OpenKind } from './proving-rules.ts'

/** The states that a batch goes through from closed to final, where nothing is in its way. */
export const batchWay = [
  'planned',
  'preparing',
  'ready',
  'submitting',
  'proving',
  'proved-fact-pending',
  'fact-verified',
  'settling',
  'settled',
  'finalized',
] as const satisfies readonly BatchKind[]

/** What keeps a batch from going on. */
const asides = [
  'held-fee-cap',
  'held-l2-suspect',
  'needs-human',
] as const satisfies readonly OpenKind[]

/** Every state that must be left again. */
export const openKinds: readonly OpenKind[] = [
  ...batchWay.filter((kind) => kind !== 'finalized'),
  ...asides,
]
