import { starkPrime } from './stark-prime.ts'
import { type Hash, keccakOfWords } from './words.ts'

/** The challenge at which a proof evaluates its public memory. */
export type MemoryChallenge = {
  readonly z: bigint
  readonly alpha: bigint
  readonly prime?: bigint
}

/** A page as the registry keeps it. */
export type MemoryPage = {
  /** What is registered. */
  readonly fact: Hash
  /** Of its words alone; the output's tree is made of these. */
  readonly hash: Hash
  /** Of z − (address + alpha · value) over its cells. */
  readonly product: bigint
}

/** A cell of memory. */
export type MemoryCell = { readonly address: bigint; readonly value: bigint }

/** The registry counts below it. */
const mostWords = 2 ** 20

/** A page of cells anywhere in memory; its hash covers addresses and values. */
export function regularPage(cells: readonly MemoryCell[], challenge: MemoryChallenge): MemoryPage {
  const words = cells.flatMap(({ address, value }) => [address, value])
  return pageOf({ kind: regular, words, cells, challenge, address: 0n })
}

/** A page of neighbouring cells; its hash covers the values alone. */
export function continuousPage(
  { startAddress, values }: { readonly startAddress: bigint; readonly values: readonly bigint[] },
  challenge: MemoryChallenge,
): MemoryPage {
  if (startAddress < 0n || startAddress >= 2n ** 64n)
    throw new MemoryPageError(`the address ${startAddress} is not below 2^64`)
  const cells = values.map((value, at) => ({ address: startAddress + BigInt(at), value }))
  return pageOf({ kind: continuous, words: values, cells, challenge, address: startAddress })
}

/** The registry's own numbers for them. */
const regular = 0n
const continuous = 1n

function pageOf({
  kind,
  words,
  cells,
  challenge: { z, alpha, prime = starkPrime },
  address,
}: {
  readonly kind: bigint
  readonly words: readonly bigint[]
  readonly cells: readonly MemoryCell[]
  readonly challenge: MemoryChallenge
  readonly address: bigint
}): MemoryPage {
  if (words.length >= mostWords) throw new MemoryPageError(`${words.length} words are too many`)
  if (z >= prime || alpha >= prime) throw new MemoryPageError('the challenge is not in the field')
  const hash = keccakOfWords(words)
  const product = cells.reduce(
    (sofar, cell) => modulo(sofar * (z - cell.address - alpha * cell.value), prime),
    1n,
  )
  const described = [kind, prime, BigInt(cells.length), z, alpha, product, BigInt(hash), address]
  return { fact: keccakOfWords(described), hash, product }
}

function modulo(value: bigint, prime: bigint): bigint {
  const rest = value % prime
  return rest < 0n ? rest + prime : rest
}

/** The registry would refuse the page. */
export class MemoryPageError extends Error {
  override readonly name = 'MemoryPageError'

  constructor(reason: string) {
    super(`the memory page cannot be registered: ${reason}`)
  }
}
