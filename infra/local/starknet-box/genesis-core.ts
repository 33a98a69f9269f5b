import type { CoreAssetConfig, CoreConfig } from '../../contracts/core/core-config.ts'
import { withAsset } from './core-rules-access.ts'
import { addOracle, addSyntheticAsset } from './core-rules-assets.ts'
import {
  emptyPosition,
  feePosition,
  insuranceFundPosition,
  withPositions,
} from './core-rules-positions.ts'
import { grantOperator } from './core-rules-roles.ts'
import { CoreSetup, type PlantedPosition, type SpotAssetSetup } from './core-setup.ts'
import type { CoreEffect, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { withCrowd } from './genesis-crowd.ts'
import { selectorOf } from './selectors.ts'

/** The constructor makes the two that fees go to. */
const given = [feePosition, insuranceFundPosition].map(emptyPosition)

/** The core as its constructor and its governor's first calls leave it, with the events of both; `now` in seconds. */
export function genesisCore(
  config: CoreConfig,
  now: bigint,
  setup: CoreSetup = CoreSetup.parse({}),
): CoreEffect {
  const governor = config.governor ?? config.operators[0]
  if (governor === undefined) throw new RangeError('a core needs an operator')
  const { maxPriceInterval, maxOraclePriceValidity, maxFundingInterval, maxFundingRate } = config
  const empty: CoreState = {
    generation: setup.generation,
    chainId: setup.chainId,
    governor,
    operators: [],
    paused: false,
    operatorNonce: 0n,
    assets: {},
    activeCount: 0,
    lastFundingTick: now,
    lastPriceValidation: now,
    limits: {
      maxPriceInterval,
      maxOraclePriceValidity,
      maxFundingInterval,
      maxFundingRate,
      cancelDelay: setup.cancelDelay,
    },
    positions: {},
    fulfilled: {},
    deposits: {},
    requests: {},
    custody: { ...setup.collateral, treasury: setup.treasury, held: {} },
    interest: {
      exchangeTime: now,
      updatedAt: now,
      maxRatePerSecond: setup.maxInterestRatePerSecond,
      divergence: 0n,
    },
  }
  const call = { caller: governor, now }
  const steps = [
    ...config.operators.map(
      (operator) => (core: CoreState) => grantOperator(core, operator, governor),
    ),
    ...config.assets.flatMap((asset) => registrations(asset, call)),
    ...setup.spotAssets.map((asset) => (core: CoreState) => withSpotAsset(core, asset, call)),
    (core: CoreState) => withPlanted(core, setup.positions),
    (core: CoreState) => withCrowd(core, setup),
  ]
  return steps.reduce<CoreEffect>(
    ({ core, events }, step) => {
      const next = step(core)
      return { core: next.core, events: [...events, ...next.events] }
    },
    { core: withPositions(empty, given), events: [] },
  )
}

function registrations(
  { oracles, quorum, riskFactorTiers, ...asset }: CoreAssetConfig,
  call: { readonly caller: bigint; readonly now: bigint },
): readonly ((core: CoreState) => CoreEffect)[] {
  const added = {
    ...asset,
    quorum: BigInt(quorum),
    riskFactorTiers: riskFactorTiers.map(BigInt),
  }
  return [
    (core) => addSyntheticAsset(core, call, added),
    ...oracles.map(
      (oracle) => (core: CoreState) => addOracle(core, call, { assetId: asset.assetId, ...oracle }),
    ),
  ]
}

/** Tokens have one tier, whose limits the contract sets as wide as they go. */
const noBoundary = 2n ** 128n - 2n

function withSpotAsset(
  core: CoreState,
  { assetId, token, resolutionFactor, quorum, riskFactor, oracles }: SpotAssetSetup,
  call: { readonly caller: bigint; readonly now: bigint },
): CoreEffect {
  const asset = {
    id: assetId,
    kind: 'spot' as const,
    token,
    status: 'PENDING' as const,
    quorum,
    resolutionFactor,
    riskFactorTiers: [riskFactor],
    firstTierBoundary: noBoundary,
    tierSize: 0n,
    oracles: {},
    price: 0n,
    lastPriceUpdate: 0n,
    fundingIndex: 0n,
  }
  const data = [BigInt(riskFactor), resolutionFactor, BigInt(quorum), token.address, token.quantum]
  const added: CoreEffect = {
    core: withAsset(core, asset),
    events: [{ keys: [selectorOf('SpotAssetAdded'), assetId], data }],
  }
  return oracles.reduce<CoreEffect>((before, oracle) => {
    const next = addOracle(before.core, call, { assetId, ...oracle })
    return { core: next.core, events: [...before.events, ...next.events] }
  }, added)
}

/** Positions that no flow has made: their openings are told, what is in them only views say. Each may be planted anew. */
export function withPlanted(core: CoreState, planted: readonly PlantedPosition[]): CoreEffect {
  const positions = planted.map(({ id, ownerPublicKey, collateral, holdings, ...rest }) => ({
    ...emptyPosition(id),
    ownerPublicKey,
    collateral,
    lastInterest: rest.lastInterest ?? core.interest.exchangeTime,
    holdings: holdings
      .filter(({ balance }) => balance !== 0n)
      .map(({ assetId, balance, fundingIndex }) => ({
        asset: hex(assetId),
        balance,
        fundingIndex: fundingIndex ?? core.assets[hex(assetId)]?.fundingIndex ?? 0n,
      })),
  }))
  const opened = planted.filter(({ id }) => core.positions[`${id}`] === undefined)
  const events = opened.map(({ id, ownerPublicKey }) => ({
    keys: [selectorOf('NewPosition'), id, ownerPublicKey, 0n],
    data: [],
  }))
  return { core: withPositions(core, positions), events }
}
