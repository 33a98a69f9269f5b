import type { CoreAsset, CoreFunding } from '../../../lib/domain/funding/funding-tick.ts'
import { timestamp } from '../../../lib/domain/time.ts'

export const at = (seconds: number) => timestamp(seconds * 1_000)

/** An hour after its last tick, with one active asset at 100, unless said otherwise. */
export function aCore(changes: Partial<CoreFunding> = {}): CoreFunding {
  return {
    generation: 'D',
    paused: false,
    operatorNonce: 7n,
    isOperator: true,
    assets: [anAsset(1n)],
    lastFundingTick: at(1_000_000),
    lastPriceValidation: at(1_000_000),
    maxPriceIntervalSeconds: 86_400,
    maxFundingRate: 35_792n,
    ...changes,
  }
}

export const now = at(1_003_600)

export function anAsset(id: bigint, changes: Partial<CoreAsset> = {}): CoreAsset {
  return {
    id,
    kind: 'synthetic',
    status: 'active',
    price: 100n << 28n,
    pricedAt: now,
    fundingIndex: 0n,
    ...changes,
  }
}
