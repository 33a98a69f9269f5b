import type { FundingTick, OraclePricesTick } from './gateway-transaction.ts'
import type { Position } from './position.ts'

/** What StarkEx's program carries from one transaction to the next. Assets are felts, times are in seconds. */
export type CarriedState = {
  readonly systemTime: bigint
  /** Of the last funding tick; 0 before the first. */
  readonly fundingTime: bigint
  /** Scale 2^32. */
  readonly prices: ReadonlyMap<bigint, bigint>
  /** Scale 2^32. */
  readonly indices: ReadonlyMap<bigint, bigint>
  /** By id. */
  readonly positions: ReadonlyMap<bigint, Position>
  /** How much of each order's synthetic was traded, by the order's id. */
  readonly orders: ReadonlyMap<bigint, bigint>
}

export const nothingCarried: CarriedState = {
  systemTime: 0n,
  fundingTime: 0n,
  prices: new Map(),
  indices: new Map(),
  positions: new Map(),
  orders: new Map(),
}

/** What is not in the tick keeps its price. */
export function withPrices(state: CarriedState, tick: OraclePricesTick): CarriedState {
  const told = Object.entries(tick.oracle_prices).map(
    ([asset, { price }]) => [BigInt(asset), BigInt(price)] as const,
  )
  return {
    ...state,
    systemTime: BigInt(tick.timestamp),
    prices: new Map([...state.prices, ...told]),
  }
}

/** The tick is the whole list from now on. */
export function withFunding(state: CarriedState, tick: FundingTick): CarriedState {
  const { indices, timestamp } = tick.global_funding_indices
  const time = BigInt(timestamp)
  return {
    ...state,
    systemTime: time,
    fundingTime: time,
    indices: new Map(
      Object.entries(indices).map(([asset, index]) => [BigInt(asset), BigInt(index)] as const),
    ),
  }
}
