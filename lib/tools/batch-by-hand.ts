import type { Batch, ProvingLane } from '../domain/proving/batch.ts'
import {
  type ByHand,
  heldByHand,
  laneHeldByHand,
  laneReleasedByHand,
  releasedByHand,
  retriedByHand,
} from '../domain/proving/by-hand.ts'
import type { ProvingRules } from '../domain/proving/proving-rules.ts'
import { exactJson } from '../keepers/exact-json.ts'
import type { Store } from '../ports.ts'

/** What a human decides about a batch. */
export type BatchAct = {
  readonly kind: 'retry' | 'hold' | 'release'
  /** Of a retry: with a new proof. */
  readonly anew: boolean
}

/** Tries for a row that a keeper writes at the same time; one slot writes it twice at most. */
const maxTries = 5

/**
 * Writes what a human decided into the batch's row, as it is by then. Throws `ByHandError` where that makes no sense as things
 * stand.
 */
export async function changeBatch(
  { batches }: Pick<Store, 'batches'>,
  { lane, number }: Pick<Batch, 'lane' | 'number'>,
  {
    act,
    hand,
    deadlineMs,
  }: { readonly act: BatchAct; readonly hand: ByHand } & Pick<ProvingRules, 'deadlineMs'>,
): Promise<Batch> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const row = await batches.read(lane, number)
    if (!row) throw new UnknownBatchError(lane, number)
    const next = changed(row, act, hand, deadlineMs)
    if ((await batches.write(next)) === 'written') return next
  }
  throw new RowBusyError(`batch ${number} of ${lane}`)
}

function changed(
  row: Batch,
  { kind, anew }: BatchAct,
  hand: ByHand,
  deadlineMs: ProvingRules['deadlineMs'],
): Batch {
  switch (kind) {
    case 'retry':
      return retriedByHand(row, { ...hand, anew }, deadlineMs)
    case 'hold':
      return heldByHand(row, hand)
    case 'release':
      return releasedByHand(row, hand)
  }
}

/** Under that name history has what humans decided about lanes, whose rows have no history of their own. */
export const laneHistory = 'lane-by-hand'

/** Holds or releases a whole lane, also one that has not begun. Who and why is kept in the lane's history. */
export async function changeLane(
  { batches, history }: Pick<Store, 'batches' | 'history'>,
  name: string,
  { act, hand }: { readonly act: 'hold' | 'release'; readonly hand: ByHand },
): Promise<ProvingLane> {
  const none = { name, newest: 0, settled: 0, finalized: 0, fence: 0, version: 0 }
  for (let tries = 0; tries < maxTries; tries += 1) {
    const row = (await batches.lane(name)) ?? none
    const next = act === 'hold' ? laneHeldByHand(row, hand) : laneReleasedByHand(row)
    if ((await batches.writeLane(next)) !== 'written') continue
    const { by, reason, now: at } = hand
    await history.record({
      keeper: laneHistory,
      subject: name,
      slot: next.version,
      at,
      view: exactJson({ lane: row }),
      decided: exactJson({ act, by, reason }),
    })
    return next
  }
  throw new RowBusyError(`the lane ${name}`)
}

/** There is no batch of that number. */
export class UnknownBatchError extends Error {
  override readonly name = 'UnknownBatchError'

  constructor(lane: string, number: number) {
    super(`there is no batch ${number} in the lane ${lane}`)
  }
}

/** Somebody else wrote the row each time that it was tried. */
export class RowBusyError extends Error {
  override readonly name = 'RowBusyError'

  constructor(what: string) {
    super(`${what} is written by others again and again; nothing was changed, try once more`)
  }
}
