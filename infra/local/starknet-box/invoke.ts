import { hash as starknetHash } from 'starknet'
import { z } from 'zod'

import type { ContractCall } from './call-contract.ts'
import { type Hex, hex, prime } from './felt.ts'

/** A felt in requests, in the one way in which we write it. */
export const FeltHex = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/, 'expected a felt in hex')
  .transform((text) => BigInt(text))
  .refine((value) => value < prime, 'expected a felt, below the prime')
  .transform((value) => hex(value))

function quantity(bits: number) {
  return z
    .string()
    .regex(/^0x[0-9a-fA-F]{1,64}$/, 'expected a number in hex')
    .transform((text) => BigInt(text))
    .refine((value) => value < 1n << BigInt(bits), `expected at most ${bits} bits`)
    .transform((value) => hex(value))
}

const Bound = z.object({ max_amount: quantity(64), max_price_per_unit: quantity(128) })

/** For estimates: nobody executes this version. */
const queryVersion = '0x100000000000000000000000000000003'

/** The RPC's INVOKE_TXN_V3. */
export const Invoke = z.object({
  type: z.literal('INVOKE'),
  version: z.enum(['0x3', queryVersion]),
  sender_address: FeltHex,
  calldata: z.array(FeltHex),
  signature: z.array(FeltHex),
  nonce: FeltHex,
  resource_bounds: z.object({ l1_gas: Bound, l2_gas: Bound, l1_data_gas: Bound }),
  tip: quantity(64),
  paymaster_data: z.array(FeltHex),
  account_deployment_data: z.array(FeltHex),
  nonce_data_availability_mode: z.literal('L1'),
  fee_data_availability_mode: z.literal('L1'),
})
export type Invoke = z.infer<typeof Invoke>

export function invokeHash(tx: Invoke, chainId: Hex): Hex {
  const bounds = tx.resource_bounds
  const computed = starknetHash.calculateInvokeTransactionHash({
    senderAddress: tx.sender_address,
    version: tx.version,
    compiledCalldata: tx.calldata,
    chainId: chainId as never,
    nonce: tx.nonce,
    accountDeploymentData: tx.account_deployment_data,
    nonceDataAvailabilityMode: 0,
    feeDataAvailabilityMode: 0,
    resourceBounds: {
      l1_gas: boundOf(bounds.l1_gas),
      l2_gas: boundOf(bounds.l2_gas),
      l1_data_gas: boundOf(bounds.l1_data_gas),
    },
    tip: tx.tip,
    paymasterData: tx.paymaster_data,
  })
  return hex(BigInt(computed))
}

function boundOf({ max_amount, max_price_per_unit }: z.infer<typeof Bound>) {
  return { max_amount: BigInt(max_amount), max_price_per_unit: BigInt(max_price_per_unit) }
}

/** The most that it may cost: each limit at its price, and the tip for each unit of L2 gas. */
export function maxFeeOf({ resource_bounds: bounds, tip }: Invoke): bigint {
  const l2 = boundOf(bounds.l2_gas)
  return (
    l2.max_amount * (l2.max_price_per_unit + BigInt(tip)) +
    [bounds.l1_gas, bounds.l1_data_gas]
      .map(boundOf)
      .reduce((sum, bound) => sum + bound.max_amount * bound.max_price_per_unit, 0n)
  )
}

/** Reads `[calls, (to, selector, length, …calldata) for each]`; undefined where it is not that, and the account panics. */
export function multicallOf(calldata: readonly Hex[]): readonly ContractCall[] | undefined {
  const felts = calldata.map(BigInt)
  let at = 0
  const count = felts[at++]
  if (count === undefined || count > felts.length) return undefined
  const calls: ContractCall[] = []
  while (BigInt(calls.length) < count) {
    const [to, selector, length] = felts.slice(at, at + 3)
    if (to === undefined || selector === undefined || length === undefined) return undefined
    at += 3
    if (length > felts.length - at) return undefined
    calls.push({ to: hex(to), selector, calldata: felts.slice(at, at + Number(length)) })
    at += Number(length)
  }
  return at === felts.length ? calls : undefined
}
