import type { StarkexLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import type { StarkexOffer } from '../../../lib/domain/liquidation/starkex-offer.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'

export const one = 1n << 32n

/** In hours. */
export const now = 490_000

/** A and B at one collateral for a unit; an eighth is required. */
export function aStarkexLook(change: Partial<StarkexLiquidationLook> = {}): StarkexLiquidationLook {
  const mark = {
    price: one,
    fundingIndex: 0n,
    segments: [{ upperBound: 1n << 95n, riskFactor: one / 8n }],
    segmentedBy: 'balance' as const,
  }
  return {
    kind: 'starkex',
    block: { number: 9, hash: '0x9', time: timestamp(now * 3_600_000) },
    accountsAt: timestamp(now * 3_600_000),
    paused: false,
    from: timestamp(0),
    markets: { '0xa': parseMarket('A-USD'), '0xb': parseMarket('B-USD') },
    dollar: 1n,
    marks: { '0xa': mark, '0xb': mark },
    liquidator: undefined,
    ...change,
  }
}

export function anAccount(
  id: string,
  collateral: bigint,
  holdings: Readonly<Record<string, bigint>> = {},
): Account {
  return {
    id,
    collateral,
    holdings: Object.entries(holdings).map(([asset, balance]) => ({
      asset,
      balance,
      fundingIndex: 0n,
    })),
  }
}

/** Takes up to 10,000 of A at the mark, for a fee of 1 % at most. */
export function anOffer(change: Partial<StarkexOffer['order']> = {}, filled = 0n): StarkexOffer {
  return {
    order: {
      nonce: 1n,
      publicKey: 5n,
      synthetic: 10_000n,
      collateral: 10_000n,
      fee: 100n,
      syntheticAsset: 0xan,
      collateralAsset: 7n,
      position: 20n,
      isBuying: true,
      expirationHours: BigInt(now + 2),
      r: 1n,
      s: 1n,
      ...change,
    },
    filled,
  }
}
