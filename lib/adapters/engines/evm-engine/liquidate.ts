import { encodeFunctionData } from 'viem/utils'

import type { Liquidate } from '../../../domain/action.ts'
import { evmEngineAbi } from './abi.ts'

/** The call data of many `liquidate` in one `batch`: one that somebody else was first at stops no other. */
export function encodeLiquidations({ updates }: Liquidate): `0x${string}` {
  const calls = updates.map(({ account, asset, size }) =>
    encodeFunctionData({
      abi: evmEngineAbi,
      functionName: 'liquidate',
      args: [account as `0x${string}`, asset as `0x${string}`, size],
    }),
  )
  return encodeFunctionData({ abi: evmEngineAbi, functionName: 'batch', args: [calls] })
}
