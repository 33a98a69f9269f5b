import { timestamp } from '../../../lib/domain/time.ts'
import type { Decision } from '../../../lib/keepers/keeper.ts'
import type { LiquidateView } from '../../../lib/keepers/liquidate.ts'
import type { BatchesView } from '../../../lib/keepers/prove/prove-batches.ts'
import type { PublishView } from '../../../lib/keepers/publish-prices.ts'
import type { PushView } from '../../../lib/keepers/push-prices.ts'
import type { WatchView } from '../../../lib/keepers/watch/watch-view.ts'

/** A rule that is changed on purpose: what was decided by it comes out otherwise, and nothing else. */
export type RuleMutant = {
  readonly name: string
  readonly job: string
  readonly change: (decide: (view: never) => Decision) => (view: never) => Decision
}

export const ruleMutants: readonly RuleMutant[] = [
  mutant('publish-prices', 'a market that its venue has suspended counts', (view: PublishView) => ({
    ...view,
    quotes: view.quotes.map((quote) => ({ ...quote, suspended: false })),
  })),
  mutant(
    'push-prices',
    'an exchange whose chain stands still is told prices',
    (view: PushView) => ({
      ...view,
      state: { ...view.state, block: { ...view.state.block, time: view.now } },
    }),
  ),
  mutant('push-prices', 'what is on its way is told again', (view: PushView) => ({
    ...view,
    inFlight: {},
  })),
  mutant('watch-liveness', 'a chain may stand still for ten seconds more', (view: WatchView) => ({
    ...view,
    chains: Object.fromEntries(
      Object.entries(view.chains).map(([name, chain]) => [
        name,
        chain.kind === 'seen'
          ? { ...chain, value: { ...chain.value, time: timestamp(chain.value.time + 10_000) } }
          : chain,
      ]),
    ),
  })),
  mutant('liquidate', 'after a stall funding need not be settled first', (view: LiquidateView) => ({
    ...view,
    funding: view.prices,
  })),
  mutant('prove-batches', 'a batch that somebody holds goes on', (view: BatchesView) =>
    view.kind === 'busy'
      ? view
      : {
          ...view,
          sight: {
            ...view.sight,
            looks: view.sight.looks.map((look) => {
              const { hold: _, ...batch } = look.batch
              return { ...look, batch }
            }),
          },
        },
  ),
]

/** The rule as if it saw something else: `see` takes the view of that job. */
function mutant(job: string, name: string, see: (view: never) => unknown): RuleMutant {
  return { name, job, change: (decide) => (view) => decide(see(view) as never) }
}
