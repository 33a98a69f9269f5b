import type { Rpc } from '../rpc.ts'
import { type ActionBlock, actionsIn, type EngineHeader, engineHeader } from './engine-actions.ts'
import { SourceUnavailableError } from './errors.ts'

/** A block with actions, and when it was made. */
export type TimedActions = ActionBlock & Pick<EngineHeader, 'time'>

/** All blocks with actions up to a block, from some block on. */
export type ActionsRead = {
  readonly blocks: readonly TimedActions[]
  readonly through: EngineHeader
}

export type ActionReader = {
  /** The blocks' headers, in their order. */
  headers(numbers: readonly number[]): Promise<readonly EngineHeader[]>
  /** From one block up to another, or up to an earlier one where there are so many actions before it, or nothing for very long. */
  read(
    from: number,
    to: number,
    most: { readonly actions: number; readonly blocks: number },
  ): Promise<ActionsRead>
}

/** Many hosts refuse more blocks in one question about logs. */
const mostBlocksAtOnce = 2_000
/** A busy engine fills an answer with fewer; while they are answered, each question is about twice as many. */
const blocksAtFirst = 250
/** Nearly fifty thousand quiet blocks, within a few seconds. */
const mostQuestions = 25
/** Four requests to a hosted node. */
const headersAtOnce = 200

/** Reads an engine's actions. Every method throws where nobody could be asked, or where the chain moved meanwhile. */
export function actionReader({
  source,
  rpc,
  engine,
}: {
  readonly source: string
  readonly rpc: Rpc
  readonly engine: `0x${string}`
}): ActionReader {
  let span = blocksAtFirst

  async function headers(numbers: readonly number[]): Promise<readonly EngineHeader[]> {
    const all: EngineHeader[] = []
    for (let at = 0; at < numbers.length; at += headersAtOnce) {
      const some = numbers.slice(at, at + headersAtOnce)
      const found = await rpc.values(some.map(engineHeader))
      for (const [index, header] of found.entries()) {
        if (!header) throw moved(source, some[index])
        all.push(header)
      }
    }
    return all
  }

  /** Undefined where the node refuses so many blocks at once. */
  async function logsOf(from: number, to: number): Promise<Looked | undefined> {
    const [logs, last] = await rpc.answers([actionsIn(engine, { from, to }), engineHeader(to)])
    if (last.kind === 'error' || !last.value) throw moved(source, to)
    if (logs.kind === 'result') return { blocks: logs.value, through: last.value }
    if (from < to) return undefined
    throw new SourceUnavailableError(source, `the logs of block ${to}: ${logs.error.message}`)
  }

  async function read(
    first: number,
    to: number,
    most: { readonly actions: number; readonly blocks: number },
  ): Promise<ActionsRead> {
    const found: ActionBlock[] = []
    let through: EngineHeader | undefined
    for (let asked = 0; asked < mostQuestions; asked += 1) {
      const from = through ? through.number + 1 : first
      const end = Math.min(to, from + span - 1)
      const looked = await orHalve(async () => logsOf(from, end))
      if (!looked) {
        span = Math.max(1, Math.floor((end - from + 1) / 2))
        continue
      }
      span = Math.min(mostBlocksAtOnce, span * 2)
      found.push(...looked.blocks)
      through = looked.through
      if (through.number >= to || enough(found, most) <= found.length) break
    }
    if (!through) throw new SourceUnavailableError(source, 'it refuses to tell any logs')
    return await timed(found.slice(0, enough(found, most)), through, found.length)
  }

  /** A host that breaks off, or sends more than anybody reads, is asked for less the next time. */
  async function orHalve<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      span = Math.max(1, Math.floor(span / 2))
      throw error
    }
  }

  /** The headers last: what the logs are of is what the chain has then. */
  async function timed(
    blocks: readonly ActionBlock[],
    lookedThrough: EngineHeader,
    found: number,
  ): Promise<ActionsRead> {
    const last = blocks.at(-1)
    const end = blocks.length < found && last ? last : lookedThrough
    const known = await headers([...blocks.map(({ number }) => number), end.number])
    const other = [...blocks, end].find(({ hash }, at) => hash !== known[at]?.hash)
    const through = known.at(-1)
    if (other || !through) throw moved(source, other?.number)
    return {
      through,
      blocks: blocks.map((block, at) => ({ ...block, time: known[at]?.time ?? through.time })),
    }
  }

  return { headers, read }
}

type Looked = { readonly blocks: readonly ActionBlock[]; readonly through: EngineHeader }

/** So many of the blocks have as many actions as are wanted; one more than there are where that is not enough. */
function enough(
  blocks: readonly ActionBlock[],
  most: { readonly actions: number; readonly blocks: number },
): number {
  let actions = 0
  for (const [at, block] of blocks.entries()) {
    actions += block.actions.length
    if (actions >= most.actions || at + 1 >= most.blocks) return at + 1
  }
  return blocks.length + 1
}

function moved(source: string, number: number | undefined): SourceUnavailableError {
  return new SourceUnavailableError(
    source,
    `block ${number ?? ''} is another one now, or not there`,
  )
}
