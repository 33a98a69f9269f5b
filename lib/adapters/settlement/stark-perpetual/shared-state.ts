import { feltOfSigned, signedFelt } from '../../starknet-felt.ts'
import { type Hash, keccakOfWords } from '../facts/words.ts'

/** What a batch changes of the exchange as a whole. */
export type SharedState = {
  readonly positionsRoot: bigint
  readonly positionsHeight: bigint
  readonly ordersRoot: bigint
  readonly ordersHeight: bigint
  /** By ascending asset; what one unit held long has paid. */
  readonly funding: readonly { readonly asset: bigint; readonly index: bigint }[]
  /** Unix seconds. */
  readonly fundingTime: bigint
  /** By ascending asset. */
  readonly prices: readonly { readonly asset: bigint; readonly price: bigint }[]
  /** Unix seconds. */
  readonly systemTime: bigint
}

/** The state as words, without their number. */
export function sharedStateWords(state: SharedState): readonly bigint[] {
  return [
    state.positionsRoot,
    state.positionsHeight,
    state.ordersRoot,
    state.ordersHeight,
    BigInt(state.funding.length),
    ...state.funding.flatMap(({ asset, index }) => [asset, feltOfSigned(index)]),
    state.fundingTime,
    BigInt(state.prices.length),
    ...state.prices.flatMap(({ asset, price }) => [asset, price]),
    state.systemTime,
  ]
}

/** Undefined where the words are no such state. */
export function readSharedState(words: readonly bigint[]): SharedState | undefined {
  const [positionsRoot, positionsHeight, ordersRoot, ordersHeight, fundingCount] = words
  const fundingEnd = 5 + 2 * Number(fundingCount ?? 0n)
  const [fundingTime, priceCount] = words.slice(fundingEnd)
  const pricesEnd = fundingEnd + 2 + 2 * Number(priceCount ?? 0n)
  const systemTime = words[pricesEnd]
  if (
    positionsRoot === undefined ||
    positionsHeight === undefined ||
    ordersRoot === undefined ||
    ordersHeight === undefined ||
    fundingTime === undefined ||
    systemTime === undefined ||
    words.length !== pricesEnd + 1
  )
    return undefined
  return {
    positionsRoot,
    positionsHeight,
    ordersRoot,
    ordersHeight,
    funding: pairs(words.slice(5, fundingEnd)).map(([asset, index]) => ({
      asset,
      index: signedFelt(index),
    })),
    fundingTime,
    prices: pairs(words.slice(fundingEnd + 2, pricesEnd)).map(([asset, price]) => ({
      asset,
      price,
    })),
    systemTime,
  }
}

/** By which the contract remembers a state. */
export function sharedStateHash(state: SharedState): Hash {
  return keccakOfWords(sharedStateWords(state))
}

function pairs(words: readonly bigint[]): readonly (readonly [bigint, bigint])[] {
  return words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? 0n] as const] : []))
}
