import process from 'node:process'

import type { ByHand } from '../domain/proving/by-hand.ts'
import { exactJson } from '../keepers/exact-json.ts'
import { compose, type World } from '../runtime/compose.ts'
import type { Network } from '../runtime/network/schema.ts'
import { batchesView } from '../runtime/view/batches-view.ts'
import { collectProblems } from '../runtime/view/problems.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { provingRules } from '../runtime/world/proving-rules.ts'
import { type BatchAct, changeBatch, changeLane, UnknownBatchError } from './batch-by-hand.ts'
import { batchLines, batchesLines, laneActsOf } from './batch-lines.ts'
import type { BatchOptions } from './batches.ts'
import { namedLane } from './named-lane.ts'
import { readNetwork } from './read-network.ts'
import { fromStore } from './silent-store.ts'

/** Whoever only looks, or decides, needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

type Given = BatchOptions & { readonly reason: string }

/** Prints one line for each batch, and answers the exit code. */
export async function showBatches(
  options: BatchOptions & { readonly limit: number },
): Promise<number> {
  const { lane, limit, json } = options
  return await inWorld(options, async ({ ports: { store } }, network) => {
    const only = lane === undefined ? network : onlyLane(network, lane)
    const problems = collectProblems()
    const now = wallClock.now()
    const some = { onTheWay: limit, ended: limit }
    const all = await batchesView({ network: only, store, now, problems }, some)
    const seen = all.map(async (one) => ({
      ...one,
      ended: one.ended.slice(0, Math.max(0, limit - one.onTheWay.length)),
      ...(one.hold && { acts: await laneActsOf(store, one.lane) }),
    }))
    const lanes = await Promise.all(seen)
    const { found } = problems
    print(json ? exactJson({ lanes, problems: found }) : batchesLines(lanes, now).join('\n'))
    for (const { where, problem } of found) process.stderr.write(`${where}: ${problem}\n`)
    return found.length === 0 ? 0 : 1
  })
}

function onlyLane(network: Network, lane: string): Network {
  const name = namedLane(network.proving, lane)
  return {
    ...network,
    proving: Object.fromEntries(Object.entries(network.proving).filter(([one]) => one === name)),
  }
}

/** Prints all of one batch, and answers the exit code. */
export async function showBatch(number: number, options: BatchOptions): Promise<number> {
  return await inWorld(options, async ({ ports: { store } }, network) => {
    const lane = namedLane(network.proving, options.lane)
    const [batch, row, acts] = await Promise.all([
      store.batches.read(lane, number),
      store.batches.lane(lane),
      laneActsOf(store, lane),
    ])
    if (!batch) throw new UnknownBatchError(lane, number)
    const intent = batch.intent === undefined ? undefined : await store.intents.get(batch.intent)
    const seen = { batch, lane: row, intent: intent?.state, acts }
    print(options.json ? exactJson(seen) : batchLines(seen, wallClock.now()).join('\n'))
    return 0
  })
}

/** Does with a batch what a human decided, prints how it is then, and answers the exit code. */
export async function actOnBatch(number: number, act: BatchAct, options: Given): Promise<number> {
  return await inWorld(options, async ({ ports: { store } }, network) => {
    const lane = namedLane(network.proving, options.lane)
    const deadlineMs = provingRules(network)[lane]?.deadlineMs
    if (!deadlineMs) throw new UnknownBatchError(lane, number)
    const batch = await changeBatch(
      store,
      { lane, number },
      { act, hand: handOf(options), deadlineMs },
    )
    const held = batch.hold ? `, held by ${batch.hold.by}` : ''
    print(
      options.json ? exactJson(batch) : `batch ${number} of ${lane} is ${batch.state.kind}${held}`,
    )
    return 0
  })
}

/** The same with a whole lane. */
export async function actOnLane(act: 'hold' | 'release', options: Given): Promise<number> {
  return await inWorld(options, async ({ ports: { store } }, network) => {
    const name = namedLane(network.proving, options.lane)
    const lane = await changeLane(store, name, { act, hand: handOf(options) })
    const state = lane.hold ? `held by ${lane.hold.by}` : 'released'
    print(options.json ? exactJson(lane) : `the lane ${name} is ${state}`)
    return 0
  })
}

function handOf({ by, reason }: Given): ByHand {
  return { by, reason, now: wallClock.now() }
}

async function inWorld(
  { network: file }: BatchOptions,
  act: (world: World, network: Network) => Promise<number>,
): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    return await fromStore(world, file, async () => act(world, network))
  } finally {
    await world.close()
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
