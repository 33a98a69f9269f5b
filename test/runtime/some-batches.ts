import type { BatchView, ProvingLaneView } from '../../lib/runtime/view/batches-view.ts'
import { aView } from './a-view.ts'

const { at } = aView()

const minute = 60_000
const hour = 60 * minute

/** A batch as the page has it, a quarter of an hour into six hours with a prover. */
export function aBatchView(number: number, change: Partial<BatchView> = {}): BatchView {
  return {
    number,
    name: `blocks ${number * 100 + 1}-${number * 100 + 100}`,
    size: 1_234,
    closedAt: at - hour,
    state: 'proving',
    since: at - 15 * minute,
    step: 4,
    deadline: { at: at + 345 * minute, ofMs: 6 * hour },
    settleBefore: undefined,
    prover: { name: 'atlantic', stage: 'PROOF_GENERATION' },
    fact: `0x${'fac7'.repeat(16)}`,
    transaction: undefined,
    waitsFor: undefined,
    hold: undefined,
    trouble: undefined,
    ...change,
  }
}

/** A lane with those batches on the way. */
export function aLaneView(
  onTheWay: readonly BatchView[],
  change: Partial<ProvingLaneView> = {},
): ProvingLaneView {
  return {
    lane: 'appchain',
    reach: { newest: 12, settled: 3, finalized: 2 },
    hold: undefined,
    suspect: undefined,
    stranded: undefined,
    unsettledSince: at - hour,
    onTheWay,
    more: 0,
    ended: [],
    ...change,
  }
}
