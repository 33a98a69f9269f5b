import type { BatchContent, BlockRef } from '../../domain/proving/batch.ts'
import type { Standing } from '../../domain/proving/settlement-place.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { BatchSource, Chain, Clock } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { asSource } from './chain-trouble.ts'
import { completeBefore, firstClosing } from './close-batches.ts'
import { coreRun, type CoreRuns } from './core-run.ts'
import { bytesOf, type EngineHeader, masked, rootAfter } from './engine-actions.ts'
import { SourceUnavailableError } from './errors.ts'
import {
  type ActionReader,
  actionReader,
  type ActionsRead,
  type TimedActions,
} from './read-actions.ts'
import { isSameNumber } from './same-number.ts'

export type OwnEngineOptions = CoreRuns & {
  readonly name: string
  /** That the engine is on. */
  readonly chain: Pick<Chain, 'head'> & { readonly rpc: Rpc }
  readonly engine: `0x${string}`
  readonly clock: Pick<Clock, 'now'>
  readonly rules: EngineClosing
  /** So many of the newest blocks are left alone, since the chain may still lose them. */
  readonly confirmations?: number | undefined
}

export type EngineClosing = {
  readonly maxActions: number
  readonly maxBytes: number
  readonly maxAgeMs: number
  /** After so long without any action a batch has none; where it is absent there is no such batch. */
  readonly emptyAfterMs?: number | undefined
}

/** Blocks with actions whose headers are read at once, as long as that is enough for one batch. */
const usualMostBlocks = 1_000

/**
 * The EVM engine's actions in batches, as a Starknet core settles them. A batch ends with a block that has actions, and takes
 * along the blocks before it that have none. Hashes and roots are cut to 250 bits.
 */
export function ownEngine(options: OwnEngineOptions): BatchSource {
  const { name, chain, engine, clock, rules, confirmations = 0 } = options
  const reader = actionReader({ source: name, rpc: chain.rpc, engine })
  // What was read after the block last asked about, where no batch came of it: that may take more than one call.
  let seen: { readonly after: string; readonly read: ActionsRead } | undefined

  /** The block that the contract stands on; undefined where it is not in the chain. */
  async function startOf({ number, hash, root }: Standing): Promise<Start | undefined> {
    if (root === undefined)
      throw new SourceUnavailableError(name, 'its settlement does not tell on which root it stands')
    const { hash: found, time } = await headerOf(reader, Math.max(0, number))
    if (number < 0) return { number: -1, hash: hash ?? '0x0', root, time }
    const cut = masked(found)
    return hash === undefined || isSameNumber(hash, cut)
      ? { number, hash: cut, root, time }
      : undefined
  }

  /** All that is known after it, and what comes next. */
  async function readOn(start: Start, to: number, limit: number): Promise<ActionsRead> {
    const read = seen?.after === nameOf(start) ? seen.read : undefined
    const known = read && (await stands(read.through)) ? read : undefined
    if (known && known.through.number >= to) return known
    const more = await reader.read((known?.through.number ?? start.number) + 1, to, {
      actions: (limit + 1) * rules.maxActions,
      blocks: Math.max(usualMostBlocks, rules.maxActions + 1),
    })
    return known ? { ...more, blocks: [...known.blocks, ...more.blocks] } : more
  }

  async function stands({ number, hash }: EngineHeader): Promise<boolean> {
    return (await headerOf(reader, number)).hash === hash
  }

  async function closed(after: Standing, limit: number): Promise<readonly BatchContent[]> {
    const head = await chain.head()
    const to = head.number - confirmations
    if (to <= after.number) return []
    const start = await startOf(after)
    if (!start) return []
    const read = await readOn(start, to, limit)
    const { blocks, through } = read
    const complete = through.number >= to ? completeBefore(through, clock.now()) : through.time
    const batches: BatchContent[] = []
    let rest: Rest = { start, blocks, through, complete }
    while (batches.length < limit) {
      const made = (await emptyBatch(reader, rest, rules)) ?? nextBatch(rest, rules)
      if (!made) break
      batches.push(made.content)
      rest = made.rest
    }
    seen = batches.length === 0 ? { after: nameOf(start), read } : undefined
    return batches
  }

  async function has({ number, hash }: BlockRef): Promise<boolean> {
    if (number < 0) return true
    if (isSameNumber(masked((await headerOf(reader, number)).hash), hash)) return true
    // Said by one node: after a look at all of them it is asked again.
    await chain.head()
    return isSameNumber(masked((await headerOf(reader, number)).hash), hash)
  }

  return {
    name,
    closed: async (after, limit) => asSource(name, async () => closed(after, limit)),
    has: async (block) => asSource(name, async () => has(block)),
    input: async (content) => coreRun(options, content),
  }
}

/** A block that a batch begins after; its hash is cut. */
type Start = BlockRef & { readonly root: `0x${string}`; readonly time: Timestamp }

function nameOf({ number, hash }: BlockRef): string {
  return `${number} ${hash}`
}

/** What is not in a batch yet. */
type Rest = {
  readonly start: Start
  readonly blocks: readonly TimedActions[]
  /** In the blocks up to it there are no other actions. */
  readonly through: EngineHeader
  /** No block before that time is to come any more. */
  readonly complete: Timestamp
}

type Made = { readonly content: BatchContent; readonly rest: Rest }

function nextBatch(
  rest: Rest,
  { maxActions, maxBytes, maxAgeMs }: EngineClosing,
): Made | undefined {
  const rules = { maxCount: maxActions, maxSize: maxBytes, maxAgeMs }
  const closing = firstClosing(rest.blocks.map(weighed), rules, rest.complete)
  const last = closing && rest.blocks[closing.blocks - 1]
  if (!last) return undefined
  const { blocks, closedBy, closedAt } = closing
  const actions = rest.blocks.slice(0, blocks).flatMap((block) => block.actions)
  const root = rootAfter(rest.start.root, actions)
  const end = { number: last.number, hash: masked(last.hash), root, time: last.time }
  const content = { ...span(rest.start, end), size: actions.length, closedBy, closedAt }
  return { content, rest: { ...rest, start: end, blocks: rest.blocks.slice(blocks) } }
}

/** Up to the last block before the network's time for it, or the first one where that is later. */
async function emptyBatch(
  reader: ActionReader,
  { start, blocks, through, complete }: Rest,
  { emptyAfterMs }: EngineClosing,
): Promise<Made | undefined> {
  if (emptyAfterMs === undefined) return undefined
  const dueAt = timestamp(start.time + emptyAfterMs)
  const [next] = blocks
  const lastQuiet = next ? next.number - 1 : through.number
  const isBusy = next !== undefined && next.time < dueAt
  if (complete < dueAt || isBusy || lastQuiet <= start.number) return undefined
  const { number, hash, time } = await lastBefore(reader, dueAt, {
    first: start.number + 1,
    last: lastQuiet,
  })
  const end = { number, hash: masked(hash), root: start.root, time }
  const content = { ...span(start, end), size: 0, closedBy: 'age', closedAt: dueAt } as const
  return { content, rest: { start: end, blocks, through, complete } }
}

/** The last block before that time; the first one where none is. Later blocks are never earlier. */
async function lastBefore(
  reader: ActionReader,
  time: Timestamp,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<EngineHeader> {
  let [low, high] = [first, last]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((await headerOf(reader, middle)).time < time) low = middle
    else high = middle - 1
  }
  return await headerOf(reader, low)
}

async function headerOf(reader: ActionReader, number: number): Promise<EngineHeader> {
  const [header] = await reader.headers([number])
  if (!header) throw new RangeError('one block has one header')
  return header
}

function span(start: Start, end: Start) {
  return {
    name: `blocks ${start.number + 1}-${end.number}`,
    previous: { number: start.number, hash: start.hash },
    last: { number: end.number, hash: end.hash },
    previousRoot: start.root,
    newRoot: end.root,
  }
}

function weighed({ time, actions }: TimedActions) {
  return {
    time,
    count: actions.length,
    size: actions.reduce((sum, action) => sum + bytesOf(action), 0),
  }
}
