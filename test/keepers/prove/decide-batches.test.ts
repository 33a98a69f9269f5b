import { describe, expect, test } from 'vitest'

import type { ProvingLane } from '../../../lib/domain/proving/batch.ts'
import type { ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import { decideBatches } from '../../../lib/keepers/prove/decide-batches.ts'
import type { LaneSight } from '../../../lib/keepers/prove/look-at-lane.ts'
import { aBatch, aProvingLane, at } from '../../adapters/store/samples.ts'

const rules = { deadlineMs: { planned: 60_000 } } as ProvingRules

const tipOf = (number: number) => ({ number, content: aBatch(number).content })

/** Of a lane with seven batches, of which two are settled, all is as it was. */
function aSight(change: Partial<LaneSight> = {}): LaneSight {
  return {
    now: at(9_000),
    lane: aProvingLane({ newest: 7, settled: 2, finalized: 1, tip: tipOf(7) }),
    closed: { kind: 'told', value: [] },
    settlement: { kind: 'trouble', message: 'no node answers' },
    stranded: { kind: 'told', value: undefined },
    fork: { kind: 'told', value: undefined },
    orphans: [],
    front: [],
    looks: [],
    ...change,
  }
}

function nextLane(change: Partial<LaneSight>): ProvingLane | undefined {
  return decideBatches(aSight(change), rules, 1).next
}

describe('the lane’s row', () => {
  test('stays as it is where nothing is new', () => {
    expect(nextLane({})).toBeUndefined()
    expect(nextLane({ fork: { kind: 'trouble', message: 'no node answers' } })).toBeUndefined()
  })

  test('goes back to before a fork, and says in the same write which batches lost their blocks', () => {
    const fork = { kind: 'told', value: 5 } as const
    expect(nextLane({ fork, beforeFork: aBatch(4) })).toMatchObject({
      tip: tipOf(4),
      lost: { after: 4, to: 7, at: at(9_000) },
    })
    const all = nextLane({ fork: { kind: 'told', value: 2 } })
    expect(all).toMatchObject({ lost: { after: 1, to: 7, at: at(9_000) } })
    expect(all?.tip).toBeUndefined()
  })

  test('says since when its contract stands on a block that the chain lacks, until it has it or a batch stands', () => {
    const on = { number: 9, hash: '0x9' } as const
    const begun = aProvingLane({ version: 0 })
    const stranded = { kind: 'told', value: on } as const
    const first = nextLane({ lane: begun, stranded })
    expect(first).toMatchObject({ version: 1, stranded: { on, since: at(9_000) } })
    const lane = first ?? begun
    expect(nextLane({ lane, now: at(10_000), stranded })).toBeUndefined()
    expect(nextLane({ lane, stranded: { kind: 'trouble', message: 'timeout' } })).toBeUndefined()
    const other = { kind: 'told', value: { number: 9, hash: '0x8' } } as const
    expect(nextLane({ lane, now: at(11_000), stranded: other })).toMatchObject({
      stranded: { on: other.value, since: at(11_000) },
    })
    const over = nextLane({ lane })
    expect([over?.version, over?.stranded]).toEqual([2, undefined])
  })

  test('says of lost blocks as it did, whatever else is new, until a batch after them is final', () => {
    const lost = { after: 4, to: 7, at: at(1) }
    const lane = aProvingLane({ newest: 8, settled: 7, finalized: 7, tip: tipOf(8), lost })
    const settled = { ...aBatch(8), state: { kind: 'settled' } } as const
    expect(nextLane({ lane, front: [settled] })).toMatchObject({ settled: 8, lost })
    const final = { ...aBatch(8), state: { kind: 'finalized' } } as const
    const next = nextLane({ lane, front: [final] })
    expect([next?.finalized, next?.lost]).toEqual([8, undefined])
  })
})
