import { createHash } from 'node:crypto'

import type { BatchContent, ProofInput } from '../../domain/proving/batch.ts'
import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'
import type { BatchSource, Blobs, Settlement } from '../../ports.ts'
import { outputBytes, readOutput } from './output-bytes.ts'

/** Where a batch's program run is kept, and made again where it is gone. */
export type RunFiles = {
  readonly blobs: Blobs
  readonly source: BatchSource
}

/** The run of a batch, kept and named. Undefined while its program was not run yet. */
export async function keepRun(
  { blobs, source, settlement }: RunFiles & { readonly settlement: Settlement },
  content: BatchContent,
): Promise<ProofInput | undefined> {
  const run = await source.input(content)
  if (!run) return undefined
  const output = outputBytes(run.output)
  const facts = settlement.facts(content, run)
  const input = { pie: nameOf(run.pie), output: nameOf(output) }
  await blobs.put(input.pie, run.pie)
  await blobs.put(input.output, output)
  return { ...input, steps: run.steps, programHash: run.programHash, ...facts }
}

export async function pieOf(
  files: RunFiles,
  content: BatchContent,
  { pie }: ProofInput,
): Promise<Uint8Array> {
  return await kept(files, content, pie)
}

export async function outputOf(
  files: RunFiles,
  content: BatchContent,
  { output }: ProofInput,
): Promise<SettlementOutput> {
  return readOutput(await kept(files, content, output))
}

/** A row may outlive its files: what is gone is asked for again, and must be the same. */
async function kept(
  { blobs, source }: RunFiles,
  content: BatchContent,
  name: string,
): Promise<Uint8Array> {
  const found = await blobs.get(name)
  if (found && nameOf(found) === name) return found
  const run = await source.input(content)
  const bytes = run && [run.pie, outputBytes(run.output)].find((one) => nameOf(one) === name)
  if (!bytes) throw new LostRunError(content.name, name, run !== undefined)
  await blobs.put(name, bytes)
  return bytes
}

/** By its content: a name never stands for other bytes. */
function nameOf(bytes: Uint8Array): string {
  return `proof-input/${createHash('sha256').update(bytes).digest('hex')}`
}

/** What was kept of a program run is gone, and its source has no such run any more. */
export class LostRunError extends Error {
  override readonly name = 'LostRunError'

  constructor(batch: string, file: string, hasOther: boolean) {
    super(
      `${file} of ${batch} is gone, and its source has ${hasOther ? 'another run now' : 'no run of it'}`,
    )
  }
}
