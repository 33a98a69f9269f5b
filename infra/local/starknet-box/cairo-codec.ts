import { prime } from './felt.ts'
import { feltPanic, Panic } from './panic.ts'

/** How one Cairo type is read from calldata; `undefined` where the felts are none of it. */
export type Codec<T> = {
  /** As ABIs name it. */
  readonly type: string
  readonly read: (felts: FeltReader) => T | undefined
}

export type FeltReader = { readonly next: () => bigint | undefined; readonly left: () => number }

export function feltReader(felts: readonly bigint[]): FeltReader {
  let at = 0
  return {
    next: () => felts[at++],
    left: () => Math.max(0, felts.length - at),
  }
}

/** Reads the arguments of one entry point, with the panics that a compiled contract has for what does not fit. */
export function readArguments<T extends Readonly<Record<string, unknown>>>(
  inputs: { readonly [K in keyof T]: Codec<T[K]> },
  calldata: readonly bigint[],
): T {
  const felts = feltReader(calldata)
  const entries = Object.entries<Codec<unknown>>(inputs).map(([name, codec], at) => {
    const value = codec.read(felts)
    if (value === undefined) throw new Panic(feltPanic(`Failed to deserialize param #${at + 1}`))
    return [name, value] as const
  })
  if (felts.left() > 0) throw new Panic(feltPanic('Input too long for arguments'))
  return Object.fromEntries(entries) as T
}

export const felt252: Codec<bigint> = { type: 'core::felt252', read: ({ next }) => next() }

export function unsigned(bits: 8 | 16 | 32 | 64 | 128): Codec<bigint> {
  return { type: `core::integer::u${bits}`, read: ({ next }) => below(next(), 1n << BigInt(bits)) }
}

export const i64: Codec<bigint> = {
  type: 'core::integer::i64',
  read({ next }) {
    const value = next()
    if (value === undefined) return undefined
    const signed = value > prime / 2n ? value - prime : value
    return signed >= -(1n << 63n) && signed < 1n << 63n ? signed : undefined
  },
}

export const bool: Codec<boolean> = {
  type: 'core::bool',
  read({ next }) {
    const word = next()
    return word === undefined || word > 1n ? undefined : word === 1n
  },
}

export const address: Codec<bigint> = {
  type: 'core::starknet::contract_address::ContractAddress',
  read: ({ next }) => below(next(), 2n ** 251n - 256n),
}

/** Low half, then high half. */
export const u256: Codec<bigint> = {
  type: 'core::integer::u256',
  read({ next }) {
    const low = below(next(), 1n << 128n)
    const high = below(next(), 1n << 128n)
    return low === undefined || high === undefined ? undefined : (high << 128n) | low
  },
}

export function span<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    type: `core::array::Span::<${item.type}>`,
    read(felts) {
      const length = felts.next()
      if (length === undefined || length > felts.left()) return undefined
      const items: T[] = []
      for (let at = 0n; at < length; at += 1n) {
        const value = item.read(felts)
        if (value === undefined) return undefined
        items.push(value)
      }
      return items
    },
  }
}

/** Its members one after the other. */
export function structOf<T extends Readonly<Record<string, unknown>>>(
  type: string,
  members: { readonly [K in keyof T]: Codec<T[K]> },
): Codec<T> {
  return {
    type,
    read(felts) {
      const entries: [string, unknown][] = []
      for (const [name, codec] of Object.entries<Codec<unknown>>(members)) {
        const value = codec.read(felts)
        if (value === undefined) return undefined
        entries.push([name, value])
      }
      return Object.fromEntries(entries) as T
    },
  }
}

function below(value: bigint | undefined, limit: bigint): bigint | undefined {
  return value !== undefined && value < limit ? value : undefined
}
