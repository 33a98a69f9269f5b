import { fingerprint } from '../fingerprint.ts'

/**
 * The fingerprints of the quotes of this value and of the one before it. Sources are remembered by them, in texts that nothing
 * makes smaller; but whoever has the quotes can make them again. What they are made of is a part of the format.
 */
export type QuotePrints = {
  /** Of every object, once all of it is known. */
  see(value: Readonly<Record<string, unknown>>): void
  /** Whose print that is, if it is any quote's. */
  nameOf(text: string): string | undefined
  /** The print of that name; undefined where nothing of that name was seen. */
  printOf(name: string): string | undefined
  /** A new value begins. */
  turn(): void
}

export function quotePrints(): QuotePrints {
  let before = new Map<string, string>()
  let now = new Map<string, string>()
  let names = new Map<string, string>()

  const printOf = (name: string): string | undefined =>
    name.startsWith(older) ? before.get(name.slice(1)) : now.get(name)

  return {
    see(value) {
      const { venue, instrument } = value
      if (typeof venue !== 'string' || typeof instrument !== 'string') return
      if (!('bid' in value || 'ask' in value || 'last' in value)) return
      const name = `${venue} ${instrument}`
      const sides = [value['bid'], value['ask'], value['last']].map((side) => decimalIn(side))
      const print = fingerprint(sides.join(' '))
      now.set(name, print)
      names.set(print, name)
    },

    nameOf(text) {
      const name = text.length > mostDigits ? undefined : names.get(text)
      // A second quote of that name may have come since.
      return name !== undefined && printOf(name) === text ? name : undefined
    },

    printOf,

    turn() {
      before = now
      now = new Map()
      names = new Map([...before].map(([name, print]) => [print, `${older}${name}`]))
    },
  }
}

/** 32 bits in base 36. */
const mostDigits = 7

/** Before the name of a quote of the value before. */
const older = '-'

/** As an exact text has it; what is not there leaves a dash. */
function decimalIn(side: unknown): string {
  if (typeof side !== 'object' || side === null || !('$decimal' in side)) return '-'
  return String(side.$decimal)
}
