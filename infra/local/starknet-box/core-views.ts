import { address, felt252 } from './cairo-codec.ts'
import { existingAsset } from './core-rules-access.ts'
import { hasRole } from './core-rules-roles.ts'
import type { CoreAsset, CoreCall, CoreState } from './core-state.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'
import { felt, hex } from './felt.ts'

export type CoreView = EntryPoint<CoreState, CoreCall, readonly bigint[]>

const u32 = 'core::integer::u32'
const u64 = 'core::integer::u64'
const bool = 'core::bool'

/** What the core answers without changing anything. Times and intervals in seconds. */
export const coreViews: readonly CoreView[] = [
  plain('is_paused', bool, ({ paused }) => BigInt(paused)),
  plain('get_operator_nonce', u64, ({ operatorNonce }) => operatorNonce),
  plain('get_last_funding_tick', u64, ({ lastFundingTick }) => lastFundingTick),
  plain('get_last_price_validation', u64, ({ lastPriceValidation }) => lastPriceValidation),
  plain('get_num_of_active_synthetic_assets', u32, ({ activeCount }) => BigInt(activeCount)),
  plain('get_max_price_interval', u64, ({ limits }) => limits.maxPriceInterval),
  plain('get_max_oracle_price_validity', u64, ({ limits }) => limits.maxOraclePriceValidity),
  plain('get_max_funding_interval', u64, ({ limits }) => limits.maxFundingInterval),
  plain('get_max_funding_rate', u32, ({ limits }) => limits.maxFundingRate),
  entryPoint({
    name: 'is_operator',
    kind: 'view',
    inputs: { account: address },
    outputs: [bool],
    run: ({ operators }: CoreState, _: CoreCall, { account }) => [
      BigInt(operators.includes(account)),
    ],
  }),
  entryPoint({
    name: 'has_role',
    kind: 'view',
    inputs: { role: felt252, account: address },
    outputs: [bool],
    run: (core: CoreState, _: CoreCall, { role, account }) => [
      BigInt(hasRole(core, role, account)),
    ],
  }),
  entryPoint({
    name: 'get_asset_config',
    kind: 'view',
    inputs: { assetId: felt252 },
    outputs: ['starknet_box::AssetConfig'],
    run: (core: CoreState, _: CoreCall, { assetId }) => configWords(existingAsset(core, assetId)),
  }),
  entryPoint({
    name: 'get_timely_data',
    kind: 'view',
    inputs: { assetId: felt252 },
    outputs: ['starknet_box::TimelyData'],
    run(core: CoreState, _: CoreCall, { assetId }) {
      const { price, lastPriceUpdate, fundingIndex } = existingAsset(core, assetId)
      return [1n, price, lastPriceUpdate, felt(fundingIndex)]
    },
  }),
  entryPoint({
    name: 'get_risk_factor_tiers',
    kind: 'view',
    inputs: { assetId: felt252 },
    outputs: ['core::array::Span::<core::integer::u16>'],
    run(core: CoreState, _: CoreCall, { assetId }) {
      const tiers = core.assets[hex(assetId)]?.riskFactorTiers ?? []
      return [tiers.length, ...tiers].map(BigInt)
    },
  }),
]

function plain(name: string, output: string, read: (core: CoreState) => bigint): CoreView {
  return entryPoint({
    name,
    kind: 'view',
    inputs: {},
    outputs: [output],
    run: (core: CoreState) => [read(core)],
  })
}

const statuses = { PENDING: 0n, ACTIVE: 1n, INACTIVE: 2n }

/** Version 1, no quantum, no token contract (`Option::None` is 1), a synthetic: nine felts. */
function configWords(asset: CoreAsset): readonly bigint[] {
  const { status, firstTierBoundary, tierSize, quorum, resolutionFactor } = asset
  const rest = [0n, 1n, 0n]
  return [
    1n,
    statuses[status],
    firstTierBoundary,
    tierSize,
    BigInt(quorum),
    resolutionFactor,
    ...rest,
  ]
}
