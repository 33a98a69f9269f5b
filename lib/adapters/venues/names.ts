import { type Instrument, instrumentName } from '../../domain/instrument.ts'
import type { VenueRequest } from '../../ports.ts'

/** `BTCUSDT`: what most venues write. */
export function joined({ base, quote }: Instrument): string {
  return `${base}${quote}`
}

export function dashed({ base, quote }: Instrument): string {
  return `${base}-${quote}`
}

export function underscored({ base, quote }: Instrument): string {
  return `${base}_${quote}`
}

export function isSpot({ kind }: Instrument): boolean {
  return kind === 'spot'
}

export function isPerpetual({ kind }: Instrument): boolean {
  return kind === 'perpetual'
}

/** One request for all of `instruments`; none where there are none. */
export function together(
  instruments: readonly Instrument[],
  pathOf: (instruments: readonly Instrument[]) => string,
): readonly VenueRequest[] {
  return instruments.length === 0 ? [] : [get(pathOf(instruments), instruments)]
}

/** One request for each. */
export function oneByOne(
  instruments: readonly Instrument[],
  pathOf: (instrument: Instrument) => string,
): readonly VenueRequest[] {
  return instruments.map((instrument) => get(pathOf(instrument), [instrument]))
}

function get(path: string, instruments: readonly Instrument[]): VenueRequest {
  return { method: 'GET', path, body: undefined, instruments }
}

/** The instruments of a request as a failure names them. */
export function named({ instruments }: VenueRequest): string {
  return instruments.map(instrumentName).join(', ')
}
