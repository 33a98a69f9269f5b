import { encode, encodeInOrder } from '../domain/exact-text.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Clock, Job, SlotRecord, Store, TickOutcome } from '../ports.ts'
import { exactJson } from './exact-json.ts'
import type { Decision, Keeper, KeeperSlot } from './keeper.ts'
import { messageOf } from './message-of.ts'
import type { Notify } from './notice.ts'
import type { Perform } from './perform.ts'
import {
  type Beside,
  decidedBeside,
  type Gate,
  type Shadow,
  type Written,
} from './shadow/decide-beside.ts'

export type TickRun = {
  readonly clock: Clock
  readonly store: Pick<Store, 'ticks' | 'history'>
  /** Names this process in the slot's row. */
  readonly worker: string
  readonly notify: Notify
  /** A slot that begins this late is left to the next one. */
  readonly maxLateMs: number
}

export type KeeperRun = TickRun & {
  readonly perform: Perform
  /** The version of this code. */
  readonly code?: () => Promise<string>
}

/** Which parameters a slot is decided under, and which others decide beside them. */
export type Under<View> = {
  /** Their hash. */
  readonly parameters: string
  readonly shadow?: Shadow<View>
  /** On probation: how far the active set may be from the one before it, and what happens otherwise. */
  readonly gate?: Gate
}

/** `taken`: another worker has the slot, or had it. */
export type TickEnd = TickOutcome | { readonly kind: 'taken' }

/** One slot of one job: claim it, work, and say how it went. Never throws: an error is how it went. */
export async function runTick(
  run: TickRun,
  tick: KeeperSlot & { readonly job: string; readonly parameters?: string },
  work: () => Promise<Pick<TickOutcome, 'kind' | 'reason' | 'detail'>>,
): Promise<TickEnd> {
  const { clock, store, worker, notify } = run
  const { slotAt, until, parameters } = tick
  const job: Job = { job: tick.job, subject: tick.subject, slot: tick.slot }
  const tell = (outcome: TickOutcome): void =>
    notify({
      kind: 'tick',
      at: clock.now(),
      job,
      slotAt,
      outcome,
      ...(parameters !== undefined && { parameters }),
    })
  try {
    if (!(await store.ticks.claim(job, worker, clock.now(), until))) return { kind: 'taken' }
    const outcome = await outcomeOf(run, slotAt, work)
    await store.ticks.finish(job, worker, outcome)
    tell(outcome)
    return outcome
  } catch (error) {
    // The store itself: the slot's row says nothing, so whoever comes next may take it when the lease is over.
    const outcome = failure(clock.now(), error)
    tell(outcome)
    return outcome
  }
}

/**
 * One slot of one keeper: look, decide, keep what was seen and decided, act. Keeping and acting go side by side: history delays
 * nothing, and nothing is done of which nobody has begun to write down why.
 */
export async function runKeeper<View>(
  run: KeeperRun,
  keeper: Keeper<View>,
  slot: KeeperSlot,
  under: Under<View> = { parameters: '' },
): Promise<TickEnd> {
  const { parameters } = under
  const tick = { ...slot, job: keeper.job, ...(parameters !== '' && { parameters }) }
  return await runTick(run, tick, async () => {
    const view = await observed(run, keeper, slot, under)
    const beside = await decided(run, { keeper, slot, view, under })
    const { decision } = beside
    const acting = performed(run, decision, slot)
    await Promise.all([acting, recorded(run, { keeper, slot, view, under, beside })])
    if (beside.tripped !== undefined) await under.gate?.tripped(beside.tripped)
    return decision.outcome
  })
}

async function performed({ perform }: KeeperRun, { actions }: Decision, slot: KeeperSlot) {
  for (const action of actions) await perform(action, slot)
}

/** What could not be observed is kept too: that nothing was decided, and why. */
async function observed<View>(
  run: KeeperRun,
  keeper: Keeper<View>,
  slot: KeeperSlot,
  under: Under<View>,
): Promise<View> {
  try {
    return await keeper.observe(slot)
  } catch (error) {
    await kept(run, keeper.job, async () =>
      run.store.history.keep({
        ...(await headOf(run, keeper, slot, under)),
        decided: failureText(error),
      }),
    )
    throw error
  }
}

async function decided<View>(run: KeeperRun, seen: Omit<Done<View>, 'beside'>): Promise<Beside> {
  const { keeper, slot, view, under } = seen
  try {
    return decidedBeside(run.clock, keeper, view, under)
  } catch (error) {
    await kept(run, keeper.job, async () =>
      run.store.history.keep({
        ...(await headOf(run, keeper, slot, under)),
        view: viewText(keeper, view),
        decided: failureText(error),
      }),
    )
    throw error
  }
}

/** What a keeper goes by, as exact text: its keys in their order, in which actions may come. */
export function viewText<View>(keeper: Pick<Keeper<View>, 'kept'>, view: View): string {
  return encodeInOrder(keeper.kept?.(view) ?? view)
}

/** Of what could not be decided, as exact text. */
export function failureText(error: unknown): string {
  return encode({ failed: { reason: nameOf(error), detail: messageOf(error) } })
}

type Done<View> = {
  readonly keeper: Keeper<View>
  readonly slot: KeeperSlot
  readonly view: View
  readonly under: Under<View>
  readonly beside: Beside
}

/** For people, and for deciding it all again. */
async function recorded<View>(run: KeeperRun, done: Done<View>): Promise<void> {
  const { keeper, slot, view, under, beside } = done
  const { decision } = beside
  const { parameters } = under
  let both: Written | undefined
  const written = (): Written => (both ??= beside.written())
  await kept(run, keeper.job, async () => {
    const { note } = written()
    await run.store.history.record({
      keeper: keeper.job,
      subject: slot.subject,
      slot: slot.slot,
      at: run.clock.now(),
      view: exactJson(keeper.recorded(view)),
      decided: exactJson({ outcome: decision.outcome, ...(decision.recorded as object) }),
      ...(parameters !== '' && { parameters }),
      ...(note && { shadow: exactJson(note) }),
    })
  })
  await kept(run, keeper.job, async () => {
    await run.store.history.keep({
      ...(await headOf(run, keeper, slot, under)),
      view: viewText(keeper, view),
      decided: written().decided,
      ...(written().shadow && { shadow: written().shadow }),
    })
  })
}

async function headOf<View>(
  { clock, code }: KeeperRun,
  { job }: Keeper<View>,
  { subject, slot }: KeeperSlot,
  { parameters }: Under<View>,
): Promise<Pick<SlotRecord, 'keeper' | 'subject' | 'slot' | 'at' | 'parameters' | 'code'>> {
  const version = (await code?.()) ?? ''
  return { keeper: job, subject, slot, at: clock.now(), parameters, code: version }
}

/** A price is never late because its history could not be written; `watch-liveness` tells of what is missing. */
async function kept(
  { clock, notify }: KeeperRun,
  where: string,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write()
  } catch (error) {
    const message = `its history was not kept: ${messageOf(error)}`
    notify({ kind: 'trouble', at: clock.now(), where, message })
  }
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

function failure(at: Timestamp, error: unknown): TickOutcome {
  return { kind: 'failed', reason: nameOf(error), detail: messageOf(error), at }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error'
}
