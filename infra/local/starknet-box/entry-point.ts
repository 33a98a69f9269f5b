import { type Codec, readArguments } from './cairo-codec.ts'

/** One function of a contract: what its ABI says, and what it does with a state. */
export type EntryPoint<S, C, R> = {
  readonly name: string
  readonly inputs: readonly { readonly name: string; readonly type: string }[]
  readonly outputs: readonly string[]
  readonly kind: 'view' | 'external'
  /** Panics where the calldata or the state does not allow it. */
  readonly run: (state: S, call: C, calldata: readonly bigint[]) => R
}

/** Reads the arguments by their Cairo types, in the order of the inputs, before it runs. */
export function entryPoint<T extends Readonly<Record<string, unknown>>, S, C, R>({
  name,
  kind,
  inputs,
  outputs = [],
  run,
}: {
  readonly name: string
  readonly kind: 'view' | 'external'
  readonly inputs: { readonly [K in keyof T]: Codec<T[K]> }
  readonly outputs?: readonly string[]
  readonly run: (state: S, call: C, args: T) => R
}): EntryPoint<S, C, R> {
  return {
    name,
    kind,
    inputs: Object.entries<Codec<unknown>>(inputs).map(([input, { type }]) => ({
      name: snakeCase(input),
      type,
    })),
    outputs,
    run: (state, call, calldata) => run(state, call, readArguments(inputs, calldata)),
  }
}

/** As Cairo writes names. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
