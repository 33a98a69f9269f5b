import { timestamp } from '../../../lib/domain/time.ts'
import type { InterestView } from '../../../lib/keepers/apply-interests.ts'
import type { BooksView } from '../../../lib/keepers/books/keep-books.ts'
import type { DeleverageView } from '../../../lib/keepers/deleverage.ts'
import type { GovernView } from '../../../lib/keepers/govern/govern.ts'
import type { IndexView } from '../../../lib/keepers/index-positions/index-positions.ts'
import type { Decision } from '../../../lib/keepers/keeper.ts'
import type { LiquidateView } from '../../../lib/keepers/liquidate.ts'
import type { PackView } from '../../../lib/keepers/pack-history.ts'
import type { BatchesView } from '../../../lib/keepers/prove/prove-batches.ts'
import type { PublishView } from '../../../lib/keepers/publish-prices.ts'
import type { PushView } from '../../../lib/keepers/push-prices.ts'
import type { SettleView } from '../../../lib/keepers/settle-funding.ts'
import type { ExchangeTimeView } from '../../../lib/keepers/update-exchange-time.ts'
import type { TellView } from '../../../lib/keepers/watch/tell-uptime.ts'
import type { SystemView } from '../../../lib/keepers/watch/watch-systems.ts'
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
  mutant(
    'deleverage',
    'after a stall funding need not be settled first',
    (view: DeleverageView) => ({
      ...view,
      funding: view.prices,
    }),
  ),
  mutant('settle-funding', 'a chain that may be wrong is told funding', (view: SettleView) => {
    const { doubt: _, ...trusting } = view
    return trusting
  }),
  mutant(
    'apply-interests',
    'an exchange that is paused is told interest',
    (view: InterestView) => ({
      ...view,
      look: { ...view.look, paused: false },
    }),
  ),
  mutant(
    'update-exchange-time',
    'an exchange whose chain stands still is told the time',
    (view: ExchangeTimeView) => ({
      ...view,
      look: { ...view.look, block: { ...view.look.block, time: view.now } },
    }),
  ),
  mutant('keep-books', 'what happened is not booked', (view: BooksView) =>
    view.read.kind === 'read' ? { ...view, read: { ...view.read, events: [] } } : view,
  ),
  mutant('watch-systems', 'what was not seen is not told', (view: SystemView) => ({
    ...view,
    sight: { ...view.sight, unseen: [] },
  })),
  mutant('tell-uptime', 'a word of whatever time is told', (view: TellView) => ({
    ...view,
    ...(view.word && { word: { ...view.word, at: view.now } }),
  })),
  mutant('govern', 'parameters may change around a change on a chain', (view: GovernView) => ({
    ...view,
    changes: [],
  })),
  mutant('pack-history', 'an hour is packed five minutes sooner', (view: PackView) => ({
    ...view,
    now: timestamp(view.now + 5 * 60_000),
  })),
  mutant('index-positions', 'that blocks were taken back is not told', (view: IndexView) =>
    view.kind === 'followed'
      ? { ...view, followed: { ...view.followed, wentBackTo: undefined } }
      : view,
  ),
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
