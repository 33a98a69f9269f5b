import { poseidonHashMany } from '@scure/starknet'
import * as z from 'zod/mini'

import type { ResourceBound, StarknetFee } from '../../domain/fee.ts'
import type { Call } from '../../domain/transaction.ts'
import { Felt, feltHex, selectorOf } from '../starknet-felt.ts'
import { UnfitTransactionError } from './errors.ts'

const Bound = z.object({ max_amount: Felt, max_price_per_unit: Felt })

/** The RPC's INVOKE_TXN_V3, as far as its hash depends on it. */
const Invoke = z.object({
  type: z.literal('INVOKE'),
  version: z.literal('0x3'),
  sender_address: Felt,
  calldata: z.array(Felt),
  nonce: Felt,
  tip: Felt,
  resource_bounds: z.object({ l1_gas: Bound, l2_gas: Bound, l1_data_gas: Bound }),
  paymaster_data: z.array(Felt),
  account_deployment_data: z.array(Felt),
  nonce_data_availability_mode: z.literal('L1'),
  fee_data_availability_mode: z.literal('L1'),
})
export type Invoke = z.infer<typeof Invoke>

export function invokeOf(parts: {
  readonly account: bigint
  readonly calldata: readonly bigint[]
  readonly nonce: bigint
  readonly fee: StarknetFee
}): Invoke {
  const { account, calldata, nonce, fee } = parts
  return {
    type: 'INVOKE',
    version: '0x3',
    sender_address: account,
    calldata: [...calldata],
    nonce,
    tip: fee.tip,
    resource_bounds: {
      l1_gas: boundOf(fee.l1Gas),
      l2_gas: boundOf(fee.l2Gas),
      l1_data_gas: boundOf(fee.l1DataGas),
    },
    paymaster_data: [],
    account_deployment_data: [],
    nonce_data_availability_mode: 'L1',
    fee_data_availability_mode: 'L1',
  }
}

function boundOf({ maxAmount, maxPricePerUnit }: ResourceBound): z.infer<typeof Bound> {
  return { max_amount: maxAmount, max_price_per_unit: maxPricePerUnit }
}

/** As `starknet_addInvokeTransaction` takes it, and always the same text for the same transaction. */
export function invokeJson(invoke: Invoke, signature: readonly bigint[]): string {
  return JSON.stringify({ ...invoke, signature }, writeFelts)
}

function writeFelts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? feltHex(value) : value
}

/** For estimates: a version that no chain executes, so the transaction cannot be sent by whoever reads it. */
export function queryOf(invoke: Invoke): unknown {
  const unsigned = JSON.parse(invokeJson(invoke, [])) as object
  return { ...unsigned, version: '0x100000000000000000000000000000003' }
}

/** Throws `UnfitTransactionError` where the bytes are not what `invokeJson` writes. */
export function readInvoke(
  chain: string,
  bytes: string,
): { readonly json: unknown; readonly invoke: Invoke } {
  try {
    const json: unknown = JSON.parse(bytes)
    return { json, invoke: Invoke.parse(json) }
  } catch {
    throw new UnfitTransactionError(chain, 'the bytes are not an invoke transaction in JSON')
  }
}

const prefix = 0x696e766f6b65n // 'invoke'
const resourceNames = {
  l1_gas: 0x4c315f474153n,
  l2_gas: 0x4c325f474153n,
  l1_data_gas: 0x4c315f44415441n,
}

/** The hash of version 3 (docs.starknet.io, transactions; both data availability modes are L1, which is 0). */
export function invokeHash(invoke: Invoke, chainId: bigint): bigint {
  const { l1_gas, l2_gas, l1_data_gas } = invoke.resource_bounds
  return poseidonHashMany([
    prefix,
    3n,
    invoke.sender_address,
    poseidonHashMany([
      invoke.tip,
      packed(resourceNames.l1_gas, l1_gas),
      packed(resourceNames.l2_gas, l2_gas),
      packed(resourceNames.l1_data_gas, l1_data_gas),
    ]),
    poseidonHashMany(invoke.paymaster_data),
    chainId,
    invoke.nonce,
    0n,
    poseidonHashMany(invoke.account_deployment_data),
    poseidonHashMany(invoke.calldata),
  ])
}

function packed(name: bigint, { max_amount, max_price_per_unit }: z.infer<typeof Bound>): bigint {
  return (name << 192n) | (max_amount << 128n) | max_price_per_unit
}

/** Gateways take no more in one transaction (apollo gateway_config.json). */
const mostFelts = 5_000

/** The calls as a Cairo 1 account takes them: `[calls, (to, selector, length, …arguments) for each]`; none is possible too. */
export function multicall(chain: string, calls: readonly Call[]): readonly bigint[] {
  const calldata = [BigInt(calls.length), ...calls.flatMap((call) => encoded(chain, call))]
  if (calldata.length <= mostFelts) return calldata
  throw new UnfitTransactionError(
    chain,
    `its calldata is ${calldata.length} felts, and ${mostFelts} are possible`,
  )
}

function encoded(chain: string, call: Call): bigint[] {
  if (call.kind !== 'starknet')
    throw new UnfitTransactionError(chain, `the call is an ${call.kind} one`)
  const { to, entrypoint, calldata } = call
  return [to, selectorOf(entrypoint), calldata.length, ...calldata].map(BigInt)
}
