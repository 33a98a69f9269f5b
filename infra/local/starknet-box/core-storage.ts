import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { CoreState } from './core-state.ts'
import { felt } from './felt.ts'
import { selectorOf } from './selectors.ts'

/** By where a position keeps the time of its interest, the position's number: the same in every core. */
const clockSlots = new Map<bigint, string>()
const known = new Set<string>()

/** What generation D shows in no view: interest's sum, and until when each position has had its own. Nothing else is kept in slots here. */
export function coreStorageAt({ generation, positions, interest }: CoreState, key: bigint): bigint {
  if (generation !== 'D') return 0n
  if (key === selectorOf('interest_divergence')) return felt(interest.divergence)
  learn(Object.keys(positions).filter((id) => !known.has(id)))
  const position = positions[clockSlots.get(key) ?? '']
  return position?.lastInterest ?? 0n
}

/** positions.cairo: `positions` is a map, `last_interest_applied_time` a member of what is in it. */
function learn(ids: readonly string[]): void {
  const [map, member] = [selectorOf('positions'), selectorOf('last_interest_applied_time')]
  const entries = starkCurve.pedersen(ids.map((id) => ({ first: map, second: BigInt(id) })))
  const slots = starkCurve.pedersen(entries.map((entry) => ({ first: entry, second: member })))
  for (const [at, slot] of slots.entries()) {
    const id = ids[at] ?? ''
    clockSlots.set(slot % (2n ** 251n - 256n), id)
    known.add(id)
  }
}
