import { encodeFunctionData } from 'viem/utils'

import type { SettleFunding } from '../../../domain/action.ts'
import { Decimal } from '../../../domain/decimal.ts'
import { evmEngineAbi } from './abi.ts'
import { feedId } from './feed-id.ts'

/** The call data of one `tickFunding`: rates at 18 decimals, rounded towards zero, so that never more is paid than was decided. */
export function encodeTickFunding({ round, updates }: SettleFunding): `0x${string}` {
  const feeds = updates.map(({ market }) => feedId(market))
  const rates = updates.map(({ rate }) => wireRate(rate))
  return encodeFunctionData({
    abi: evmEngineAbi,
    functionName: 'tickFunding',
    args: [BigInt(round), feeds, rates],
  })
}

function wireRate(rate: Decimal): bigint {
  return BigInt(rate.mul(new Decimal(10).pow(18)).toFixed(0, Decimal.ROUND_DOWN))
}
