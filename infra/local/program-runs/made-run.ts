import type { Kzg } from '../../../lib/adapters/kzg.ts'
import { onePage, type PagedOutput } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import {
  buildProgramOutput,
  type CoreData,
} from '../../../lib/adapters/settlement/starknet-core/program-output.ts'
import type { CairoProgram } from '../provers/program-hash.ts'
import { inBlobs } from './data-blobs.ts'
import { withData } from './data-pages.ts'
import { localCoreProgram } from './programs.ts'

/** What somebody asks for: a run over these blocks or batches, both included, between these states. */
export type Wanted = {
  readonly first: number
  readonly last: number
  readonly previousRoot: bigint
  readonly newRoot: bigint
  readonly previousHash: bigint
  readonly lastHash: bigint
}

/** A run that was made. */
export type MadeRun = {
  readonly program: CairoProgram
  readonly steps: number
  /** As it is proved. */
  readonly output: PagedOutput
  /** As the settlement contract is told it. */
  readonly programOutput: readonly bigint[]
  readonly onchainData?: { readonly hash: bigint; readonly size: bigint }
  /** Absent where its data is in pages of the output, or there is none. */
  readonly blobs?: {
    readonly blobs: readonly `0x${string}`[]
    readonly proofs: readonly `0x${string}`[]
  }
  readonly applicationData?: readonly bigint[]
}

/** How a run is wrong: by the root that it makes, or because it is one of another chain. */
export type Spoilt = 'wrong-root' | 'other-chain' | undefined

/** Runs a program; undefined while what is asked for is not in its chain. */
export type MakeRun = (wanted: Wanted, spoilt: Spoilt) => Promise<MadeRun | undefined>

/** A transition as a Starknet core is told it. */
export type CoreTransition = {
  readonly wanted: Wanted
  readonly newRoot: bigint
  readonly previousRoot: bigint
  readonly configHash: bigint
  /** What is published of it. */
  readonly data: readonly bigint[]
  /** How much there was to do: transactions or actions. */
  readonly size: number
}

/** The run of such a transition, with its data beside it. */
export function coreRunOf(transition: CoreTransition, spoilt: Spoilt): MadeRun {
  const { data, size } = transition
  const programOutput = outputOf(transition, { kind: 'calldata' }, spoilt)
  // How much there is, first: also of nothing.
  const published = withData(programOutput, [BigInt(data.length), ...data])
  return {
    program: localCoreProgram,
    steps: stepsOf(size),
    output: published.whole,
    programOutput,
    onchainData: { hash: BigInt(published.hash), size: published.size },
  }
}

/** The same with its data in blobs. */
export async function coreRunInBlobs(
  transition: CoreTransition,
  { spoilt, kzg }: { readonly spoilt: Spoilt; readonly kzg: Kzg },
): Promise<MadeRun> {
  const { data, size } = transition
  const { told, ...published } = await inBlobs([BigInt(data.length), ...data], kzg)
  const programOutput = outputOf(transition, told, spoilt)
  return {
    program: localCoreProgram,
    steps: stepsOf(size),
    output: { pages: [programOutput], structure: onePage },
    programOutput,
    blobs: published,
  }
}

function outputOf(transition: CoreTransition, data: CoreData, spoilt: Spoilt): readonly bigint[] {
  const { wanted, previousRoot, newRoot, configHash } = transition
  const isOther = spoilt === 'other-chain'
  return buildProgramOutput({
    header: {
      prevRoot: previousRoot,
      newRoot: spoilt === 'wrong-root' ? another(newRoot) : newRoot,
      prevBlockNumber: BigInt(wanted.first - 1),
      newBlockNumber: BigInt(wanted.last),
      prevBlockHash: isOther ? another(wanted.previousHash) : wanted.previousHash,
      newBlockHash: isOther ? another(wanted.lastHash) : wanted.lastHash,
      osProgramHash: 0n,
      configHash,
    },
    data,
    toL1: [],
    toL2: [],
  })
}

/** A run has some steps whatever it does, and about so many for each transaction. */
const leastSteps = 20_000
const stepsEach = 5_000

export function stepsOf(size: number): number {
  return leastSteps + stepsEach * size
}

/** Any other number that a word can be. */
export function another(word: bigint): bigint {
  return word ^ 1n
}
