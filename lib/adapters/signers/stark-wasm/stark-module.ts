import compiled from './stark.compiled.json' with { type: 'json' }

/** What the compiled module offers (stark.as.ts): work on numbers at fixed places of its memory. */
type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer }
  prepareGenerator(): void
  preparePedersen(): void
  prepareKey(slot: number): void
  startPedersen(count: number): void
  addOperands(count: number, operand: 0 | 1, bits: number): number
  finishPedersen(count: number): void
  publicKey(): void
  sign(count: number, attempt: number, bits: number): number
  verify(count: number): number
}

type Places = Readonly<
  Record<
    | 'BATCH'
    | 'SLOTS'
    | 'SECRET'
    | 'HASHES'
    | 'SIGNATURES'
    | 'VERDICTS'
    | 'KEYS'
    | 'POINTS'
    | 'SCALARS',
    { readonly value: number }
  >
>

/** What of WebAssembly is used here, which Node's types leave out. */
type Global = {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: Exports & Places }
  }
}

/** The module, and its memory as the host writes and reads it. */
export type StarkModule = {
  readonly run: Exports
  /** Byte addresses, and the most of a thing. */
  readonly at: Readonly<Record<keyof Places, number>>
  readonly bytes: Uint8Array
  /** 32 bytes, the least significant first. */
  readonly put: (at: number, value: bigint) => void
  readonly get: (at: number) => bigint
}

/** Bytes of a point in the module's own form, of a scalar, and of another number. */
export const pointSize = 72
export const scalarSize = 40
export const wordSize = 32

/** Starts it, with the generator's table made (2 to 5 ms). Throws where WebAssembly cannot run. */
export function openStarkModule(): StarkModule {
  const { WebAssembly: engine } = globalThis as Global
  if (!engine) throw new RangeError('there is none')
  const wasm = new engine.Module(Buffer.from(compiled.wasm, 'base64'))
  const { exports } = new engine.Instance(wasm)
  const { buffer } = exports.memory
  const words = new BigUint64Array(buffer)
  exports.prepareGenerator()
  return {
    run: exports,
    at: {
      BATCH: exports.BATCH.value,
      SLOTS: exports.SLOTS.value,
      SECRET: exports.SECRET.value,
      HASHES: exports.HASHES.value,
      SIGNATURES: exports.SIGNATURES.value,
      VERDICTS: exports.VERDICTS.value,
      KEYS: exports.KEYS.value,
      POINTS: exports.POINTS.value,
      SCALARS: exports.SCALARS.value,
    },
    bytes: new Uint8Array(buffer),
    put(at, value) {
      const word = at / 8
      words[word] = BigInt.asUintN(64, value)
      words[word + 1] = BigInt.asUintN(64, value >> 64n)
      words[word + 2] = BigInt.asUintN(64, value >> 128n)
      words[word + 3] = value >> 192n
    },
    get(at) {
      const [a = 0n, b = 0n, c = 0n, d = 0n] = words.subarray(at / 8, at / 8 + 4)
      return a | (b << 64n) | (c << 128n) | (d << 192n)
    },
  }
}

/** In groups of at most `most`. */
export function chunks<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / most)
  return Array.from({ length: count }, (_, at) => items.slice(at * most, (at + 1) * most))
}
