import { z } from 'zod'

import { hex, prime } from './felt.ts'

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
const Bounds = z.object({ l1_gas: Bound, l2_gas: Bound, l1_data_gas: Bound })
export type Bounds = z.infer<typeof Bounds>

/** For estimates: nobody executes this version. */
const queryVersion = '0x100000000000000000000000000000003'

/** What every transaction of version 3 has, whatever it does. */
export const transactionFields = {
  version: z.enum(['0x3', queryVersion]),
  signature: z.array(FeltHex),
  nonce: FeltHex,
  resource_bounds: Bounds,
  tip: quantity(64),
  paymaster_data: z.array(FeltHex),
  nonce_data_availability_mode: z.literal('L1'),
  fee_data_availability_mode: z.literal('L1'),
}
const Fields = z.object(transactionFields)

/** The same as starknet.js hashes it. */
export function hashedFields({ version, nonce, tip, ...tx }: z.infer<typeof Fields>) {
  const bounds = tx.resource_bounds
  return {
    version,
    nonce,
    tip,
    nonceDataAvailabilityMode: 0,
    feeDataAvailabilityMode: 0,
    resourceBounds: {
      l1_gas: amounts(bounds.l1_gas),
      l2_gas: amounts(bounds.l2_gas),
      l1_data_gas: amounts(bounds.l1_data_gas),
    },
    paymasterData: tx.paymaster_data,
  } as const
}

/** The most that it may cost: each limit at its price, and the tip for each unit of L2 gas. */
export function maxFeeOf({ resource_bounds: bounds, tip }: z.infer<typeof Fields>): bigint {
  const l2 = amounts(bounds.l2_gas)
  return (
    l2.max_amount * (l2.max_price_per_unit + BigInt(tip)) +
    [bounds.l1_gas, bounds.l1_data_gas]
      .map(amounts)
      .reduce((sum, bound) => sum + bound.max_amount * bound.max_price_per_unit, 0n)
  )
}

function amounts({ max_amount, max_price_per_unit }: z.infer<typeof Bound>) {
  return { max_amount: BigInt(max_amount), max_price_per_unit: BigInt(max_price_per_unit) }
}
