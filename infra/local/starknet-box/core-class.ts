import { hash } from 'starknet'

import {
  type AbiEntry,
  boolEnum,
  contractClass,
  enumEntry,
  eventStruct,
  spanStruct,
  struct,
} from './abi.ts'
import { coreFunctions } from './core-entry-points.ts'
import { limitOrderMembers, orderMembers, settlementMembers } from './core-flow-codecs.ts'
import type { CoreState } from './core-state.ts'
import { coreViews } from './core-views.ts'
import { snakeCase } from './entry-point.ts'
import { type Hex, hex } from './felt.ts'

type Generation = CoreState['generation']

const felt = 'core::felt252'
const u8 = 'core::integer::u8'
const u32 = 'core::integer::u32'
const u64 = 'core::integer::u64'
const u128 = 'core::integer::u128'
const i64 = 'core::integer::i64'
const account = 'core::starknet::contract_address::ContractAddress'
const noToken = `core::option::Option::<${account}>`

const types = [
  boolEnum,
  spanStruct(felt),
  spanStruct('core::integer::u16'),
  spanStruct('starknet_box::SignedPrice'),
  spanStruct('starknet_box::FundingTick'),
  enumEntry(noToken, { Some: account, None: '()' }),
  struct('starknet_box::SignedPrice', {
    signature: `core::array::Span::<${felt}>`,
    signer_public_key: felt,
    timestamp: 'core::integer::u32',
    oracle_price: u128,
  }),
  struct('starknet_box::FundingTick', { asset_id: felt, funding_index: i64 }),
  struct('starknet_box::Order', snakeCased(orderMembers)),
  struct('starknet_box::AssetConfig', {
    version: u8,
    status: u8,
    risk_factor_first_tier_boundary: u128,
    risk_factor_tier_size: u128,
    quorum: u8,
    resolution_factor: u64,
    quantum: u64,
    token_contract: noToken,
    asset_type: u8,
  }),
  struct('starknet_box::TimelyData', {
    version: u8,
    price: u64,
    last_price_update: u64,
    funding_index: i64,
  }),
  struct('starknet_box::PositionTVTR', {
    total_value: 'core::integer::i128',
    total_risk: u128,
  }),
  enumEntry('starknet_box::DepositStatus', {
    NOT_REGISTERED: '()',
    PROCESSED: '()',
    CANCELED: '()',
    PENDING: u64,
  }),
  enumEntry('starknet_box::RequestStatus', {
    NOT_REGISTERED: '()',
    PROCESSED: '()',
    PENDING: '()',
  }),
  spanStruct('starknet_box::AssetData'),
  struct('starknet_box::PositionData', {
    assets: 'core::array::Span::<starknet_box::AssetData>',
    collateral_balance: i64,
  }),
]

const assetData = {
  id: felt,
  balance: i64,
  price: u64,
  risk_factor: 'core::integer::u16',
  cached_funding_index: i64,
}

const typesOf: Readonly<Record<Generation, readonly AbiEntry[]>> = {
  C: [struct('starknet_box::AssetData', assetData)],
  D: [
    struct('starknet_box::AssetData', { ...assetData, asset_type: u8 }),
    struct('starknet_box::LimitOrder', snakeCased(limitOrderMembers)),
    struct('starknet_box::Settlement', snakeCased(settlementMembers)),
    spanStruct('starknet_box::Settlement'),
    spanStruct('starknet_box::Order'),
    spanStruct('(core::integer::u32, core::integer::i64)'),
    enumEntry('core::option::Option::<core::integer::u128>', { Some: u128, None: '()' }),
  ],
}

function snakeCased<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [snakeCase(name), member]),
  )
}

const event = (name: string, members: Parameters<typeof eventStruct>[1]) =>
  eventStruct(`starknet_box::Core::${name}`, members)

/** As in the real class, the events of its asset management and of generation D's transfers are emitted but not listed. */
const events = [
  event('PriceTick', { asset_id: ['key', felt], price: ['data', u64] }),
  event('FundingTick', { asset_id: ['key', felt], funding_index: ['data', i64] }),
  event('AssetActivated', { asset_id: ['key', felt] }),
  event('NewPosition', {
    position_id: ['key', u32],
    owner_public_key: ['key', felt],
    owner_account: ['key', account],
  }),
  event('OperatorAdded', { added_account: ['data', account], added_by: ['data', account] }),
  event('OperatorRemoved', { removed_account: ['data', account], removed_by: ['data', account] }),
  event('Paused', { account: ['data', account] }),
  event('Unpaused', { account: ['data', account] }),
]

/** By generation: what its ABI is told by is `liquidate` with or without interest. */
export const coreClasses = { C: classOf('C'), D: classOf('D') } as const

function classOf(generation: Generation) {
  const entryPoints = [...coreFunctions[generation], ...coreViews[generation]]
  return contractClass(entryPoints, [...types, ...typesOf[generation], ...events])
}

/** Another ABI is another class, as on a real chain; the way from one to the other is ours. */
export const coreClassHashes: Readonly<Record<Generation, Hex>> = {
  C: hashOf('C'),
  D: hashOf('D'),
}

function hashOf(generation: Generation): Hex {
  return hex(hash.starknetKeccak(coreClasses[generation].abi))
}
