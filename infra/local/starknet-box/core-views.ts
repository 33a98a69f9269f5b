import { address, felt252, unsigned } from './cairo-codec.ts'
import { positionViews } from './core-position-views.ts'
import { existingAsset } from './core-rules-access.ts'
import { heldToken } from './core-rules-deposits.ts'
import { collateralId } from './core-rules-orders.ts'
import { hasRole } from './core-rules-roles.ts'
import type { CoreAsset, CoreCall, CoreState } from './core-state.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'
import { felt, hex } from './felt.ts'
import { assertFelt } from './panic.ts'

export type CoreView = EntryPoint<CoreState, CoreCall, readonly bigint[]>

const u32 = 'core::integer::u32'
const u64 = 'core::integer::u64'
const bool = 'core::bool'
const addressType = address.type

/** Of both generations. Times and intervals in seconds. */
const common: readonly CoreView[] = [
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
  plain('get_cancel_delay', u64, ({ limits }) => limits.cancelDelay),
  plain('get_collateral_quantum', u64, ({ custody }) => custody.quantum),
  plain('get_treasury_address', addressType, ({ custody }) => custody.treasury),
  ...positionViews,
]

/** What the core answers without changing anything, in each generation. */
export const coreViews: Readonly<Record<CoreState['generation'], readonly CoreView[]>> = {
  C: [
    ...common,
    plain('get_collateral_id', 'core::felt252', () => collateralId),
    plain('get_collateral_token_contract', addressType, ({ custody }) => custody.token),
  ],
  D: [
    ...common,
    plain('get_base_collateral_id', 'core::felt252', () => collateralId),
    plain('get_base_collateral_token_contract', addressType, ({ custody }) => custody.token),
    plain('get_max_interest_rate_per_sec', u32, ({ interest }) => interest.maxRatePerSecond),
    plain('get_exchange_time', u64, ({ interest }) => interest.exchangeTime),
    plain('get_time_of_last_update', u64, ({ interest }) => interest.updatedAt),
    entryPoint({
      name: 'get_collateral_token_contract_address',
      kind: 'view',
      inputs: { assetId: felt252 },
      outputs: [addressType],
      run(core: CoreState, _: CoreCall, { assetId }) {
        if (assetId === collateralId) return [core.custody.token]
        const { token } = existingAsset(core, assetId)
        assertFelt(token !== undefined, 'NOT_COLLATERAL')
        return [token.address]
      },
    }),
    entryPoint({
      name: 'get_max_deposit',
      kind: 'view',
      inputs: { token: address },
      outputs: ['core::option::Option::<core::integer::u128>'],
      run(core: CoreState, _: CoreCall, { token }) {
        const { maxDeposit } = heldToken(core, token)
        return maxDeposit === undefined ? [1n] : [0n, maxDeposit]
      },
    }),
    entryPoint({
      name: 'is_vault_asset',
      kind: 'view',
      inputs: { assetId: felt252 },
      outputs: [bool],
      run: (core: CoreState, _: CoreCall, { assetId }) => [
        BigInt(core.assets[hex(assetId)]?.kind === 'vault-share'),
      ],
    }),
    // Nothing here makes a position a vault.
    entryPoint({
      name: 'is_vault_position',
      kind: 'view',
      inputs: { positionId: unsigned(32) },
      outputs: [bool],
      run: () => [0n],
    }),
  ],
}

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

const kinds = { synthetic: 0n, spot: 1n, 'vault-share': 2n }

/** Version 1; of what is no token no quantum and no contract (`Option::None` is 1): nine felts, else ten. */
function configWords(asset: CoreAsset): readonly bigint[] {
  const { status, firstTierBoundary, tierSize, quorum, resolutionFactor, token } = asset
  const tokenWords = token === undefined ? [0n, 1n] : [token.quantum, 0n, token.address]
  return [
    1n,
    statuses[status],
    firstTierBoundary,
    tierSize,
    BigInt(quorum),
    resolutionFactor,
    ...tokenWords,
    kinds[asset.kind],
  ]
}
