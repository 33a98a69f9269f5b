import { hash } from 'starknet'

const known = new Map<string, bigint>()

/** The selector of an entry point or an event: starknet_keccak of its name. */
export function selectorOf(name: string): bigint {
  const found = known.get(name) ?? BigInt(hash.getSelectorFromName(name))
  known.set(name, found)
  return found
}
