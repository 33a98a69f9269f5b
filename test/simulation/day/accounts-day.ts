import { timestamp } from '../../../lib/domain/time.ts'
import type { Decision, Keeper } from '../../../lib/keepers/keeper.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import { begin } from '../../keepers/liquidation-world.ts'
import { mixed } from '../plan.ts'
import { accountKeepers, type AccountWork, type Fault, secondsThrough } from '../recovery-world.ts'
import { slotSeconds } from './day-plan.ts'
import { type DayBook, followed } from './followed.ts'

const hourSeconds = 3_600

/** Something stands still about three times an hour. */
const faultEverySeconds = 1_200

/** So many slots are kept until they are decided again. */
const partSlots = 180

/** Liquidations and deleverages of one exchange, each slot, while prices, funding, the chain or the process stand still. */
export async function accountsDay(
  book: DayBook,
  asked: { readonly seed: number; readonly hours: number; readonly onHour: (hour: number) => void },
): Promise<{ readonly faults: Readonly<Record<string, number>> }> {
  const { hours, onHour } = asked
  let now = begin
  const clock = { now: () => now, sleep: async () => undefined }
  const following = followed(book, clock, keeperAgain)
  const faults = faultsOf(asked)
  const known = new WeakMap<object, Keeper<never>>()
  let next = partSlots

  const work: AccountWork = async (keeper, slot, { store }) => {
    if (slot.slot >= next) {
      now = timestamp(begin + next * slotSeconds * 1_000)
      await following.replay()
      onHour((next * slotSeconds) / hourSeconds)
      next += partSlots
    }
    now = slot.slotAt
    const followedKeeper: typeof keeper = known.get(keeper) ?? following.keeper(keeper)
    known.set(keeper, followedKeeper as Keeper<never>)
    let decision: Decision | undefined
    await runKeeper(
      {
        clock,
        store: { ticks: store.ticks, history: following.history },
        worker: 'w',
        notify,
        maxLateMs: 60_000,
        perform: async () => undefined,
        code: async () => 'day',
      },
      {
        ...followedKeeper,
        decide(view) {
          decision = followedKeeper.decide(view)
          return decision
        },
      },
      slot,
      { parameters: 'day' },
    )
    return decision
  }
  await secondsThrough(faults, hours * hourSeconds, { work, everySeconds: slotSeconds })
  now = timestamp(begin + hours * hourSeconds * 1_000)
  await following.replay()
  const kinds = Map.groupBy(faults, ({ of }) => of)
  return { faults: Object.fromEntries([...kinds].map(([of, all]) => [of, all.length])) }
}

function faultsOf({ seed, hours }: { readonly seed: number; readonly hours: number }): Fault[] {
  const dice = seeded(mixed(seed, 6))
  const of = ['prices', 'one-market', 'chain', 'funding', 'process'] as const
  const many = Math.ceil((hours * hourSeconds) / faultEverySeconds)
  return Array.from({ length: many }, (_, at): Fault => {
    const from = at * faultEverySeconds + 60 + dice.below(faultEverySeconds / 2)
    return { of: of[dice.below(of.length)] ?? 'prices', from, to: from + 5 + dice.below(120) }
  })
}

/** With nothing to ask: what decides must be in the view. */
function keeperAgain({ keeper }: { readonly keeper: string }): Keeper<never> {
  const nothing = undefined as never
  const both = accountKeepers(slotSeconds, {
    clock: nothing,
    store: nothing,
    books: nothing,
    scan: nothing,
    engines: nothing,
    laneOf: nothing,
  })
  return (keeper === 'liquidate' ? both.liquidate : both.deleverage) as Keeper<never>
}

/** Nobody listens. */
function notify(): void {}
