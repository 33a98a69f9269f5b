import type { BatchKind } from '../../domain/proving/batch.ts'
import type { Decision, Keeper } from '../keeper.ts'
import { decideBatches } from './decide-batches.ts'
import { type LaneSight, lookAtLane } from './look-at-lane.ts'
import { partsOf, type ProveWorld, provingLease } from './prove-world.ts'

export type BatchesView =
  /** Another worker is at it. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'seen'; readonly fence: number; readonly sight: LaneSight }

/**
 * Drives a lane's batches from closed to final: what is to be proved is made ready, given to a prover, its fact waited for
 * and the batch settled, one after another.
 */
export function proveBatches(world: ProveWorld): Keeper<BatchesView> {
  return {
    job: 'prove-batches',
    async observe({ subject, slot, until }) {
      const parts = partsOf(world, subject)
      const wish = {
        name: provingLease(subject),
        owner: `${subject}:${slot}`,
        now: world.clock.now(),
        until,
      }
      const fence = await world.store.leases.hold(wish)
      if (fence === undefined) return { kind: 'busy' }
      const lane = (await world.store.batches.lane(subject)) ?? {
        name: subject,
        newest: 0,
        settled: 0,
        finalized: 0,
        fence,
        version: 0,
      }
      return { kind: 'seen', fence, sight: await lookAtLane(world, parts, lane) }
    },
    settings: numbersOf(world),
    decide: (view) => decide(world, view),
    recorded: recordedBatches,
  }
}

/** The rules without how a text is digested, which is no parameter. */
function numbersOf({ rules }: ProveWorld) {
  return Object.fromEntries(
    Object.entries(rules).map(([lane, { digest: _digest, ...numbers }]) => [lane, numbers]),
  )
}

function decide({ rules }: ProveWorld, view: BatchesView): Decision {
  if (view.kind === 'busy')
    return {
      actions: [],
      outcome: { kind: 'done', reason: 'busy', detail: '' },
      recorded: {},
    }
  const { sight, fence } = view
  const own = rules[sight.lane.name]
  if (!own) throw new RangeError(`there are no rules for ${sight.lane.name}`)
  const action = { kind: 'advance-batches', ...decideBatches(sight, own, fence) } as const
  const { advances, planned } = action
  const moved = advances.filter(
    ({ batch }) => batch.attempts.looks === 0 && batch.attempts.trouble === 0,
  )
  const troubles = [sight.closed, sight.settlement, sight.fork].flatMap((one) =>
    one.kind === 'trouble' ? [one.message] : [],
  )
  const steps = [
    ...planned.map(({ number }) => `${number} planned`),
    ...moved.map(({ batch }) => `${batch.number} ${batch.state.kind}`),
  ]
  const words = [...steps, ...new Set(troubles)]
  return {
    actions: [action],
    outcome: {
      kind: 'done',
      reason: troubles.length > 0 ? 'hindered' : steps.length > 0 ? 'driven' : 'nothing-due',
      detail: words.join('; '),
    },
    recorded: {
      planned: planned.map(({ number }) => number),
      advances: advances.map(({ batch, effect }) => ({
        number: batch.number,
        state: batch.state.kind,
        effect: effect?.kind,
      })),
    },
  }
}

/** Of each batch what was seen of it, without its history, which its row keeps. */
export function recordedBatches(view: BatchesView): unknown {
  if (view.kind === 'busy') return view
  const { looks, front: _, refused: __, orphans, ...sight } = view.sight
  return {
    kind: view.kind,
    fence: view.fence,
    sight: {
      ...sight,
      orphans: orphans.map(({ number }) => number),
      looks: looks.map(({ batch, sight: seen }) => ({
        number: batch.number,
        state: batch.state.kind satisfies BatchKind,
        version: batch.version,
        sight: seen,
      })),
    },
  }
}
