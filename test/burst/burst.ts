import process from 'node:process'

import { isFinal } from '../../lib/domain/intent.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { markets } from '../bench/many-accounts.ts'
import { crashAt } from '../keepers/lane/workers.ts'
import { type BurstShape, burstBook, fall } from './burst-book.ts'
import { brokenRules, totalsOf } from './burst-rules.ts'
import { type BurstWorker, type BurstWorld, openWorker, openWorld } from './burst-world.ts'
import type { Done } from './exchange-twin.ts'

export type BurstOptions = BurstShape & {
  readonly seed: number
  /** Policy: the most liquidations, and the most parts of deleverages, of one slot. */
  readonly mostPerSlot: number
  /** What the insurance fund has before it, in dollars. */
  readonly insuranceUsd: number
  /** In the third second of it the worker is killed at that of its awaited calls; another one goes on. */
  readonly killAtCall?: number
}

export type Took = { readonly liquidations: number; readonly deleverages: number }

export type BurstReport = {
  readonly accounts: number
  readonly mostPerSlot: number
  /** Right after the fall: accounts below the margin, and those of them with less than nothing. */
  readonly below: number
  readonly broke: number
  /** That took effect, and what the exchange refused since another part was first. */
  readonly took: Took
  readonly refused: number
  /** Seconds, a slot each, until there is nothing left to do; undefined where that never came. */
  readonly clearedAfter: number | undefined
  /** The most of one slot. */
  readonly peak: Took
  /** What a whole second takes of the processor, in the mean: both keepers, the lane, and the exchange itself. */
  readonly slotCpuMs: number
  /** Accounts with less than nothing in the end: the fund is empty, and nobody on the other side has a profit. */
  readonly left: number
  /** What must not be: a sentence each. */
  readonly problems: readonly string[]
}

/** Until the keepers are past the careful begin of a job that never ran. */
const quietSlots = 12
const killSlot = 3
const mostSlots = 5_000

/** A worker that was killed keeps the next ones waiting for five seconds: what is quiet for longer is done. */
const idleSeconds = 6

/** All prices fall at once, and the keepers work it off slot by slot, with a store, a lane and the exchange in memory. */
export async function playBurst(options: BurstOptions): Promise<BurstReport> {
  const accounts = burstBook(options, options.seed)
  const world = await openWorld(accounts, BigInt(options.insuranceUsd) * 1_000_000n)
  const { twin } = world
  let worker = openWorker(world, 'one', options)
  let slot = 0
  for (; slot < quietSlots; slot += 1) await second(world, worker, slot)

  const before = totalsOf(twin.model)
  twin.price(markets.map(() => 1 - fall))
  await world.mine()
  const fallen = belowIn(world, accounts)
  const peak = { liquidations: 0, deleverages: 0 }
  const cpu = process.threadCpuUsage()
  let seconds = 0
  let clearedAfter: number | undefined
  let idle = 0
  for (let at = 1; at <= mostSlots && clearedAfter === undefined; at += 1, slot += 1) {
    const dying = at === killSlot ? options.killAtCall : undefined
    const mortal = dying !== undefined && crashAt(dying, 'after')
    const seen = twin.done.length
    await second(world, mortal ? openWorker(world, 'killed', options, mortal.gate) : worker, slot)
    seconds += 1
    if (mortal) worker = openWorker(world, 'two', options)
    const took = tookIn(twin.done.slice(seen))
    peak.liquidations = Math.max(peak.liquidations, took.liquidations)
    peak.deleverages = Math.max(peak.deleverages, took.deleverages)
    idle = twin.done.length === seen && at > killSlot && (await isIdle(world)) ? idle + 1 : 0
    if (idle === idleSeconds) clearedAfter = at - idle
  }
  const spent = process.threadCpuUsage(cpu)
  const left = belowIn(world, accounts)
  return {
    accounts: accounts.length,
    mostPerSlot: options.mostPerSlot,
    below: fallen.length,
    broke: fallen.filter(({ isBroke }) => isBroke).length,
    took: tookIn(twin.done),
    refused: twin.done.filter(({ refused }) => refused !== undefined).length,
    clearedAfter,
    peak,
    slotCpuMs: (spent.user + spent.system) / 1_000 / (seconds - idle),
    left: left.length,
    problems: await brokenRules(world, { before, fallen, left }),
  }
}

/** Both keepers' slots, and the time until the next ones. */
async function second(world: BurstWorld, worker: BurstWorker, slot: number): Promise<void> {
  await worker.slot(slot)
  world.clock.pass(1_000)
}

export type Below = { readonly id: string; readonly isBroke: boolean }

function belowIn({ twin: { model } }: BurstWorld, accounts: readonly Account[]): readonly Below[] {
  return accounts.flatMap(({ id }) => {
    const { value, maintenance } = model.worth(id)
    return value < maintenance ? [{ id, isBroke: value < 0n }] : []
  })
}

function tookIn(done: readonly Done[]): Took {
  const count = (kind: Done['kind']) =>
    done.filter((one) => one.kind === kind && one.refused === undefined).length
  return { liquidations: count('liquidate'), deleverages: count('deleverage') }
}

async function isIdle({ store }: BurstWorld): Promise<boolean> {
  const lanes = await store.lanes.ids()
  const open = await Promise.all(lanes.map(async (id) => store.intents.open(id)))
  return open.flat().every(({ state }) => isFinal(state) || state.kind === 'included')
}
