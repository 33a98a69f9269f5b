import { factOfRun } from '../../../lib/adapters/settlement/facts/gps-fact.ts'
import {
  bootloadedFact,
  type CairoRun,
  integrityPrograms,
  wrappedFact,
} from '../../../lib/adapters/settlement/facts/integrity-fact.ts'
import {
  OutputTreeError,
  type PagedOutput,
} from '../../../lib/adapters/settlement/facts/output-tree.ts'
import { starkPrime } from '../../../lib/adapters/settlement/facts/stark-prime.ts'
import { type CairoPie, NotAPieError, readPie } from './pie.ts'
import { programHash } from './program-hash.ts'

/** What a proof of a run says, and the facts by which registries know it. */
export type Statement = {
  readonly programHash: bigint
  readonly output: PagedOutput
  readonly steps: number
  /** Its proof is in a layout that Integrity has no verifier for: a run of the layout bridge, which verified it, is what it knows. */
  readonly isBridged: boolean
  readonly facts: { readonly sharp: `0x${string}`; readonly integrity: `0x${string}` }
}

/** What a prover makes of the bytes that it was sent: a statement, or SHARP's word for why there is none. */
export type Reading =
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'invalid'; readonly reason: string; readonly log: string }

/** A page of words that does not fit a transaction on L1 (cairo-lang, fact_topology.py). */
const largestPageWords = 3_800

/** The layout bridge's program, as Piltover's own tests have it (keep-starknet-strange/piltover, piltover_input.cairo). */
export const layoutBridgeProgram = 0x43c5c4cc37c4614d2cf3a833379052c3a38cd18d688b617e2c720e8f941cb8n

/** The builtins of `starknet_with_keccak`, the largest of the layouts that Integrity verifies. */
const verifiable = new Set([
  'output',
  'pedersen',
  'range_check',
  'ecdsa',
  'bitwise',
  'ec_op',
  'keccak',
  'poseidon',
])

export function readStatement(zip: Uint8Array, layout = 'auto'): Reading {
  try {
    return { kind: 'statement', statement: statementOf(readPie(zip), layout) }
  } catch (error) {
    if (error instanceof NotAPieError)
      return invalid(
        'INVALID_CAIRO_PIE_FILE_FORMAT',
        `The Cairo PIE file has a wrong format. ${error.message}`,
      )
    if (error instanceof OutputTreeError) return invalid('FAILED_TO_GENERATE_FACT', error.message)
    if (error instanceof PageTooLargeError) return invalid('PAGE_SIZE_EXCEEDS_LIMIT', error.message)
    throw error
  }
}

/** The same run with something else put out: what a broken prover proves. */
export function otherStatement({
  programHash: hash,
  output,
  steps,
  isBridged,
}: Statement): Statement {
  const [first = [], ...others] = output.pages
  const [word = 0n, ...words] = first
  const pages = [[(word + 1n) % starkPrime, ...words], ...others]
  return stated({ programHash: hash, output: { ...output, pages }, steps, isBridged })
}

function statementOf({ program, output, steps }: CairoPie, layout: string): Statement {
  const size = Math.max(0, ...output.pages.slice(1).map((page) => page.length))
  if (size > largestPageWords) throw new PageTooLargeError(size)
  const isBridged =
    layout === 'dynamic' || program.builtins.some((builtin) => !verifiable.has(builtin))
  return stated({ programHash: programHash(program), output, steps, isBridged })
}

function stated(proved: Omit<Statement, 'facts'>): Statement {
  const { programHash: hash, output, isBridged } = proved
  const integrity = knownToIntegrity({ programHash: hash, output: output.pages.flat() }, isBridged)
  return {
    ...proved,
    facts: { sharp: factOfRun(hash, output), integrity: `0x${integrity.toString(16)}` },
  }
}

function knownToIntegrity(run: CairoRun, isBridged: boolean): bigint {
  const { sharpBootloader: bootloader } = integrityPrograms
  return isBridged
    ? wrappedFact({ bootloader, wrapper: layoutBridgeProgram, run })
    : bootloadedFact(bootloader, run)
}

function invalid(reason: string, log: string): Reading {
  return { kind: 'invalid', reason, log }
}

class PageTooLargeError extends Error {
  override readonly name = 'PageTooLargeError'

  constructor(words: number) {
    super(`a page of ${words} words is larger than ${largestPageWords}`)
  }
}
