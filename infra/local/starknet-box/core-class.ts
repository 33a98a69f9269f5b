import { hash } from 'starknet'

import { boolEnum, contractClass, enumEntry, eventStruct, spanStruct, struct } from './abi.ts'
import { coreFunctions } from './core-entry-points.ts'
import { coreViews } from './core-views.ts'
import { type Hex, hex } from './felt.ts'

const felt = 'core::felt252'
const u8 = 'core::integer::u8'
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
  struct('starknet_box::Order', {
    position_id: 'core::integer::u32',
    base_asset_id: felt,
    base_amount: i64,
    quote_asset_id: felt,
    quote_amount: i64,
    fee_asset_id: felt,
    fee_amount: u64,
    expiration: u64,
    salt: felt,
  }),
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
]

const event = (name: string, members: Parameters<typeof eventStruct>[1]) =>
  eventStruct(`starknet_box::Core::${name}`, members)

/** As in the real class, the events of its asset management are emitted but not listed. */
const events = [
  event('PriceTick', { asset_id: ['key', felt], price: ['data', u64] }),
  event('FundingTick', { asset_id: ['key', felt], funding_index: ['data', i64] }),
  event('AssetActivated', { asset_id: ['key', felt] }),
  event('OperatorAdded', { added_account: ['data', account], added_by: ['data', account] }),
  event('OperatorRemoved', { removed_account: ['data', account], removed_by: ['data', account] }),
  event('Paused', { account: ['data', account] }),
  event('Unpaused', { account: ['data', account] }),
]

/** Generation C without positions: `get_asset_config`, and a `liquidate` that takes no interest. */
export const coreClass = contractClass([...coreFunctions, ...coreViews], [...types, ...events])

/** Another ABI is another class, as on a real chain; the way from one to the other is ours. */
export const coreClassHash: Hex = hex(hash.starknetKeccak(coreClass.abi))
