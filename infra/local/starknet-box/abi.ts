import type { Codec } from './cairo-codec.ts'
import type { EntryPoint } from './entry-point.ts'
import { type Hex, hex } from './felt.ts'
import { selectorOf } from './selectors.ts'

export type AbiEntry = Readonly<Record<string, unknown>>

/** What `starknet_getClass` answers. */
export type ContractClass = {
  readonly sierra_program: readonly Hex[]
  readonly contract_class_version: string
  readonly entry_points_by_type: Readonly<Record<string, readonly object[]>>
  readonly abi: string
}

type Listed = Pick<EntryPoint<never, never, unknown>, 'name' | 'inputs' | 'outputs' | 'kind'>

/** A class as nodes show it: all of its ABI, and a program of no instructions, since what it does is written in TypeScript. */
export function contractClass(
  entryPoints: readonly Listed[],
  types: readonly AbiEntry[],
): ContractClass {
  const selectors = entryPoints.map(({ name }) => selectorOf(name))
  const sorted = selectors.toSorted((a, b) => (a < b ? -1 : 1))
  return {
    // The version of Sierra and of the compiler that a class of this ABI would have, and nothing after it.
    sierra_program: ['0x1', '0x6', '0x0', '0x2', '0x8', '0x2'],
    contract_class_version: '0.1.0',
    entry_points_by_type: {
      CONSTRUCTOR: [],
      EXTERNAL: sorted.map((selector, at) => ({ selector: hex(selector), function_idx: at })),
      L1_HANDLER: [],
    },
    abi: JSON.stringify([...types, ...entryPoints.map(functionEntry)]),
  }
}

function functionEntry({ name, inputs, outputs, kind }: Listed): AbiEntry {
  return {
    type: 'function',
    name,
    inputs,
    outputs: outputs.map((type) => ({ type })),
    state_mutability: kind,
  }
}

export function struct(
  name: string,
  members: Readonly<Record<string, string | Codec<unknown>>>,
): AbiEntry {
  return {
    type: 'struct',
    name,
    members: Object.entries(members).map(([member, type]) => ({
      name: member,
      type: typeof type === 'string' ? type : type.type,
    })),
  }
}

/** Every `Span` in an ABI is a struct of its own. */
export function spanStruct(item: string): AbiEntry {
  return struct(`core::array::Span::<${item}>`, { snapshot: `@core::array::Array::<${item}>` })
}

export function enumEntry(name: string, variants: Readonly<Record<string, string>>): AbiEntry {
  const listed = Object.entries(variants).map(([variant, type]) => ({ name: variant, type }))
  return { type: 'enum', name, variants: listed }
}

export const boolEnum = enumEntry('core::bool', { False: '()', True: '()' })

export function eventStruct(
  name: string,
  members: Readonly<Record<string, readonly ['key' | 'data', string]>>,
): AbiEntry {
  const listed = Object.entries(members).map(([member, [kind, type]]) => ({
    name: member,
    type,
    kind,
  }))
  return { type: 'event', name, kind: 'struct', members: listed }
}
