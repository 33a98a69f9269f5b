/** What a venue trades: a pair, spot or as a linear perpetual. */
export type Instrument = {
  /** Upper case, the field's common code: `BTC`, never a venue's own (`XBT`). */
  readonly base: string
  readonly quote: string
  readonly kind: 'spot' | 'perpetual'
}

/** The canonical name: `BTC-USDT` for spot, `BTC-USDT-PERP` for a perpetual. */
export function instrumentName({ base, quote, kind }: Instrument): string {
  return kind === 'spot' ? `${base}-${quote}` : `${base}-${quote}-PERP`
}

/** Reads a canonical instrument name from outside the system. */
export function parseInstrument(name: string): Instrument {
  const [base, quote, suffix, ...rest] = name.split('-')
  const known = suffix === undefined || suffix === 'PERP'
  if (!base || !quote || !known || rest.length > 0 || !/^[A-Z0-9-]+$/.test(name))
    throw new InvalidInstrumentError(name)
  return { base, quote, kind: suffix ? 'perpetual' : 'spot' }
}

/** The name is not `BASE-QUOTE` or `BASE-QUOTE-PERP`. */
export class InvalidInstrumentError extends Error {
  override readonly name = 'InvalidInstrumentError'

  constructor(name: string) {
    super(
      `"${name}" is not an instrument; expected BASE-QUOTE or BASE-QUOTE-PERP, such as BTC-USDT-PERP`,
    )
  }
}
