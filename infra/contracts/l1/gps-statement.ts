import { factOfRun } from '../../../lib/adapters/settlement/facts/gps-fact.ts'
import {
  continuousPage,
  type MemoryCell,
  type MemoryChallenge,
  type MemoryPage,
  regularPage,
} from '../../../lib/adapters/settlement/facts/memory-pages.ts'
import { outputRoot, type PagedOutput } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import { starkPrime } from '../../../lib/adapters/settlement/facts/stark-prime.ts'
import { type Hash, keccakOfWords } from '../../../lib/adapters/settlement/facts/words.ts'

/** A program's run as a statement claims it. */
export type GpsTask = { readonly programHash: bigint; readonly output: PagedOutput }

/** The program in which the tasks of a statement run. */
export type Bootloader = {
  readonly program: readonly bigint[]
  readonly simpleBootloaderHash: bigint
  readonly supportedVerifiersHash: bigint
}

/** Everything that a prover sends to L1 but the proof itself. */
export type GpsStatement = {
  readonly taskMetadata: readonly bigint[]
  readonly cairoAuxInput: readonly bigint[]
  readonly challenge: MemoryChallenge
  readonly mainPage: MemoryPage
  /** Registered before the statement, each by itself. */
  readonly dataPages: readonly {
    readonly startAddress: bigint
    readonly values: readonly bigint[]
  }[]
  readonly facts: readonly { readonly root: Hash; readonly fact: Hash }[]
}

/** Where a run of the bootloader has its segments: addresses of a proof that nobody made. */
const frame = { begin: 16_384n, end: 16_640n }
const outputBegin = 20_480n
const firstBuiltin = 28_674n
const builtins = 8n

/** Steps, range checks, layout and program segment: only the checker of a proof reads them. */
const beforeTheSegments = [0n, 0n, 0n, 0n, 0n, 0n]
/** Address and value that fill up public memory. */
const paddingCell = [0n, 0n]

/** Two words of configuration and the number of tasks. */
const outputHead = 3n
/** Size and program. */
const taskHead = 2n

/** The statement that these tasks ran. The challenge is a proof's own; here it is drawn from the tasks. */
export function gpsStatement(
  tasks: readonly GpsTask[],
  bootloader: Bootloader,
  challenge: MemoryChallenge = drawnFrom(tasks),
): GpsStatement {
  const placed = placedTasks(tasks)
  const outputEnd = placed.at(-1)?.end ?? outputBegin + outputHead
  const pointers = [outputBegin, outputEnd, ...otherBuiltins()]
  const cells = [
    ...bootloader.program.map((value, at) => ({ address: BigInt(at) + 1n, value })),
    ...frameCells(pointers),
    ...outputCells(tasks, placed, bootloader),
  ]
  const mainPage = regularPage(cells, challenge)
  const dataPages = placed.flatMap(({ pages }) => pages)
  const registered = dataPages.map((page) => ({ ...page, ...continuousPage(page, challenge) }))
  return {
    taskMetadata: [BigInt(tasks.length), ...tasks.flatMap(metadataOf)],
    cairoAuxInput: [
      ...beforeTheSegments,
      frame.begin,
      frame.end,
      ...pointers,
      ...paddingCell,
      BigInt(1 + registered.length),
      BigInt(cells.length),
      BigInt(mainPage.hash),
      ...registered.flatMap((page) => [
        page.startAddress,
        BigInt(page.values.length),
        BigInt(page.hash),
      ]),
      ...[mainPage, ...registered].map(({ product }) => product),
      challenge.z,
      challenge.alpha,
    ],
    challenge,
    mainPage,
    dataPages,
    facts: tasks.map(({ programHash, output }) => ({
      root: outputRoot(output),
      fact: factOfRun(programHash, output),
    })),
  }
}

type PlacedTask = {
  readonly begin: bigint
  readonly end: bigint
  readonly pages: GpsStatement['dataPages']
}

/** One task's output after the other, each with its size and program before it. */
function placedTasks(tasks: readonly GpsTask[]): readonly PlacedTask[] {
  let end = outputBegin + outputHead
  return tasks.map(({ output }) => {
    const begin = end
    end += taskHead
    const pages = output.pages.map((values) => {
      const startAddress = end
      end += BigInt(values.length)
      return { startAddress, values }
    })
    return { begin, end, pages }
  })
}

/** Begin and end of each builtin but the output, with one cell used. */
function otherBuiltins(): readonly bigint[] {
  return Array.from({ length: Number(builtins - 1n) * 2 }, (_, at) => firstBuiltin + BigInt(at))
}

function frameCells(pointers: readonly bigint[]): readonly MemoryCell[] {
  const every = (from: number, at: bigint) =>
    pointers
      .filter((_, index) => index % 2 === from)
      .map((value, index) => ({ address: at + BigInt(index), value }))
  return [
    { address: frame.begin - 2n, value: frame.begin },
    { address: frame.begin - 1n, value: 0n },
    ...every(0, frame.begin),
    ...every(1, frame.end - builtins),
  ]
}

function outputCells(
  tasks: readonly GpsTask[],
  placed: readonly PlacedTask[],
  { simpleBootloaderHash, supportedVerifiersHash }: Bootloader,
): readonly MemoryCell[] {
  const head = [simpleBootloaderHash, supportedVerifiersHash, BigInt(tasks.length)]
  const heads = placed.flatMap(({ begin, end }, at) => [
    { address: begin, value: end - begin },
    { address: begin + 1n, value: tasks[at]?.programHash ?? 0n },
  ])
  return [...head.map((value, at) => ({ address: outputBegin + BigInt(at), value })), ...heads]
}

function metadataOf({ programHash, output: { pages, structure } }: GpsTask): readonly bigint[] {
  const words = BigInt(pages.reduce((sum, page) => sum + page.length, 0))
  const steps = structure.flatMap((step) => [BigInt(step.pages), BigInt(step.nodes)])
  return [words + taskHead, programHash, BigInt(structure.length), ...steps]
}

function drawnFrom(tasks: readonly GpsTask[]): MemoryChallenge {
  const words = tasks.flatMap(({ programHash, output }) => [programHash, ...output.pages.flat()])
  const drawn = (seed: bigint) => BigInt(keccakOfWords([seed, ...words])) % starkPrime
  return { z: drawn(0n), alpha: drawn(1n) }
}
