import type { Timestamp } from '../domain/time.ts'
import type { Clock, Job, Store, TickOutcome } from '../ports.ts'
import { exactJson } from './exact-json.ts'
import type { Decision, Keeper, KeeperSlot } from './keeper.ts'
import { messageOf } from './message-of.ts'
import type { Notify } from './notice.ts'
import type { Perform } from './perform.ts'

export type TickRun = {
  readonly clock: Clock
  readonly store: Pick<Store, 'ticks' | 'history'>
  /** Names this process in the slot's row. */
  readonly worker: string
  readonly notify: Notify
  /** A slot that begins this late is left to the next one. */
  readonly maxLateMs: number
}

export type KeeperRun = TickRun & { readonly perform: Perform }

/** `taken`: another worker has the slot, or had it. */
export type TickEnd = TickOutcome | { readonly kind: 'taken' }

/** One slot of one job: claim it, work, and say how it went. Never throws: an error is how it went. */
export async function runTick(
  run: TickRun,
  tick: KeeperSlot & { readonly job: string },
  work: () => Promise<Pick<TickOutcome, 'kind' | 'reason' | 'detail'>>,
): Promise<TickEnd> {
  const { clock, store, worker, notify } = run
  const { slotAt, until } = tick
  const job: Job = { job: tick.job, subject: tick.subject, slot: tick.slot }
  try {
    if (!(await store.ticks.claim(job, worker, clock.now(), until))) return { kind: 'taken' }
    const outcome = await outcomeOf(run, slotAt, work)
    await store.ticks.finish(job, worker, outcome)
    notify({ kind: 'tick', at: clock.now(), job, slotAt, outcome })
    return outcome
  } catch (error) {
    // The store itself: the slot's row says nothing, so whoever comes next may take it when the lease is over.
    const outcome = failure(clock.now(), error)
    notify({ kind: 'tick', at: clock.now(), job, slotAt, outcome })
    return outcome
  }
}

/** One slot of one keeper: look, decide, keep what was seen and decided, act. */
export async function runKeeper<View>(
  run: KeeperRun,
  keeper: Keeper<View>,
  slot: KeeperSlot,
): Promise<TickEnd> {
  return await runTick(run, { ...slot, job: keeper.job }, async () => {
    const view = await keeper.observe(slot)
    const decision = keeper.decide(view)
    await record(run, { keeper, slot, view, decision })
    for (const action of decision.actions) await run.perform(action, slot)
    return decision.outcome
  })
}

async function outcomeOf(
  { clock, maxLateMs }: TickRun,
  slotAt: Timestamp,
  work: () => Promise<Pick<TickOutcome, 'kind' | 'reason' | 'detail'>>,
): Promise<TickOutcome> {
  const lateMs = clock.now() - slotAt
  if (lateMs > maxLateMs)
    return {
      kind: 'refused',
      reason: 'too-late',
      detail: `it came ${Math.round(lateMs / 1000)} s late`,
      at: clock.now(),
    }
  try {
    return { ...(await work()), at: clock.now() }
  } catch (error) {
    return failure(clock.now(), error)
  }
}

/** History is for people and for replay: a price is never late because it could not be written. */
async function record<View>(
  { clock, store, notify }: KeeperRun,
  done: {
    readonly keeper: Keeper<View>
    readonly slot: KeeperSlot
    readonly view: View
    readonly decision: Decision
  },
): Promise<void> {
  const { keeper, slot, view, decision } = done
  try {
    await store.history.record({
      keeper: keeper.job,
      subject: slot.subject,
      slot: slot.slot,
      at: clock.now(),
      view: exactJson(keeper.recorded(view)),
      decided: exactJson({ outcome: decision.outcome, ...(decision.recorded as object) }),
    })
  } catch (error) {
    const message = `its history was not kept: ${messageOf(error)}`
    notify({ kind: 'trouble', at: clock.now(), where: keeper.job, message })
  }
}

function failure(at: Timestamp, error: unknown): TickOutcome {
  return { kind: 'failed', reason: nameOf(error), detail: messageOf(error), at }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error'
}
