import {
  mainAndData,
  onchainDataHash,
  onePage,
  type PagedOutput,
} from '../../../lib/adapters/settlement/facts/output-tree.ts'
import type { Hash } from '../../../lib/adapters/settlement/facts/words.ts'

/** A page of more words does not fit a transaction on L1 (cairo-lang, fact_topology.py). */
const largestPageWords = 3_800

/** Data as it is published beside an output: in as many pages as it takes. */
export type PublishedPages = {
  /** As the contract is told it. */
  readonly hash: Hash
  readonly size: bigint
  /** The output as it is proved, data and all. */
  readonly whole: PagedOutput
}

/** An output's main part and its data, which is not empty. */
export function withData(main: readonly bigint[], data: readonly bigint[]): PublishedPages {
  const pages = Array.from({ length: Math.ceil(data.length / largestPageWords) }, (_, at) =>
    data.slice(at * largestPageWords, (at + 1) * largestPageWords),
  )
  const count = pages.length
  const structure = count === 1 ? onePage : [{ pages: count, nodes: count }]
  const both =
    count === 1
      ? mainAndData
      : [
          { pages: 1 + count, nodes: count },
          { pages: 0, nodes: 2 },
        ]
  return {
    hash: onchainDataHash({ pages, structure }, main.length),
    size: BigInt(data.length),
    whole: { pages: [main, ...pages], structure: both },
  }
}
