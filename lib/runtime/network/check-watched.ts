import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import type { Network } from './schema.ts'

/**
 * Marks are held against prices of ours, or of three other exchanges: where there are none, nothing would ever be told.
 */
export function checkWatched({ watched, watch, markets, legs }: Network): readonly Finding[] {
  const exchangesOf = (market: string) =>
    new Set(
      Object.values(watched).flatMap((system) =>
        system.kind === 'exchange-marks' && Object.hasOwn(system.markets, market)
          ? [system.exchange]
          : [],
      ),
    ).size
  return Object.entries(watched).flatMap(([name, system]) =>
    system.kind === 'exchange-marks'
      ? Object.keys(system.markets).flatMap((market) =>
          entry(markets, market) || entry(legs, market) || exchangesOf(market) > watch.othersFewest
            ? []
            : [
                {
                  path: ['watched', name, 'markets', market],
                  text: `expected a market or a leg of this file, or ${watch.othersFewest} other exchanges under \`watched\` with the same market`,
                },
              ],
        )
      : [],
  )
}
