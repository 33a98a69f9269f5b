import { poseidonHashMany } from '@scure/starknet'

import type { OpenBlock, RanTransaction, SealedBlock } from './block.ts'
import { type Hex, hex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import { finalityOf, isSealed, type NodeView } from './node-view.ts'
import { senderOf } from './transaction.ts'
import { sequencer } from './world.ts'

// The shapes of starknet-specs 0.10, as starknet-devnet 0.10.1 fills them.

export function receiptShape(
  view: NodeView,
  one: RanTransaction,
  block: SealedBlock | OpenBlock,
): object {
  return {
    ...receiptCore(view, one, block),
    ...(isSealed(block) ? { block_hash: block.hash } : {}),
    block_number: block.number,
  }
}

/** As blocks list them, without the block. */
export function receiptCore(
  view: NodeView,
  one: RanTransaction,
  block: SealedBlock | OpenBlock,
): object {
  return {
    type: one.tx.type,
    transaction_hash: one.hash,
    actual_fee: { unit: 'FRI', amount: hex(one.fee) },
    messages_sent: [],
    events: one.events.map(({ from, keys, data }) => ({ from_address: from, keys, data })),
    ...(one.revertReason === undefined
      ? { execution_status: 'SUCCEEDED' }
      : { execution_status: 'REVERTED', revert_reason: one.revertReason }),
    finality_status: finalityOf(view, block),
    execution_resources: {
      l1_gas: 0,
      l1_data_gas: Number(one.l1DataGas),
      l2_gas: Number(one.l2Gas),
    },
    ...(one.tx.type === 'INVOKE' ? {} : { contract_address: senderOf(one.tx) }),
  }
}

/** The header of a block; one that is being built has neither hash nor parent. */
export function headerShape(view: NodeView, block: SealedBlock | OpenBlock): object {
  const common = {
    block_number: block.number,
    sequencer_address: sequencer,
    timestamp: block.timestamp,
    starknet_version: '0.14.4',
    ...priceShapes(block.gasPrices),
    l1_da_mode: 'BLOB',
  }
  if (!isSealed(block)) return common
  const events = block.transactions.reduce((sum, one) => sum + one.events.length, 0)
  return {
    status: finalityOf(view, block),
    block_hash: block.hash,
    parent_hash: block.parentHash,
    new_root: rootAfter(block),
    ...common,
    ...noCommitments,
    state_diff_length: 0,
    transaction_count: block.transactions.length,
    event_count: events,
  }
}

/** Another one after each block, as a chain's would be; there is no tree behind it. */
function rootAfter({ hash }: SealedBlock): Hex {
  return hex(poseidonHashMany([BigInt(hash), 1n]))
}

/** Nothing else here commits to anything: there is no tree behind the state. */
const noCommitments = {
  state_diff_commitment: '0x0',
  transaction_commitment: '0x0',
  event_commitment: '0x0',
  receipt_commitment: '0x0',
}

/** Some number of ETH's price in STRK: nobody here pays in wei. */
const strkPerEth = 20_000n

function priceShapes({ l1Gas, l2Gas, l1DataGas }: GasPrices): object {
  return {
    l1_gas_price: priceShape(l1Gas),
    l2_gas_price: priceShape(l2Gas),
    l1_data_gas_price: priceShape(l1DataGas),
  }
}

function priceShape(fri: bigint): object {
  return {
    price_in_fri: hex(fri),
    price_in_wei: hex((fri + strkPerEth - 1n) / strkPerEth),
  }
}
