import { hex, shortString } from './felt.ts'

/** What a contract panicked with, and how nodes print it. */
export type PanicData = {
  readonly felts: readonly bigint[]
  /** As it stands at the end of a revert reason, without the full stop. */
  readonly readable: string
}

/** Panics with a short string, as Cairo's `assert(…, 'TEXT')`. */
export function assertFelt(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Panic(feltPanic(text))
}

/** Panics with a byte array, as Cairo's `assert!(…, "TEXT")`. */
export function assertBytes(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Panic(bytesPanic(text))
}

export function feltPanic(text: string): PanicData {
  const value = shortString(text)
  return { felts: [value], readable: `${hex(value)} ('${text}')` }
}

/** Marks a panic that carries a byte array (Cairo corelib, byte_array.cairo). */
const byteArrayMagic = 0x46a6158a16a947e5916b2a2ca68501a45e93d7110e81aa2d6438b1c57c879a3n
const wordBytes = 31

export function bytesPanic(text: string): PanicData {
  const whole = Math.floor(text.length / wordBytes)
  const words = Array.from({ length: whole }, (_, at) =>
    shortString(text.slice(at * wordBytes, (at + 1) * wordBytes)),
  )
  const rest = text.slice(whole * wordBytes)
  return {
    felts: [byteArrayMagic, BigInt(whole), ...words, shortString(rest), BigInt(rest.length)],
    readable: `"${text}"`,
  }
}

/** A contract panicked: what it changed is undone, and its caller panics too. */
export class Panic extends Error {
  override readonly name = 'Panic'
  readonly data: PanicData

  constructor(data: PanicData) {
    super(data.readable)
    this.data = data
  }
}
