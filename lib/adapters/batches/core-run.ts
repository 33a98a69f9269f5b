import { BatchInputError } from '../../domain/proving/batch-input-error.ts'
import type { BatchContent } from '../../domain/proving/batch.ts'
import type { CheckBlobs } from '../../domain/proving/settlement-output.ts'
import type { BatchInput } from '../../ports.ts'
import type { ProgramRuns } from './program-runs.ts'

/** What a Starknet core reads of a program's output; throws where it would refuse any such one. */
export type ReadCoreOutput = (words: readonly bigint[]) => {
  readonly header: {
    readonly prevRoot: bigint
    readonly newRoot: bigint
    readonly prevBlockNumber: bigint
    readonly newBlockNumber: bigint
    readonly prevBlockHash: bigint
    readonly newBlockHash: bigint
  }
  readonly data:
    | { readonly kind: 'calldata' }
    | { readonly kind: 'blobs'; readonly blobs: readonly unknown[] }
}

export type CoreRuns = {
  readonly runs: ProgramRuns
  readonly readOutput: ReadCoreOutput
  /** Absent where what is settled has no blobs. */
  readonly checkBlobs?: CheckBlobs | undefined
}

/** The run of a batch of blocks, once it is there; throws `BatchInputError` where it is another one's. */
export async function coreRun(
  { runs, readOutput, checkBlobs }: CoreRuns,
  content: BatchContent,
): Promise<BatchInput | undefined> {
  const run = await runs.run({ ...content, first: content.previous.number + 1 })
  if (!run) return undefined
  checkCoreRun(content, run.output, readOutput)
  const wrong = await checkBlobs?.(run.output)
  if (wrong) throw new BatchInputError(content.name, wrong.word, wrong)
  return run
}

function checkCoreRun(
  content: BatchContent,
  output: BatchInput['output'],
  readOutput: ReadCoreOutput,
): void {
  const { header, data } = readable(content.name, output.programOutput, readOutput)
  const { previous, last, previousRoot, newRoot } = content
  const words = [
    ['previous block number', BigInt(previous.number), header.prevBlockNumber],
    ['new block number', BigInt(last.number), header.newBlockNumber],
    ['previous block hash', BigInt(previous.hash), header.prevBlockHash],
    ['new block hash', BigInt(last.hash), header.newBlockHash],
    ['previous root', BigInt(previousRoot), header.prevRoot],
    ['new root', BigInt(newRoot), header.newRoot],
  ] as const
  for (const [word, expected, found] of words)
    if (expected !== found) throw differs(content.name, word, { expected, found })
  const given = output.data?.kind ?? 'none'
  if (given !== data.kind)
    throw new BatchInputError(content.name, 'data beside it', { expected: data.kind, found: given })
  if (data.kind !== 'blobs' || output.data?.kind !== 'blobs') return
  for (const [word, found] of [
    ['number of blobs', output.data.blobs.length],
    ['number of blob proofs', output.data.proofs.length],
  ] as const)
    if (found !== data.blobs.length)
      throw new BatchInputError(content.name, word, {
        expected: String(data.blobs.length),
        found: String(found),
      })
}

/** Throws `BatchInputError` where it is no output at all. */
export function readable<T>(
  batch: string,
  words: readonly bigint[],
  read: (words: readonly bigint[]) => T,
): T {
  try {
    return read(words)
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new BatchInputError(batch, 'output', { expected: 'one that can be read', found })
  }
}

/** Numbers and hashes, each as people write it. */
export function differs(
  batch: string,
  word: string,
  { expected, found }: { readonly expected: bigint; readonly found: bigint },
): BatchInputError {
  const written = (value: bigint) =>
    word.endsWith('number') || word.endsWith('id') ? String(value) : `0x${value.toString(16)}`
  return new BatchInputError(batch, word, { expected: written(expected), found: written(found) })
}
