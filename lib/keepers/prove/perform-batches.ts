import type { AdvanceBatches, SettleBatch } from '../../domain/action.ts'
import { parseMarket } from '../../domain/market.ts'
import {
  afterPrepare,
  afterSubmit,
  type Prepared,
  type Submitted,
} from '../../domain/proving/after-effect.ts'
import { BatchInputError } from '../../domain/proving/batch-input-error.ts'
import type { Advance, BatchEffect, Moment } from '../../domain/proving/batch-moves.ts'
import type { Batch } from '../../domain/proving/batch.ts'
import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'
import type { Call } from '../../domain/transaction.ts'
import { laneId } from '../lane/lane-world.ts'
import { troubleOf } from './asked.ts'
import { type LaneParts, partsOf, type ProveWorld, provingLease } from './prove-world.ts'
import { keepRun, LostRunError, outputOf, pieOf } from './run-files.ts'

export type PerformBatchesWorld = ProveWorld & {
  /** Has a lane send it. */
  readonly send: (action: SettleBatch) => Promise<void>
  readonly tell: (batch: Batch) => void
  /** Whether the slot's time is up. */
  readonly isOver: () => boolean
}

/** So many are submitted or made ready at once. */
const atOnce = 4

/**
 * Writes every row and does what it was written for. A row that somebody else has written meanwhile is left alone, with what
 * would have been done for it; what is done and not noted is found again by its key, or changes nothing the second time.
 */
export async function performBatches(
  world: PerformBatchesWorld,
  action: Omit<AdvanceBatches, 'kind'>,
): Promise<void> {
  try {
    await writeAll(world, action)
  } finally {
    await world.store.leases.release(provingLease(action.lane), action.fence)
  }
}

async function writeAll(
  world: PerformBatchesWorld,
  { lane, advances, planned, next }: Omit<AdvanceBatches, 'kind'>,
): Promise<void> {
  const parts = partsOf(world, lane)
  let isWhole = true
  for (let start = 0; start < advances.length; start += atOnce) {
    if (world.isOver()) {
      isWhole = false
      break
    }
    const some = advances.slice(start, start + atOnce)
    const ends = await Promise.all(some.map(async (one) => advanced(world, parts, one)))
    if (ends.includes('stale')) isWhole = false
  }
  // The lane's row says what the batches' rows do: where one of them is another by now, the next slot says it.
  if (!isWhole) return
  for (const batch of planned) {
    if ((await world.store.batches.write(batch)) === 'stale') return
    tell(world, batch)
  }
  if (next) await world.store.batches.writeLane(next)
}

async function advanced(
  world: PerformBatchesWorld,
  parts: LaneParts,
  { batch, effect }: Advance,
): Promise<'written' | 'stale'> {
  if ((await world.store.batches.write(batch)) === 'stale') return 'stale'
  tell(world, batch)
  if (effect) await perform(world, parts, { batch, effect })
  return 'written'
}

async function perform(
  world: PerformBatchesWorld,
  parts: LaneParts,
  { batch, effect }: { readonly batch: Batch; readonly effect: BatchEffect },
): Promise<void> {
  switch (effect.kind) {
    case 'prepare':
      return await write(
        world,
        afterPrepare(atOf(world, parts, batch), await prepared(world, parts, batch)),
      )
    case 'submit': {
      const answer = await submitted(world, parts, batch)
      return answer && (await write(world, afterSubmit(atOf(world, parts, batch), answer)))
    }
    case 'settle':
      return await settle(world, parts, { batch, effect })
    case 'forestall':
      return await forestall(world, parts, { batch, intent: effect.intent })
  }
}

/** As things are once it is answered. */
function atOf({ clock, random }: ProveWorld, { rules }: LaneParts, batch: Batch): Moment {
  return { batch, rules, sight: { now: clock.now(), jitter: random() } }
}

/** Where it was written meanwhile, whoever did will find out what came of it. */
async function write(world: PerformBatchesWorld, next: Batch | undefined): Promise<void> {
  if (next && (await world.store.batches.write(next)) === 'written') tell(world, next)
}

/** Looks that found nothing are no news. */
function tell(world: PerformBatchesWorld, batch: Batch): void {
  const { looks, trouble } = batch.attempts
  if (looks === 0 && trouble === 0) world.tell(batch)
}

async function prepared(
  { blobs }: ProveWorld,
  { source, settlement }: LaneParts,
  { content }: Batch,
): Promise<Prepared> {
  try {
    const input = await keepRun({ blobs, source, settlement }, content)
    return input ? { kind: 'input', input } : { kind: 'absent' }
  } catch (error) {
    return isWrong(error) ? { kind: 'wrong', reason: error.message } : troubleOf(error)
  }
}

/** What is to be proved is not what the chain says, or cannot be found any more: no time mends that. */
function isWrong(error: unknown): error is Error {
  return error instanceof LostRunError || error instanceof BatchInputError
}

/** Undefined where it came too late: others may have gone on with it meanwhile. */
async function submitted(
  { blobs, isOver }: PerformBatchesWorld,
  { source, provers, name }: LaneParts,
  { number, content, input, proving }: Batch,
): Promise<Submitted | undefined> {
  const prover = proving && provers[proving.prover]
  if (!input || !prover)
    return { kind: 'trouble', message: `the lane ${name} has no prover ${proving?.prover ?? ''}` }
  try {
    const pie = await pieOf({ blobs, source }, content, input)
    if (isOver()) return undefined
    const label = `${name} ${number}: ${content.name}`
    const id = await prover.submit({ key: proving.key, label, pie, steps: input.steps })
    return { kind: 'taken', id }
  } catch (error) {
    return isRefused(error) ? { kind: 'refused', reason: error.message } : troubleOf(error)
  }
}

/** It will not take this one. Where it takes nothing from us at all, that is trouble on the way. */
function isRefused(error: unknown): error is Error {
  if (!(error instanceof Error) || error.name !== 'ProverRefusedError') return false
  const status = 'status' in error ? error.status : undefined
  return status !== 401 && status !== 402 && status !== 403
}

/**
 * Asked once more: what the contract has of a block that the chain has lost can only be mended by people. Whoever comes too late
 * leaves it to the next.
 */
async function settle(
  world: PerformBatchesWorld,
  parts: LaneParts,
  settled: {
    readonly batch: Batch
    readonly effect: Extract<BatchEffect, { readonly kind: 'settle' }>
  },
): Promise<void> {
  const action = await settling(world, parts, settled)
  if (!action) return
  if (!(await parts.source.has(settled.batch.content.last)) || world.isOver()) return
  await world.send(action)
}

/** The work's name is taken, by one that has failed: whoever adds it finds it there. */
async function forestall(
  { store, clock }: PerformBatchesWorld,
  { settlement, name }: LaneParts,
  { batch, intent }: { readonly batch: Batch; readonly intent: string },
): Promise<void> {
  const at = clock.now()
  await store.intents.add({
    id: intent,
    lane: laneId(settlement.chain, settlement.account),
    action: {
      kind: 'settle-batch',
      engine: name,
      round: batch.number,
      attempt: batch.attempts.settle,
      at,
      until: at,
      updates: [],
    },
    createdAt: at,
    deadline: at,
    state: { kind: 'failed', why: 'superseded', reason: 'its blocks are gone', hash: undefined },
  })
}

/** Undefined where the slot's time was up: what is kept by then is not made again in the next. */
async function settling(
  world: PerformBatchesWorld,
  { source, settlement, name }: LaneParts,
  {
    batch,
    effect,
  }: { readonly batch: Batch; readonly effect: Extract<BatchEffect, { readonly kind: 'settle' }> },
): Promise<SettleBatch | undefined> {
  const { blobs, clock } = world
  const { number, content, input, attempts } = batch
  if (!input) throw new TypeError(`batch ${number} of ${name} is settled without what was proved`)
  const output = await outputOf({ blobs, source }, content, input)
  const call = settlement.call(output)
  if (!(await areBlobsKept(world, call, output))) return undefined
  const { worth, deadline } = effect
  return {
    kind: 'settle-batch',
    engine: name,
    round: number,
    attempt: attempts.settle,
    at: clock.now(),
    until: deadline,
    updates: [
      {
        market: parseMarket(`${number}-BATCH`),
        call,
        ...(worth !== undefined && { worth }),
      },
    ],
  }
}

/** Before anything is signed that names them: whoever sends it finds them there. */
async function areBlobsKept(
  { sidecars, isOver }: PerformBatchesWorld,
  call: Call,
  { data }: SettlementOutput,
): Promise<boolean> {
  const hashes = call.kind === 'evm' ? (call.blobs ?? []) : []
  const blobs = data?.kind === 'blobs' ? data.blobs : []
  for (const [at, hash] of hashes.entries()) {
    if (isOver()) return false
    await sidecars.keep(hash, blobs[at] ?? '0x')
  }
  return true
}
