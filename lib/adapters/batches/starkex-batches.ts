import { BatchInputError } from '../../domain/proving/batch-input-error.ts'
import type { BatchContent, BlockRef } from '../../domain/proving/batch.ts'
import type { Standing } from '../../domain/proving/settlement-place.ts'
import type { BatchInput, BatchSource } from '../../ports.ts'
import type { BatchInfo, StarkexFeeder } from '../starkex-feeder.ts'
import { asSource } from './chain-trouble.ts'
import { differs, readable } from './core-run.ts'
import { SourceUnavailableError } from './errors.ts'
import type { ProgramRuns } from './program-runs.ts'
import { isSameNumber } from './same-number.ts'

/** How a StarkEx contract reads what it is told. */
export type PerpetualLayout = {
  /** Throws where the contract would refuse any such output. */
  readonly readOutput: (words: readonly bigint[]) => {
    readonly previous: { readonly positionsRoot: bigint }
    readonly next: { readonly positionsRoot: bigint }
  }
  /** Undefined where it is too short. */
  readonly readApplicationData: (
    words: readonly bigint[],
  ) => { readonly batchId: bigint; readonly previousBatchId: bigint } | undefined
}

export type StarkexBatchesOptions = {
  readonly name: string
  readonly feeder: Pick<StarkexFeeder, 'lastBatchId' | 'info'>
  /** Of its positions before the first batch; only asked for where a lane begins there. */
  readonly emptyRoot?: `0x${string}` | undefined
  readonly runs: ProgramRuns
  readonly layout: PerpetualLayout
}

/** So many ids may be left out between two batches; of the perpetual exchanges that are known, none leaves out more. */
const mostGap = 32

/** The batches that a StarkEx exchange has closed itself, as its contract settles them. A batch is known by its id and the root of its positions. */
export function starkexBatches(options: StarkexBatchesOptions): BatchSource {
  const { name, feeder, emptyRoot, runs, layout } = options

  /** Undefined where there is none of that id, or none any more. */
  async function infoOf(id: number): Promise<BatchInfo | 'not-ready' | undefined> {
    const answer = await feeder.info(id)
    if (answer.kind === 'batch') return answer.batch
    return answer.kind === 'not-ready' ? 'not-ready' : undefined
  }

  /** The batch that says that it comes after that one; undefined while there is none. */
  async function following(after: number, newest: number | undefined): Promise<Found | undefined> {
    const first = Math.max(0, after + 1)
    const end = Math.min(first + mostGap, newest ?? Number.POSITIVE_INFINITY)
    for (let id = first; id <= end; id += 1) {
      const info = await infoOf(id)
      if (info === 'not-ready') return undefined
      if (info === undefined) continue
      // Below zero, whatever it says, there is nothing.
      if (Math.max(-1, info.previousId) === Math.max(-1, after)) return { id, info }
      // It follows one before: what we stand on is in no chain of theirs.
      if (info.previousId < after) return undefined
      throw new SourceUnavailableError(
        name,
        `batch ${id} follows batch ${info.previousId}, and none follows batch ${after}`,
      )
    }
    if (newest !== undefined && newest > end)
      throw new SourceUnavailableError(name, `no batch from ${first} to ${end} is there`)
    return undefined
  }

  async function startOf({ number, hash, root }: Standing): Promise<BlockRef | undefined> {
    if (number < 0) {
      const before = root ?? emptyRoot
      if (before === undefined)
        throw new SourceUnavailableError(name, 'nobody tells its root before the first batch')
      return { number, hash: before }
    }
    const info = await infoOf(number)
    if (info === 'not-ready' || info === undefined) return undefined
    const found = inHex(info.positionRoot)
    return hash === undefined || isSameNumber(hash, found) ? { number, hash: found } : undefined
  }

  async function closed(after: Standing, limit: number): Promise<readonly BatchContent[]> {
    const newest = await feeder.lastBatchId()
    if (newest !== undefined && newest <= after.number) return []
    let start = await startOf(after)
    const batches: BatchContent[] = []
    while (start && batches.length < limit) {
      const next = await following(start.number, newest)
      if (!next) break
      const content = contentOf(start, next)
      batches.push(content)
      start = content.last
    }
    return batches
  }

  async function has({ number, hash }: BlockRef): Promise<boolean> {
    if (number < 0) return true
    const info = await infoOf(number)
    if (info === 'not-ready')
      throw new SourceUnavailableError(name, `batch ${number} is not ready now`)
    return info !== undefined && isSameNumber(hash, inHex(info.positionRoot))
  }

  async function input(content: BatchContent): Promise<BatchInput | undefined> {
    const run = await runs.run({ ...content, first: content.last.number })
    if (run) checkRun(content, run.output, layout)
    return run
  }

  return {
    name,
    closed: async (after, limit) => asSource(name, async () => closed(after, limit)),
    has: async (block) => asSource(name, async () => has(block)),
    input,
  }
}

type Found = { readonly id: number; readonly info: BatchInfo }

function contentOf(previous: BlockRef, { id, info }: Found): BatchContent {
  const root = inHex(info.positionRoot)
  return {
    name: `batch ${id}`,
    previous,
    last: { number: id, hash: root },
    previousRoot: previous.hash,
    newRoot: root,
    size: info.transactions.length,
    closedAt: info.createdAt,
    closedBy: 'source',
  }
}

function checkRun(
  { name, previous, last, previousRoot, newRoot }: BatchContent,
  { programOutput, applicationData = [] }: BatchInput['output'],
  { readOutput, readApplicationData }: PerpetualLayout,
): void {
  const output = readable(name, programOutput, readOutput)
  const told = readApplicationData(applicationData)
  if (!told)
    throw new BatchInputError(name, 'application data', {
      expected: 'ids and conditions',
      found: `of ${applicationData.length} words`,
    })
  const words = [
    ['batch id', BigInt(last.number), told.batchId],
    // Before its first update a contract has the last batch 0.
    ['previous batch id', BigInt(Math.max(0, previous.number)), told.previousBatchId],
    ['previous root', BigInt(previousRoot), output.previous.positionsRoot],
    ['new root', BigInt(newRoot), output.next.positionsRoot],
  ] as const
  for (const [word, expected, found] of words)
    if (expected !== found) throw differs(name, word, { expected, found })
}

/** The feeder writes roots with or without it. */
function inHex(root: string): `0x${string}` {
  return `0x${BigInt(root.startsWith('0x') ? root : `0x${root}`).toString(16)}`
}
