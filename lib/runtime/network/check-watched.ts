import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import type { Network } from './schema.ts'

/** Marks are held against prices of ours: where there are none, nothing would ever be told. */
export function checkWatched({ watched, markets, legs }: Network): readonly Finding[] {
  return Object.entries(watched).flatMap(([name, system]) =>
    system.kind === 'exchange-marks'
      ? Object.keys(system.markets).flatMap((market) =>
          entry(markets, market) || entry(legs, market)
            ? []
            : [
                {
                  path: ['watched', name, 'markets', market],
                  text: 'expected a market or a leg of this file',
                },
              ],
        )
      : [],
  )
}
