import { underParameters } from '../../runtime/parameters/parameters-of.ts'
import { AskedError, type Change, type Tried } from './asked.ts'
import { isWorldPath, withWorld, worldSettings } from './world-settings.ts'

/** A bar is as old as it is long, or twice where one is late; what is unchanged for ten of them may be frozen. */
export function barChanges(
  barMs: number,
  { network, markets }: { readonly network: Tried['network']; readonly markets: readonly string[] },
): readonly Change[] {
  const seconds = barMs / 1_000
  const { most } = worldSettings.everySeconds
  if (barMs % 1_000 !== 0 || seconds > most)
    throw new AskedError(`--bars: bars are whole seconds long, ${most} at most`)
  const legs = Object.keys(network.legs)
  const feeds = [...markets.map((name) => `markets.${name}`), ...legs.map((name) => `legs.${name}`)]
  const { maxPriceAgeSeconds } = worldSettings
  const lasts = Math.min(maxPriceAgeSeconds.most, 2 * seconds)
  return [
    { path: 'backtest.everySeconds', text: String(seconds) },
    ...(lasts > Number(maxPriceAgeSeconds.usual)
      ? [{ path: 'backtest.maxPriceAgeSeconds', text: String(lasts) }]
      : []),
    ...feeds.flatMap((feed) => [
      { path: `${feed}.aggregation.maxQuoteAgeMs`, text: String(2 * barMs) },
      { path: `${feed}.aggregation.maxTradeAgeMs`, text: String(2 * barMs) },
      { path: `${feed}.aggregation.frozenAfterMs`, text: String(10 * barMs) },
    ]),
  ]
}

/** Bounds are for exchanges that live: bars of an hour are as old as that whatever anybody wants. */
export function playingBars({ network, world }: Tried, bars: readonly Change[]): Tried {
  const values = bars.flatMap(({ path, text }) =>
    isWorldPath(path) ? [] : [[path, Number(text)] as const],
  )
  return {
    network: underParameters(network, Object.fromEntries(values)),
    world: bars
      .filter(({ path }) => isWorldPath(path))
      .reduce((before, { path, text }) => withWorld(before, path, text), world),
  }
}
