import { type Hash, keccakOfWords, wordHex } from './words.ts'

/** One step of the tree's building: so many pages more on the stack, then the topmost so many nodes (0: none) under one of their own. */
export type TreeStep = { readonly pages: number; readonly nodes: number }

/** The shape of an output that is all one page. */
export const onePage: readonly TreeStep[] = [{ pages: 1, nodes: 0 }]

/** The shape of an output whose data is published apart: a main page, and one page of data. */
export const mainAndData: readonly TreeStep[] = [{ pages: 2, nodes: 2 }]

/** A node, and the word of the whole output at which it ends. */
export type OutputNode = { readonly hash: Hash; readonly end: number }

/** Pages of words, and how they hang together. */
export type PagedOutput = {
  readonly pages: readonly (readonly bigint[])[]
  readonly structure: readonly TreeStep[]
}

/**
 * The root of a program's output, which GPS registers under the program's hash. A leaf is the hash of its page; an inner node
 * is one more than the hash of its children with their ends, so that it can be no leaf.
 */
export function outputRoot(output: PagedOutput): Hash {
  return treeOf(output, 0).hash
}

/** What a settlement contract calls the data's hash where the data has pages of its own: their ends count from the start of the whole output, and so it depends on the length of the main part. */
export function onchainDataHash(data: PagedOutput, mainWords: number): Hash {
  return treeOf(data, mainWords).hash
}

/** The root of an output that is known but for its data, of which hash and size are. */
export function encodeFactWithOnchainData(
  main: readonly bigint[],
  { hash, words }: { readonly hash: Hash; readonly words: bigint },
): Hash {
  const end = BigInt(main.length)
  return innerHash([keccakOfWords(main), wordHex(end), hash, wordHex(end + words)])
}

function treeOf({ pages, structure }: PagedOutput, startsAt: number): OutputNode {
  const waiting = [...pages]
  let stack: readonly OutputNode[] = []
  let end = startsAt
  for (const step of structure) {
    const taken = waiting.splice(0, step.pages)
    if (taken.length < step.pages)
      throw new OutputTreeError('the structure names more pages than there are')
    const leaves = taken.map((page) => {
      end += page.length
      return { hash: keccakOfWords(page), end }
    })
    stack = joined([...stack, ...leaves], step.nodes)
  }
  const [root, ...others] = stack
  if (waiting.length > 0) throw new OutputTreeError('the structure leaves pages over')
  if (!root || others.length > 0)
    throw new OutputTreeError(`the structure ends with ${stack.length} nodes instead of one`)
  return root
}

function joined(stack: readonly OutputNode[], count: number): readonly OutputNode[] {
  if (count === 0) return stack
  if (count > stack.length)
    throw new OutputTreeError(`the structure joins ${count} nodes where there are ${stack.length}`)
  const children = stack.slice(-count)
  const hash = innerHash(children.flatMap((child) => [child.hash, wordHex(BigInt(child.end))]))
  return [...stack.slice(0, -count), { hash, end: children.at(-1)?.end ?? 0 }]
}

function innerHash(parts: readonly Hash[]): Hash {
  return wordHex(BigInt(keccakOfWords(parts.map(BigInt))) + 1n)
}

/** Pages and structure do not belong together. */
export class OutputTreeError extends Error {
  override readonly name = 'OutputTreeError'

  constructor(reason: string) {
    super(`the output has no root: ${reason}`)
  }
}
