import { poseidonHashMany } from '@scure/starknet'
import * as z from 'zod/mini'

import type { ResourceBound, StarknetFee } from '../../domain/fee.ts'
import { Felt, feltHex } from '../starknet-felt.ts'

const Bound = z.object({ max_amount: Felt, max_price_per_unit: Felt })

/** What every transaction of version 3 has, whatever it does. */
export const commonFields = {
  version: z.literal('0x3'),
  nonce: Felt,
  tip: Felt,
  resource_bounds: z.object({ l1_gas: Bound, l2_gas: Bound, l1_data_gas: Bound }),
  paymaster_data: z.array(Felt),
  nonce_data_availability_mode: z.literal('L1'),
  fee_data_availability_mode: z.literal('L1'),
}
const Common = z.object(commonFields)
type Common = z.infer<typeof Common>

export function commonOf({
  nonce,
  fee,
}: {
  readonly nonce: bigint
  readonly fee: StarknetFee
}): Common {
  return {
    version: '0x3',
    nonce,
    tip: fee.tip,
    resource_bounds: {
      l1_gas: boundOf(fee.l1Gas),
      l2_gas: boundOf(fee.l2Gas),
      l1_data_gas: boundOf(fee.l1DataGas),
    },
    paymaster_data: [],
    nonce_data_availability_mode: 'L1',
    fee_data_availability_mode: 'L1',
  }
}

function boundOf({ maxAmount, maxPricePerUnit }: ResourceBound): z.infer<typeof Bound> {
  return { max_amount: maxAmount, max_price_per_unit: maxPricePerUnit }
}

const resourceNames = {
  l1_gas: 0x4c315f474153n,
  l2_gas: 0x4c325f474153n,
  l1_data_gas: 0x4c315f44415441n,
}

/**
 * The hash of version 3 (docs.starknet.io, transactions; both data availability modes are L1, which is 0): what all kinds
 * have, and then what this kind has of its own.
 */
export function hashOfV3({
  prefix,
  sender,
  common,
  chainId,
  own,
}: {
  readonly prefix: bigint
  readonly sender: bigint
  readonly common: Common
  readonly chainId: bigint
  readonly own: readonly bigint[]
}): bigint {
  const { l1_gas, l2_gas, l1_data_gas } = common.resource_bounds
  return poseidonHashMany([
    prefix,
    3n,
    sender,
    poseidonHashMany([
      common.tip,
      packed(resourceNames.l1_gas, l1_gas),
      packed(resourceNames.l2_gas, l2_gas),
      packed(resourceNames.l1_data_gas, l1_data_gas),
    ]),
    poseidonHashMany(common.paymaster_data),
    chainId,
    common.nonce,
    0n,
    ...own,
  ])
}

function packed(name: bigint, { max_amount, max_price_per_unit }: z.infer<typeof Bound>): bigint {
  return (name << 192n) | (max_amount << 128n) | max_price_per_unit
}

/** As the RPC takes a signed transaction, and always the same text for the same one. */
export function signedJson(transaction: Common, signature: readonly bigint[]): string {
  return JSON.stringify({ ...transaction, signature }, writeFelts)
}

function writeFelts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? feltHex(value) : value
}

/** For estimates: a version that no chain executes, so the transaction cannot be sent by whoever reads it. */
export function queryOf(transaction: Common): unknown {
  const unsigned = JSON.parse(signedJson(transaction, [])) as object
  return { ...unsigned, version: '0x100000000000000000000000000000003' }
}
