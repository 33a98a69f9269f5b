import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { CorePosition, CoreState } from './core-state.ts'
import { felt } from './felt.ts'
import { selectorOf } from './selectors.ts'

/** What of a position no view shows, by the member's name (positions.cairo). */
const members = ['last_interest_applied_time', 'owner_public_key'] as const
type Member = (typeof members)[number]

/** By where a position keeps one of its members: the same in every core. */
const slots = new Map<bigint, { readonly id: string; readonly member: Member }>()
const known = new Set<string>()

/** What is shown in no view: who owns a position; in generation D interest's sum, and until when each position has had its own. Nothing else is kept in slots here. */
export function coreStorageAt({ generation, positions, interest }: CoreState, key: bigint): bigint {
  const isNewest = generation === 'D'
  if (isNewest && key === selectorOf('interest_divergence')) return felt(interest.divergence)
  learn(Object.keys(positions).filter((id) => !known.has(id)))
  const slot = slots.get(key)
  const position = slot && positions[slot.id]
  return position ? memberOf(position, slot.member, isNewest) : 0n
}

function memberOf(position: CorePosition, member: Member, isNewest: boolean): bigint {
  switch (member) {
    case 'last_interest_applied_time':
      return isNewest ? position.lastInterest : 0n
    case 'owner_public_key':
      return position.ownerPublicKey
  }
}

/** positions.cairo: `positions` is a map, and each of these a member of what is in it. */
function learn(ids: readonly string[]): void {
  const map = selectorOf('positions')
  const entries = starkCurve.pedersen(ids.map((id) => ({ first: map, second: BigInt(id) })))
  for (const member of members) {
    const second = selectorOf(member)
    const found = starkCurve.pedersen(entries.map((first) => ({ first, second })))
    for (const [at, slot] of found.entries())
      slots.set(slot % (2n ** 251n - 256n), { id: ids[at] ?? '', member })
  }
  for (const id of ids) known.add(id)
}
