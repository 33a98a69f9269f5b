import { readAppchainHeader } from './appchain-run.ts'

/** What a source compares of an appchain's run with its blocks; throws where the output ends before that. */
export function parseAppchainOutput(words: readonly bigint[]) {
  const header = readAppchainHeader(words)
  if (!header) throw new RangeError(`an output of ${words.length} words ends within its header`)
  return {
    header: {
      prevRoot: header.previousRoot,
      newRoot: header.newRoot,
      prevBlockNumber: BigInt(header.previousNumber),
      newBlockNumber: BigInt(header.newNumber),
      prevBlockHash: header.previousHash,
      newBlockHash: header.newHash,
    },
    data: { kind: 'calldata' },
  } as const
}
