import type { BatchContent, BlockRef } from '../../domain/proving/batch.ts'
import type { Standing } from '../../domain/proving/settlement-place.ts'
import type { BatchSource, Chain, Clock } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { asSource } from './chain-trouble.ts'
import { type ClosingRules, completeBefore, firstClosing } from './close-batches.ts'
import { coreRun, type CoreRuns } from './core-run.ts'
import { SourceUnavailableError } from './errors.ts'
import { isSameNumber } from './same-number.ts'
import { headerAt, type StarknetHeader } from './starknet-header.ts'

export type StarknetBlocksOptions = CoreRuns & {
  readonly name: string
  /** Of the appchain whose blocks are proved. */
  readonly chain: Pick<Chain, 'head'> & { readonly rpc: Rpc }
  readonly clock: Pick<Clock, 'now'>
  readonly rules: StarknetClosing
  /** How many blocks are read at once at most, as long as that is enough for one batch. */
  readonly mostBlocks?: number | undefined
}

export type StarknetClosing = {
  readonly maxBlocks: number
  readonly maxTransactions: number
  readonly maxAgeMs: number
}

/** A few seconds of reading; a chain that is further behind catches up in several slots. */
const usualMostBlocks = 1_000

/** What hosted nodes take in one request. */
const blocksAtOnce = 50

/** A Starknet appchain's blocks in batches, as a Starknet core settles them. */
export function starknetBlocks(options: StarknetBlocksOptions): BatchSource {
  const { name, chain, clock } = options
  const { maxBlocks, maxTransactions, maxAgeMs } = options.rules
  const rules = { maxCount: maxBlocks, maxSize: maxTransactions, maxAgeMs }
  const mostBlocks = Math.max(options.mostBlocks ?? usualMostBlocks, maxBlocks + 1)

  /** The block of each number; undefined from where they are not accepted yet. */
  async function headers(from: number, to: number): Promise<readonly StarknetHeader[]> {
    const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at)
    const answers = await chain.rpc.answers(numbers.map(headerAt))
    const found = answers.map((answer, at) => {
      if (answer.kind === 'result') return answer.value
      const { code, message } = answer.error
      throw new SourceUnavailableError(name, `block ${from + at}: error ${code}, ${message}`)
    })
    const end = found.indexOf(undefined)
    return found.slice(0, end < 0 ? found.length : end).filter((one) => one !== undefined)
  }

  /** The block before, and those after it, each the child of the one before; undefined where that block is not in the chain. */
  async function chainAfter(after: Standing, to: number): Promise<Link | undefined> {
    const first = Math.max(0, after.number)
    const read: StarknetHeader[] = []
    for (let from = first; from <= to; from += blocksAtOnce) {
      const wanted = Math.min(blocksAtOnce, to - from + 1)
      const some = await headers(from, from + wanted - 1)
      read.push(...some)
      if (some.length < wanted) break
    }
    const start: Start | undefined = after.number < 0 ? beforeFirst(after) : read[0]
    const blocks = after.number < 0 ? read : read.slice(1)
    if (!start || (after.hash !== undefined && !isSameNumber(after.hash, start.hash)))
      return undefined
    // That is another chain's first block.
    if (after.number < 0 && blocks[0] && !isSameNumber(blocks[0].parentHash, start.hash))
      return undefined
    for (const [at, { number, parentHash }] of blocks.entries()) {
      const parent = at === 0 ? start : blocks[at - 1]
      if (!parent || !isSameNumber(parentHash, parent.hash))
        throw new SourceUnavailableError(name, `block ${number} is no child of block ${number - 1}`)
    }
    return { start, blocks }
  }

  async function closed(after: Standing, limit: number): Promise<readonly BatchContent[]> {
    const head = await chain.head()
    const to = Math.min(head.number, after.number + Math.min(mostBlocks, limit * maxBlocks + 1))
    if (to <= after.number) return []
    const link = await chainAfter(after, to)
    if (!link) return []
    const newest = link.blocks.at(-1)
    const isAll = newest?.number === head.number
    const until = newest && isAll ? completeBefore(newest, clock.now()) : undefined
    return batchesOf(link, { rules, until, limit })
  }

  async function has(block: BlockRef): Promise<boolean> {
    if (block.number < 0) return true
    if (isSameNumber(await hashAt(block.number), block.hash)) return true
    // Said by one node: after a look at all of them it is asked again.
    await chain.head()
    return isSameNumber(await hashAt(block.number), block.hash)
  }

  /** A chain that has no block of that number now may have it again, or another one: only that would be a fork. */
  async function hashAt(number: number): Promise<`0x${string}`> {
    const [header] = await headers(number, number)
    if (header) return header.hash
    throw new SourceUnavailableError(name, `block ${number} is not accepted now`)
  }

  return {
    name,
    closed: async (after, limit) => asSource(name, async () => closed(after, limit)),
    has: async (block) => asSource(name, async () => has(block)),
    input: async (content) => coreRun(options, content),
  }
}

type Start = Pick<StarknetHeader, 'number' | 'hash' | 'root'>
type Link = { readonly start: Start; readonly blocks: readonly StarknetHeader[] }

/** As the settlement contract has it; without a word of its own, nothing. */
function beforeFirst({ hash = '0x0', root = '0x0' }: Standing): Start {
  return { number: -1, hash, root }
}

function batchesOf(
  link: Link,
  by: {
    readonly rules: ClosingRules
    readonly until: ReturnType<typeof completeBefore> | undefined
    readonly limit: number
  },
): readonly BatchContent[] {
  const batches: BatchContent[] = []
  let [start, rest]: readonly [Start, Link['blocks']] = [link.start, link.blocks]
  while (batches.length < by.limit) {
    const closing = firstClosing(rest.map(weighed), by.rules, by.until)
    const last = closing && rest[closing.blocks - 1]
    if (!last) break
    const { blocks, closedBy, closedAt } = closing
    batches.push({
      name: `blocks ${start.number + 1}-${last.number}`,
      previous: { number: start.number, hash: start.hash },
      last: { number: last.number, hash: last.hash },
      previousRoot: start.root,
      newRoot: last.root,
      size: rest.slice(0, blocks).reduce((sum, { transactions }) => sum + transactions, 0),
      closedAt,
      closedBy,
    })
    ;[start, rest] = [last, rest.slice(blocks)]
  }
  return batches
}

function weighed({ time, transactions, version }: StarknetHeader) {
  return { time, count: 1, size: transactions, kind: version }
}
