import { address, type Codec, felt252, i64, span, unsigned } from './cairo-codec.ts'
import { flowsOfC, flowsOfD } from './core-flow-entry-points.ts'
import {
  addOracle,
  addSyntheticAsset,
  deactivateSynthetic,
  reactivateSynthetic,
  removeOracle,
  updateQuorum,
  updateRiskFactor,
} from './core-rules-assets.ts'
import { type FundingTick, fundingTick } from './core-rules-funding.ts'
import { priceTick, type SignedPrice } from './core-rules-price.ts'
import { pause, registerOperator, removeOperator, unpause } from './core-rules-roles.ts'
import type { CoreCall, CoreEffect, CoreState } from './core-state.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'

export type CoreFunction = EntryPoint<CoreState, CoreCall, CoreEffect>

const signature = span(felt252)

const signedPrice: Codec<SignedPrice> = {
  type: 'starknet_box::SignedPrice',
  read(felts) {
    const words = signature.read(felts)
    const signerPublicKey = felts.next()
    const timestamp = unsigned(32).read(felts)
    const oraclePrice = unsigned(128).read(felts)
    return words === undefined ||
      signerPublicKey === undefined ||
      timestamp === undefined ||
      oraclePrice === undefined
      ? undefined
      : { signature: words, signerPublicKey, timestamp, oraclePrice }
  },
}

const fundingTickItem: Codec<FundingTick> = {
  type: 'starknet_box::FundingTick',
  read(felts) {
    const assetId = felts.next()
    const fundingIndex = i64.read(felts)
    return assetId === undefined || fundingIndex === undefined
      ? undefined
      : { assetId, fundingIndex }
  },
}

const quorumInputs = { assetId: felt252, quorum: unsigned(8) }

const riskFactorInputs = {
  riskFactorTiers: span(unsigned(16)),
  firstTierBoundary: unsigned(128),
  tierSize: unsigned(128),
}

/** Ticks, assets and roles, as both generations have them; `update_asset_quorum` is D's name, and C has it here beside its own. */
const common: readonly CoreFunction[] = [
  entryPoint({
    name: 'price_tick',
    kind: 'external',
    inputs: {
      operatorNonce: unsigned(64),
      assetId: felt252,
      oraclePrice: unsigned(128),
      signedPrices: span(signedPrice),
    },
    run: priceTick,
  }),
  entryPoint({
    name: 'funding_tick',
    kind: 'external',
    inputs: {
      operatorNonce: unsigned(64),
      fundingTicks: span(fundingTickItem),
      timestamp: unsigned(64),
    },
    run: fundingTick,
  }),
  entryPoint({
    name: 'add_synthetic_asset',
    kind: 'external',
    inputs: {
      assetId: felt252,
      ...riskFactorInputs,
      quorum: unsigned(8),
      resolutionFactor: unsigned(64),
    },
    run: addSyntheticAsset,
  }),
  entryPoint({
    name: 'deactivate_synthetic',
    kind: 'external',
    inputs: { syntheticId: felt252 },
    run: (core: CoreState, call: CoreCall, args) =>
      deactivateSynthetic(core, call, args.syntheticId),
  }),
  entryPoint({
    name: 'add_oracle_to_asset',
    kind: 'external',
    inputs: {
      assetId: felt252,
      oraclePublicKey: felt252,
      oracleName: felt252,
      assetName: felt252,
    },
    run: (core: CoreState, call: CoreCall, { oraclePublicKey, ...rest }) =>
      addOracle(core, call, { publicKey: oraclePublicKey, ...rest }),
  }),
  entryPoint({
    name: 'remove_oracle_from_asset',
    kind: 'external',
    inputs: { assetId: felt252, oraclePublicKey: felt252 },
    run: (core: CoreState, call: CoreCall, { assetId, oraclePublicKey }) =>
      removeOracle(core, call, { assetId, publicKey: oraclePublicKey }),
  }),
  entryPoint({
    name: 'update_asset_quorum',
    kind: 'external',
    inputs: quorumInputs,
    run: updateQuorum,
  }),
  entryPoint({
    name: 'register_operator',
    kind: 'external',
    inputs: { account: address },
    run: (core: CoreState, call: CoreCall, { account }) => registerOperator(core, call, account),
  }),
  entryPoint({
    name: 'remove_operator',
    kind: 'external',
    inputs: { account: address },
    run: (core: CoreState, call: CoreCall, { account }) => removeOperator(core, call, account),
  }),
  entryPoint({ name: 'pause', kind: 'external', inputs: {}, run: pause }),
  entryPoint({ name: 'unpause', kind: 'external', inputs: {}, run: unpause }),
]

/** What changes the core, of each generation. */
export const coreFunctions: Readonly<Record<CoreState['generation'], readonly CoreFunction[]>> = {
  C: [
    ...common,
    ...flowsOfC,
    entryPoint({
      name: 'reactivate_synthetic',
      kind: 'external',
      inputs: { syntheticId: felt252 },
      run: (core: CoreState, call: CoreCall, args) =>
        reactivateSynthetic(core, call, args.syntheticId),
    }),
    entryPoint({
      name: 'update_synthetic_quorum',
      kind: 'external',
      inputs: quorumInputs,
      run: updateQuorum,
    }),
  ],
  D: [
    ...common,
    ...flowsOfD,
    entryPoint({
      name: 'update_asset_risk_factor',
      kind: 'external',
      inputs: { operatorNonce: unsigned(64), assetId: felt252, ...riskFactorInputs },
      run: updateRiskFactor,
    }),
  ],
}
