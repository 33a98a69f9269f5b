import { factOfRun } from '../../../lib/adapters/settlement/facts/gps-fact.ts'
import {
  bootloadedFact,
  integrityPrograms,
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
  readonly facts: { readonly sharp: `0x${string}`; readonly integrity: `0x${string}` }
}

/** What a prover makes of the bytes that it was sent: a statement, or SHARP's word for why there is none. */
export type Reading =
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'invalid'; readonly reason: string; readonly log: string }

/** A page of words that does not fit a transaction on L1 (cairo-lang, fact_topology.py). */
const largestPageWords = 3_800

export function readStatement(zip: Uint8Array): Reading {
  try {
    return { kind: 'statement', statement: statementOf(readPie(zip)) }
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
export function otherStatement({ programHash: hash, output, steps }: Statement): Statement {
  const [first = [], ...others] = output.pages
  const [word = 0n, ...words] = first
  const pages = [[(word + 1n) % starkPrime, ...words], ...others]
  return stated(hash, { ...output, pages }, steps)
}

function statementOf({ program, output, steps }: CairoPie): Statement {
  const size = Math.max(0, ...output.pages.slice(1).map((page) => page.length))
  if (size > largestPageWords) throw new PageTooLargeError(size)
  return stated(programHash(program), output, steps)
}

function stated(hash: bigint, output: PagedOutput, steps: number): Statement {
  const run = { programHash: hash, output: output.pages.flat() }
  const integrity = bootloadedFact(integrityPrograms.sharpBootloader, run)
  return {
    programHash: hash,
    output,
    steps,
    facts: { sharp: factOfRun(hash, output), integrity: `0x${integrity.toString(16)}` },
  }
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
