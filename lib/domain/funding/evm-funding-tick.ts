import type { Decimal } from '../decimal.ts'
import { type Timestamp, unixSeconds } from '../time.ts'
import { evmIndexChange, evmRate, withinCap } from './index-change.ts'

/** One market as the EVM engine has it. Prices, rates and indexes at 18 decimals. */
export type EvmFundingMarket = {
  readonly feedId: `0x${string}`
  readonly isListed: boolean
  readonly price: bigint
  readonly publishedAt: Timestamp
  readonly maxPriceAgeSeconds: number
  /** Of the notional, for one epoch. */
  readonly maxFundingRate: bigint
  /** The one ticked last; 0 before the first. */
  readonly fundingEpoch: number
  readonly fundingIndex: bigint
}

export type EvmFunding = {
  readonly paused: boolean
  /** Whether the account that sends is an operator. */
  readonly isOperator: boolean
  readonly epochSeconds: number
  readonly markets: readonly EvmFundingMarket[]
}

export type EvmFundingCall = {
  readonly epoch: number
  readonly rates: readonly { readonly feedId: `0x${string}`; readonly rate: bigint }[]
}

/** The contract's own errors; `IndexOverflow` is a failed assertion there. */
export type EvmRefusal =
  | 'NotOperator'
  | 'EnginePaused'
  | 'EmptyBatch'
  | 'WrongEpoch'
  | 'UnknownMarket'
  | 'FundingAlreadyTicked'
  | 'FundingRateTooHigh'
  | 'StalePrice'
  | 'IndexOverflow'

export type EvmVerdict =
  | {
      readonly kind: 'accepted'
      /** The index of each market after it, in the call's order. */
      readonly indexes: readonly bigint[]
    }
  | {
      readonly kind: 'refused'
      readonly reason: EvmRefusal
      readonly feedId: `0x${string}` | undefined
    }

/** The epoch that is at that time. */
export function evmEpochAt(at: Timestamp, epochSeconds: number): number {
  return Math.floor(unixSeconds(at) / epochSeconds)
}

/** What `tickFunding` would answer in a block of that time: the contract's checks in the contract's order (Funding.sol). */
export function judgeEvmFundingTick(
  engine: EvmFunding,
  call: EvmFundingCall,
  blockTime: Timestamp,
): EvmVerdict {
  if (!engine.isOperator) return refusal('NotOperator')
  if (engine.paused) return refusal('EnginePaused')
  if (call.rates.length === 0) return refusal('EmptyBatch')
  if (call.epoch !== evmEpochAt(blockTime, engine.epochSeconds)) return refusal('WrongEpoch')
  const ticked = new Set<string>()
  const indexes: bigint[] = []
  for (const { feedId, rate } of call.rates) {
    const market = engine.markets.find((one) => one.feedId === feedId)
    if (market === undefined || !market.isListed) return refusal('UnknownMarket', feedId)
    if (call.epoch <= market.fundingEpoch || ticked.has(feedId))
      return refusal('FundingAlreadyTicked', feedId)
    if (withinCap(rate, market.maxFundingRate) !== rate)
      return refusal('FundingRateTooHigh', feedId)
    if (!isFresh(market, blockTime)) return refusal('StalePrice', feedId)
    const index = market.fundingIndex + evmIndexChange(rate, market.price)
    if (!isI192(index)) return refusal('IndexOverflow', feedId)
    ticked.add(feedId)
    indexes.push(index)
  }
  return { kind: 'accepted', indexes }
}

export type BuiltEvmTick = {
  readonly call: EvmFundingCall
  /** Rates that the market's cap made smaller, at 18 decimals. */
  readonly clamped: readonly {
    readonly feedId: `0x${string}`
    readonly wanted: bigint
    readonly allowed: bigint
  }[]
  /** Listed markets that this call cannot tick, and why. */
  readonly leftOut: readonly {
    readonly feedId: `0x${string}`
    readonly why: 'unrated' | 'ticked-already' | 'stale-price'
  }[]
}

/** The call for the epoch at that time, with these rates by feed; a market's cap does not move, so we go up to it. */
export function buildEvmFundingTick(
  engine: EvmFunding,
  rates: ReadonlyMap<`0x${string}`, Decimal>,
  blockTime: Timestamp,
): BuiltEvmTick {
  const epoch = evmEpochAt(blockTime, engine.epochSeconds)
  const listed = engine.markets.filter(({ isListed }) => isListed)
  const sorted = listed.map((market) => {
    const rate = rates.get(market.feedId)
    const why = whyNot(market, { epoch, blockTime, rate })
    return { market, why, wanted: rate === undefined ? 0n : evmRate(rate) }
  })
  const ticked = sorted
    .filter(({ why }) => why === undefined)
    .map(({ market: { feedId, maxFundingRate }, wanted }) => {
      return { feedId, wanted, allowed: withinCap(wanted, maxFundingRate) }
    })
  return {
    call: { epoch, rates: ticked.map(({ feedId, allowed }) => ({ feedId, rate: allowed })) },
    clamped: ticked.filter(({ wanted, allowed }) => wanted !== allowed),
    leftOut: sorted.flatMap(({ market: { feedId }, why }) =>
      why === undefined ? [] : [{ feedId, why }],
    ),
  }
}

function whyNot(
  market: EvmFundingMarket,
  {
    epoch,
    blockTime,
    rate,
  }: {
    readonly epoch: number
    readonly blockTime: Timestamp
    readonly rate: Decimal | undefined
  },
): BuiltEvmTick['leftOut'][number]['why'] | undefined {
  if (epoch <= market.fundingEpoch) return 'ticked-already'
  if (!isFresh(market, blockTime)) return 'stale-price'
  return rate === undefined ? 'unrated' : undefined
}

/** The price that the contract would reckon with is there and not too old. */
function isFresh(
  { publishedAt, maxPriceAgeSeconds }: EvmFundingMarket,
  blockTime: Timestamp,
): boolean {
  return unixSeconds(blockTime) - unixSeconds(publishedAt) <= maxPriceAgeSeconds
}

function isI192(value: bigint): boolean {
  return value >= -(1n << 191n) && value < 1n << 191n
}

function refusal(
  reason: EvmRefusal,
  feedId?: `0x${string}`,
): Extract<EvmVerdict, { kind: 'refused' }> {
  return { kind: 'refused', reason, feedId }
}
