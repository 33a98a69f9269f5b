import * as fc from 'fast-check'

import { wordHex } from '../../../../lib/adapters/settlement/facts/words.ts'
import type {
  ForcedAction,
  PerpetualOutput,
} from '../../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import type { SharedState } from '../../../../lib/adapters/settlement/stark-perpetual/shared-state.ts'

const number = (max: bigint) => fc.bigInt({ min: 0n, max: max - 1n })
const felt = number(2n ** 251n)
const word64 = number(2n ** 64n)

/** Any state of the exchange. */
export const aState: fc.Arbitrary<SharedState> = fc.record({
  positionsRoot: felt,
  positionsHeight: number(256n),
  ordersRoot: felt,
  ordersHeight: number(256n),
  funding: fc.array(
    fc.record({
      asset: number(2n ** 120n),
      index: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    { maxLength: 4 },
  ),
  fundingTime: number(2n ** 32n),
  prices: fc.array(fc.record({ asset: number(2n ** 120n), price: word64 }), { maxLength: 4 }),
  systemTime: number(2n ** 32n),
})

const aForcedAction: fc.Arbitrary<ForcedAction> = fc.oneof(
  fc.record({
    kind: fc.constant('withdrawal' as const),
    starkKey: felt,
    position: word64,
    amount: word64,
  }),
  fc.record({
    kind: fc.constant('trade' as const),
    starkKeyA: felt,
    starkKeyB: felt,
    positionA: word64,
    positionB: word64,
    syntheticAsset: number(2n ** 120n),
    collateralAmount: word64,
    syntheticAmount: word64,
    aBuysSynthetic: fc.boolean(),
    nonce: felt,
  }),
)

/** Any batch. */
export const anOutput: fc.Arbitrary<PerpetualOutput> = fc.record({
  globalConfigurationHash: felt,
  availability: fc.oneof(
    fc.constant({ kind: 'validium' as const }),
    fc.record({
      kind: fc.constant('rollup' as const),
      dataHash: number(2n ** 256n).map(wordHex),
      dataWords: number(2n ** 30n),
    }),
  ),
  configurations: fc.array(fc.record({ asset: number(2n ** 120n), hash: felt }), { maxLength: 4 }),
  previous: aState,
  next: aState,
  expirationHour: number(2n ** 32n),
  modifications: fc.array(
    fc.record({
      starkKey: felt,
      position: word64,
      change: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    }),
    { maxLength: 4 },
  ),
  forced: fc.array(aForcedAction, { maxLength: 4 }),
  conditions: fc.array(number(2n ** 250n), { maxLength: 3 }),
})
