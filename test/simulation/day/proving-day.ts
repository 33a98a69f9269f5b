import { timestamp } from '../../../lib/domain/time.ts'
import type { Keeper } from '../../../lib/keepers/keeper.ts'
import { performBatches } from '../../../lib/keepers/prove/perform-batches.ts'
import { proveBatches } from '../../../lib/keepers/prove/prove-batches.ts'
import type { ProveWorld } from '../../../lib/keepers/prove/prove-world.ts'
import { type KeeperRun, runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import type { Process, Simulation } from '../calls.ts'
import { mixed } from '../plan.ts'
import { eventKinds, type ProvingPlan, provingPlanOf } from '../proving/plan.ts'
import { actByHand, begin, provingLane, truthsOf } from '../proving/simulate.ts'
import { type ProvingTruths, send, worldOf } from '../proving/worker.ts'
import { start } from '../rounds.ts'
import { seenStore } from '../seen-store.ts'
import { virtualTime } from '../virtual-time.ts'
import { dayPlan, hourMs, slotSeconds } from './day-plan.ts'
import { type DayBook, type Followed, followed } from './followed.ts'

const slotMs = slotSeconds * 1_000
const closeEveryMs = 120_000
const eventEveryMs = 12 * 60_000
/** Somebody looks after what waits for people. */
const byHandEveryMs = 10 * 60_000
const parts = 4

/** Batches on their way to proof and settlement, with provers that fail and lie, reorganisations on both sides, and holds. */
export async function provingDay(
  book: DayBook,
  asked: { readonly seed: number; readonly hours: number; readonly onHour: (hour: number) => void },
): Promise<{
  readonly happened: Readonly<Record<string, number>>
  readonly batches: Readonly<Record<string, number>>
  readonly violation: { readonly rule: string; readonly what: string } | undefined
}> {
  const { seed, hours, onHour } = asked
  const plan = planOf(seed, hours)
  const time = virtualTime(start)
  const happened: Record<string, number> = {}
  const sim: Simulation = {
    plan: plan.calls,
    time,
    troubled: true,
    out: new Set(),
    frozen: 0,
    pushes: 0,
    happens(id) {
      const kind = /: ([a-z0-9-]+)( [\d.]+)?$/.exec(id)?.[1] ?? id
      happened[kind] = (happened[kind] ?? 0) + 1
      return true
    },
    trace: undefined,
  }
  const clock = { now: () => timestamp(time.now()), sleep: async () => undefined }
  const plain = truthsOf({ plan, sim, mutant: undefined })
  const following = followed(book, clock, () => again(plain))
  const truths = { ...plain, store: { ...plain.store, history: following.history } }
  begin(truths, plan, (of, process, number) =>
    aDayWorker(following, { truths: of, process, number }),
  )
  const hand = (): true => {
    void actByHand(truths)
    time.after(byHandEveryMs, hand)
    return true
  }
  time.after(byHandEveryMs, hand)
  for (let part = 1; part <= hours * parts; part += 1) {
    await time.run(() => time.now() >= start + (part * hourMs) / parts)
    await following.replay()
    onHour(part / parts)
  }
  const states = Map.groupBy(truths.watch.rows(), ({ state }) => state.kind)
  return {
    happened,
    batches: Object.fromEntries([...states].map(([kind, all]) => [kind, all.length])),
    violation: truths.watch.violation(),
  }
}

function planOf(seed: number, hours: number): ProvingPlan {
  const dice = seeded(mixed(seed, 8))
  const whole = provingPlanOf(seed)
  return {
    ...whole,
    calls: { ...dayPlan(seed, hours), events: [] },
    batches: (hours * hourMs) / closeEveryMs,
    blocksEach: 2,
    closeEveryMs,
    slotMs,
    workers: 2,
    blockMs: 12_000,
    finalityBlocks: 5,
    provers: [30_000, 60_000].map((proveMs) => ({
      proveMs,
      registerMs: 20_000,
      outcomes: {
        failed: 40,
        rejected: 10,
        never: 15,
        mocked: 10,
        wrong: 10,
        weak: 20,
        unregistered: 10,
        unknown: 20,
        forgotten: 15,
      },
    })),
    feeCap: undefined,
    spike: undefined,
    settleWithinMs: undefined,
    troubledMs: hours * hourMs,
    events: Array.from({ length: Math.floor((hours * hourMs) / eventEveryMs) }, (_, at) => ({
      id: `event ${at}`,
      at: at * eventEveryMs + dice.below(eventEveryMs),
      kind: eventKinds[dice.below(eventKinds.length)] ?? 'l1-stall',
      size: dice.below(1_000) / 1_000,
    })),
  }
}

function aDayWorker(
  following: Followed,
  {
    truths,
    process,
    number,
  }: { readonly truths: ProvingTruths; readonly process: Process; readonly number: number },
): void {
  const { sim, plan, lane } = truths
  const dice = seeded(mixed(plan.calls.seed, 9_000 + number))
  const world = worldOf(truths, process, dice)
  const { clock } = world
  // As the process reaches it.
  const store = seenStore(process, truths.store, {
    name: 'table',
    lists: new Map(),
    held: new Map(),
  })
  const keeper = following.keeper(proveBatches(world))
  const run: KeeperRun = {
    clock,
    store,
    worker: process.name,
    notify,
    maxLateMs: 60_000,
    code: async () => 'day',
    async perform(action, { until }) {
      if (action.kind !== 'advance-batches') return
      const how = {
        ...world,
        send: async (settle: Parameters<typeof send>[2]) => send(world, truths, settle),
        tell: notify,
        isOver: () => process.now() >= until,
      }
      await performBatches(how, action)
    },
  }

  const next = (): true => {
    if (!process.alive()) return true
    const slot = Math.floor(process.now() / slotMs)
    const slotAt = timestamp(slot * slotMs)
    const at = { subject: lane, slot, slotAt, until: timestamp(process.now() + 2 * slotMs) }
    void runKeeper(run, keeper, at, { parameters: 'day' }).then(() =>
      sim.time.after(slotMs - (process.now() % slotMs) + dice.below(1_000), next),
    )
    return true
  }
  sim.time.after(dice.below(slotMs), next)
}

/** With nothing to ask: what decides must be in the view. */
function again({ rules }: ProvingTruths): Keeper<never> {
  const world: Partial<ProveWorld> = { rules: { [provingLane]: rules } }
  return proveBatches(world as ProveWorld) as Keeper<never>
}

/** Nobody listens. */
function notify(): void {}
