import { outputRoot, type PagedOutput } from './output-tree.ts'
import { type Hash, keccakOfWords } from './words.ts'

/** What the GPS registry is asked about: an output's root under the hash of the program that made it. */
export function gpsFact(programHash: bigint, root: Hash): Hash {
  return keccakOfWords([programHash, BigInt(root)])
}

/** The fact of a program's run, of whatever pages its output has. */
export function factOfRun(programHash: bigint, output: PagedOutput): Hash {
  return gpsFact(programHash, outputRoot(output))
}
