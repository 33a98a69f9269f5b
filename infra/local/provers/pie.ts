import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { z } from 'zod'

import {
  onePage,
  type PagedOutput,
  type TreeStep,
} from '../../../lib/adapters/settlement/facts/output-tree.ts'
import { starkPrime } from '../../../lib/adapters/settlement/facts/stark-prime.ts'
import { type CairoCell, type CairoValue, readMemory, writeMemory } from './pie-memory.ts'
import type { CairoProgram } from './program-hash.ts'

/** A run of a Cairo program that somebody else can prove, as far as provers tell runs apart. */
export type CairoPie = {
  readonly program: CairoProgram
  readonly output: PagedOutput
  readonly steps: number
}

/** The files of a PIE (cairo-lang, cairo_pie.py). */
const files = {
  metadata: 'metadata.json',
  memory: 'memory.bin',
  additional: 'additional_data.json',
  resources: 'execution_resources.json',
  /** Came later: absent in old ones. */
  version: 'version.json',
} as const

/** What the original itself takes of one file. */
const largestFileBytes = 1024 ** 3

/** A whole PIE, as a zip that the provers take. Memory has what a run begins and ends with, and not what it did between. */
export function writePie({ program, output, steps }: CairoPie): Uint8Array {
  const words = output.pages.flat()
  const segments = segmentsOf(program, words.length)
  const counters = program.builtins.map((name) => `"${name}_builtin":${usedOf(name, words)}`)
  const zipped = {
    [files.metadata]: strToU8(metadataText(program, segments)),
    [files.memory]: writeMemory(cellsOf(program, words)),
    [files.additional]: strToU8(JSON.stringify(additionalData(program, output))),
    [files.resources]: strToU8(
      `{"n_steps":${steps},"builtin_instance_counter":{${counters.join()}},"n_memory_holes":0}`,
    ),
    [files.version]: strToU8(JSON.stringify({ cairo_pie: '1.1' })),
  }
  // The oldest time that a zip can tell: the same run is always the same bytes.
  return zipSync(zipped, { mtime: new Date(1980, 0, 1) })
}

/** What a PIE says; throws `NotAPieError` where it is none, or contradicts itself. */
export function readPie(zip: Uint8Array): CairoPie {
  const parts = unzipped(zip)
  const metadata = parsed(Metadata, parts, files.metadata)
  const { builtins, main, data } = metadata.program
  checkSegments(metadata)
  const memory = memoryOf(parts)
  if (data.some((word, offset) => word !== memory(0, offset)))
    throw new NotAPieError('the program in memory is not that of the metadata')
  const { n_steps: steps } = parsed(Resources, parts, files.resources)
  const { output_builtin: told } = parsed(Additional, parts, files.additional)
  const program = { builtins, main, data }
  return { program, output: pagedOutput(told, outputOf(metadata, memory)), steps }
}

const felt = z
  .union([z.int().nonnegative(), z.bigint().nonnegative()])
  .transform((value) => BigInt(value))
  .refine((value) => value < starkPrime, 'not below the prime')
const size = z
  .int()
  .nonnegative()
  .lt(2 ** 30)
const segment = z.object({ index: size, size })
type Segment = z.output<typeof segment>

const Metadata = z.object({
  program: z.object({
    prime: z.bigint().refine((prime) => prime === starkPrime, 'another prime'),
    data: z.array(felt),
    builtins: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)),
    main: size,
  }),
  program_segment: segment,
  execution_segment: segment,
  ret_fp_segment: segment,
  ret_pc_segment: segment,
  builtin_segments: z.record(z.string(), segment),
  extra_segments: z.array(segment),
})
type Metadata = z.output<typeof Metadata>

const Resources = z.object({ n_steps: size.min(1) })

/** Python writes a page as a pair, Rust by the names. */
const page = z.union([
  z.tuple([size, size.min(1)]).transform(([start, words]) => ({ start, words })),
  z
    .object({ start: size, size: size.min(1) })
    .transform(({ start, size: words }) => ({ start, words })),
])

const Additional = z.object({
  output_builtin: z.object({
    pages: z.record(z.string().regex(/^[1-9]\d{0,5}$/), page),
    attributes: z.object({
      // Pairs of pages and nodes: the bootloader reads five at most.
      gps_fact_topology: z.array(size).min(2).max(10).optional(),
    }),
  }),
})
type OutputBuiltin = z.output<typeof Additional>['output_builtin']

type Segments = {
  readonly program: Segment
  readonly execution: Segment
  readonly builtins: readonly (readonly [name: string, segment: Segment])[]
  readonly retFp: Segment
  readonly retPc: Segment
}

/** In the order that the bootloader wants. */
function segmentsOf({ builtins, data }: CairoProgram, outputWords: number): Segments {
  const count = builtins.length
  const first = 2
  return {
    program: { index: 0, size: data.length },
    execution: { index: 1, size: 2 * count + 2 },
    builtins: builtins.map((name, at) => [
      name,
      { index: first + at, size: name === 'output' ? outputWords : 0 },
    ]),
    retFp: { index: first + count, size: 0 },
    retPc: { index: first + count + 1, size: 0 },
  }
}

function usedOf(builtin: string, words: readonly bigint[]): number {
  return builtin === 'output' ? words.length : 0
}

/** Written by hand, since JSON's writer has no numbers of this size. */
function metadataText({ builtins, main, data }: CairoProgram, segments: Segments): string {
  const program = `{"prime":${starkPrime},"data":[${data.join()}],"builtins":${JSON.stringify(builtins)},"main":${main}}`
  const rest = JSON.stringify({
    program_segment: segments.program,
    execution_segment: segments.execution,
    ret_fp_segment: segments.retFp,
    ret_pc_segment: segments.retPc,
    builtin_segments: Object.fromEntries(segments.builtins),
    extra_segments: [],
  })
  return `{"program":${program},${rest.slice(1)}`
}

/** The program; what `main` is called with and returns, which is where its builtins begin and end; and what it put out. */
function cellsOf(program: CairoProgram, words: readonly bigint[]): readonly CairoCell[] {
  const segments = segmentsOf(program, words.length)
  const starts = segments.builtins.map(([, { index }]) => ({ segment: index, offset: 0 }))
  const ends = segments.builtins.map(([, one]) => ({ segment: one.index, offset: one.size }))
  const returns = [segments.retFp, segments.retPc].map(({ index }) => ({
    segment: index,
    offset: 0,
  }))
  const output = segments.builtins.find(([name]) => name === 'output')?.[1]
  return [
    ...cellsFrom(segments.program.index, program.data),
    ...cellsFrom(segments.execution.index, [...starts, ...returns, ...ends]),
    ...(output ? cellsFrom(output.index, words) : []),
  ]
}

function cellsFrom(segmentIndex: number, values: readonly CairoValue[]): readonly CairoCell[] {
  return values.map((value, offset) => ({ address: { segment: segmentIndex, offset }, value }))
}

function additionalData({ builtins }: CairoProgram, { pages, structure }: PagedOutput): object {
  const starts = pages.map((_, at) => pages.slice(0, at).flat().length)
  const later = pages.slice(1).map((one, at) => [at + 1, [starts[at + 1], one.length]] as const)
  const topology = structure.flatMap(({ pages: taken, nodes }) => [taken, nodes])
  const output = {
    pages: Object.fromEntries(later),
    attributes: later.length > 0 ? { gps_fact_topology: topology } : {},
  }
  return Object.fromEntries(
    builtins.map((name) => [`${name}_builtin`, name === 'output' ? output : []]),
  )
}

type Parts = Readonly<Record<string, Uint8Array>>

function unzipped(zip: Uint8Array): Parts {
  if (zip[0] !== 0x50 || zip[1] !== 0x4b) throw new NotAPieError('Invalid prefix for zip file.')
  const known: readonly string[] = Object.values(files)
  try {
    return unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        if (!known.includes(name)) throw new NotAPieError(`it has a file ${name}`)
        if (originalSize >= largestFileBytes) throw new NotAPieError(`${name} is too large`)
        return true
      },
    })
  } catch (error) {
    if (error instanceof NotAPieError) throw error
    throw new NotAPieError(error instanceof Error ? error.message : String(error))
  }
}

function partOf(parts: Parts, name: string): Uint8Array {
  const part = parts[name]
  if (!part) throw new NotAPieError(`it has no ${name}`)
  return part
}

function parsed<T extends z.ZodType>(schema: T, parts: Parts, name: string): z.output<T> {
  const read = schema.safeParse(jsonOf(strFromU8(partOf(parts, name)), name))
  if (read.success) return read.data
  throw new NotAPieError(`${name}: ${z.prettifyError(read.error).replaceAll('\n', ' ')}`)
}

/** With whole numbers of any size. */
function jsonOf(text: string, name: string): unknown {
  try {
    const json: unknown = JSON.parse(text, keptWhole)
    return json
  } catch {
    throw new NotAPieError(`${name} is no JSON of whole numbers`)
  }
}

function keptWhole(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  return BigInt(context?.source ?? '')
}

function checkSegments(metadata: Metadata): void {
  const { program, builtin_segments: builtins, extra_segments: extra } = metadata
  const names = Object.keys(builtins)
  if (names.join() !== program.builtins.join())
    throw new NotAPieError('its builtins are not those that have a segment')
  if (metadata.program_segment.size !== program.data.length)
    throw new NotAPieError('the program is not as long as its segment')
  const ordered = [
    metadata.program_segment,
    metadata.execution_segment,
    ...Object.values(builtins),
    metadata.ret_fp_segment,
    metadata.ret_pc_segment,
    ...extra,
  ]
  if (ordered.some(({ index }, at) => index !== at))
    throw new NotAPieError('its segments are not in order')
}

type Memory = (segment: number, offset: number) => CairoValue | undefined

function memoryOf(parts: Parts): Memory {
  const cells = new Map<string, CairoValue>()
  for (const { address, value } of cellsIn(partOf(parts, files.memory)))
    cells.set(`${address.segment}:${address.offset}`, value)
  return (segmentIndex, offset) => cells.get(`${segmentIndex}:${offset}`)
}

function cellsIn(bytes: Uint8Array): readonly CairoCell[] {
  try {
    return readMemory(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new NotAPieError(`${files.memory}: ${error.message}`)
  }
}

function outputOf({ builtin_segments: builtins }: Metadata, memory: Memory): readonly bigint[] {
  const { output } = builtins
  if (!output) throw new NotAPieError('it puts nothing out')
  return Array.from({ length: output.size }, (_, offset) => {
    const word = memory(output.index, offset)
    if (typeof word === 'bigint' && word < starkPrime) return word
    throw new NotAPieError(`word ${offset} of its output is no number`)
  })
}

/** Pages lie one behind the other up to the end; the first has no entry of its own (cairo-lang, fact_topology.py). */
function pagedOutput(
  { pages, attributes: { gps_fact_topology: topology } }: OutputBuiltin,
  words: readonly bigint[],
): PagedOutput {
  const later = Object.entries(pages)
    .map(([id, one]) => ({ id: Number(id), ...one }))
    .toSorted((one, other) => one.id - other.id)
  if (later.length > 0 && !topology)
    throw new NotAPieError('its output has pages, but no tree of them')
  let start = later[0]?.start ?? words.length
  const found = [words.slice(0, start)]
  for (const [at, one] of later.entries()) {
    if (one.id !== at + 1 || one.start !== start || start === 0)
      throw new NotAPieError(`page ${one.id} of its output is not behind the one before it`)
    start += one.words
    found.push(words.slice(one.start, start))
  }
  if (start !== words.length) throw new NotAPieError('its pages are not the whole output')
  return { pages: found, structure: topology ? stepsOf(topology) : onePage }
}

function stepsOf(topology: readonly number[]): readonly TreeStep[] {
  if (topology.length % 2 !== 0) throw new NotAPieError('its tree is no list of pairs')
  return topology.flatMap((pages, at) =>
    at % 2 === 0 ? [{ pages, nodes: topology[at + 1] ?? 0 }] : [],
  )
}

/** Provers would not take it for a run. */
export class NotAPieError extends Error {
  override readonly name = 'NotAPieError'
}
