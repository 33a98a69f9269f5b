import { expect, test } from 'vitest'

import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { hex } from '../../../../infra/local/starknet-box/felt.ts'
import { genesisCore } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { operator, outcome, run } from './a-core.ts'
import { tradeCalldata } from './flow-calldata.ts'

// Limits and texts: starknet-perpetual assets.cairo and utils.cairo, generation C.

const start = 1_808_000_000n
const assetId = 0x4254432d3600000000000000000000n
const a = { positionId: 101n, baseAssetId: assetId, baseAmount: -10n, quoteAmount: 1000n }
const b = { positionId: 5n, baseAssetId: assetId, baseAmount: 10n, quoteAmount: -1000n }

/** One active asset, priced and funded at `start`; both intervals are 60 seconds. */
function aTradingCore(): CoreState {
  const { core } = genesisCore(
    {
      operators: [operator],
      maxPriceInterval: 60n,
      maxOraclePriceValidity: 60n,
      maxFundingInterval: 60n,
      maxFundingRate: 1n,
      assets: [
        {
          assetId,
          resolutionFactor: 1_000_000n,
          quorum: 1,
          oracles: [],
          riskFactorTiers: [10],
          firstTierBoundary: 1n,
          tierSize: 1n,
        },
      ],
    },
    start,
  )
  const [asset] = Object.values(core.assets)
  if (asset === undefined) throw new Error('the asset is not registered')
  const active = { ...asset, status: 'ACTIVE' as const, price: 1n, lastPriceUpdate: start }
  return { ...core, assets: { [hex(assetId)]: active }, activeCount: 1 }
}

function traded(core: CoreState, now: bigint, orders: Partial<Record<'a' | 'b', typeof a>> = {}) {
  const calldata = tradeCalldata({ operatorNonce: 0n, a, b, ...orders })
  return outcome(run(core, { name: 'trade', calldata, now }))
}

test('funding and prices as old as their intervals are good, and a second later they are not', () => {
  const core = aTradingCore()
  expect(traded(core, start + 60n)).toBe('POSITION_DOESNT_EXIST')
  expect(traded(core, start + 61n)).toBe('FUNDING_EXPIRED')
  const funded = { ...core, lastFundingTick: start + 61n }
  expect(traded(funded, start + 61n)).toBe('SYNTHETIC_EXPIRED_PRICE')
})

test('an old price passes until an interval after prices were last looked at', () => {
  const looked = {
    ...aTradingCore(),
    lastFundingTick: start + 61n,
    lastPriceValidation: start + 1n,
  }
  expect(traded(looked, start + 61n)).toBe('POSITION_DOESNT_EXIST')
  expect(traded(looked, start + 62n)).toBe('SYNTHETIC_EXPIRED_PRICE')
})

test('a trade is refused for its orders before its positions are looked up', () => {
  const core = aTradingCore()
  const other = assetId + 1n
  expect(traded(core, start, { a: { ...a, baseAssetId: other } })).toBe('SYNTHETIC_NOT_EXISTS')
  expect(traded(core, start, { b: { ...b, baseAssetId: other } })).toBe('DIFFERENT_BASE_ASSET_IDS')
  expect(traded(core, start, { b: { ...b, positionId: 101n } })).toBe('INVALID_SAME_POSITIONS')
  expect(traded(core, start, { b: a, a: { ...a, positionId: 5n } })).toBe(
    'INVALID_QUOTE_AMOUNT_SIGN',
  )
  expect(traded(core, start, { b: { ...b, quoteAmount: -999n } })).toBe(
    'ILLEGAL_BASE_TO_QUOTE_RATIO position_id: PositionId { value: 5 }',
  )
})
