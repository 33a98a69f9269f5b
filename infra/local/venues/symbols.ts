import { html } from './pages.ts'
import type { BookEntry, SimulatedAnswer } from './venue-simulator.ts'

/** The entry a venue calls `symbol`. */
export function entryOf(
  entries: readonly BookEntry[],
  nameOf: (entry: BookEntry) => string | undefined,
  symbol: string | null | undefined,
): BookEntry | undefined {
  if (!symbol) return undefined
  return entries.find((entry) => nameOf(entry) === symbol)
}

/** `BTCUSDT`: what most venues write. */
export function joined({ instrument: { base, quote } }: BookEntry): string {
  return `${base}${quote}`
}

/** What a web server in front of an API says to a path that nobody handles. */
export function notFound(): SimulatedAnswer {
  return { status: 404, body: html('404 Not Found'), contentType: 'text/html' }
}
