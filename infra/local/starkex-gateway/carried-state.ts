import type { FundingTick, GatewayTransaction, OraclePricesTick } from './gateway-transaction.ts'

/** What StarkEx's program carries from one transaction to the next. Assets are felts, times are in seconds. */
export type CarriedState = {
  readonly systemTime: bigint
  /** Of the last funding tick; 0 before the first. */
  readonly fundingTime: bigint
  /** Scale 2^32. */
  readonly prices: ReadonlyMap<bigint, bigint>
  /** Scale 2^32. */
  readonly indices: ReadonlyMap<bigint, bigint>
}

export const nothingCarried: CarriedState = {
  systemTime: 0n,
  fundingTime: 0n,
  prices: new Map(),
  indices: new Map(),
}

/** The state after a transaction that was checked. */
export function carriedOn(state: CarriedState, tx: GatewayTransaction): CarriedState {
  switch (tx.type) {
    case 'ORACLE_PRICES_TICK':
      return withPrices(state, tx)
    case 'FUNDING_TICK':
      return withFunding(state, tx)
    case 'LIQUIDATE':
    case 'DELEVERAGE':
      return state
  }
}

/** What is not in the tick keeps its price. */
function withPrices(state: CarriedState, tick: OraclePricesTick): CarriedState {
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
function withFunding(state: CarriedState, tick: FundingTick): CarriedState {
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

/** JSON in which whole numbers of any size and maps by them survive. */
export function writeCarried(state: CarriedState): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (typeof value === 'bigint') return { number: String(value) }
    if (value instanceof Map) return { map: [...value] }
    return value
  })
}

/** What `writeCarried` wrote. */
export function readCarried(text: string): CarriedState {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    if ('number' in value) return BigInt(String(value.number))
    if ('map' in value) return new Map(value.map as [unknown, unknown][])
    return value
  }) as CarriedState
}
