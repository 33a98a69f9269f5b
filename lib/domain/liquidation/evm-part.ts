import {
  type EvmLiquidation,
  type EvmLiquidationVerdict,
  judgeEvmLiquidation,
} from '../margin/evm-liquidation.ts'
import { type LargestPart, largestPart } from './largest-part.ts'

export type EvmAccepted = Extract<EvmLiquidationVerdict, { kind: 'accepted' }>

/** As much of a holding as the EVM engine would let the liquidator take, up to `most`. */
export function largestEvmPart(
  call: Omit<EvmLiquidation, 'size'>,
  most: bigint,
): LargestPart<EvmAccepted> {
  return largestPart<EvmAccepted>(most, (size) => {
    const verdict = judgeEvmLiquidation({ ...call, size })
    if (verdict.kind === 'accepted') return verdict
    return { ...verdict, isForMoney: isForMoney(verdict.reason) }
  })
}

function isForMoney(reason: string): boolean {
  return reason === 'MarginTooLow' || reason === 'InsuranceFundShort'
}
