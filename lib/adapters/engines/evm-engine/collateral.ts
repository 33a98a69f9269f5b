import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem/utils'

import type { Rpc } from '../../rpc.ts'
import { evmEngineAbi } from './abi.ts'
import { askContract } from './snapshot.ts'

const tokenAbi = parseAbi(['function decimals() view returns (uint8)'])

/** How many decimals the collateral of an engine has. Neither it nor they ever change. */
export async function collateralDecimals(rpc: Rpc, engine: `0x${string}`): Promise<number> {
  const [answer] = await rpc.values([
    askContract(engine, encodeFunctionData({ abi: evmEngineAbi, functionName: 'collateralToken' })),
  ])
  const token = decodeFunctionResult({
    abi: evmEngineAbi,
    functionName: 'collateralToken',
    data: answer,
  })
  const [data] = await rpc.values([
    askContract(token, encodeFunctionData({ abi: tokenAbi, functionName: 'decimals' })),
  ])
  return decodeFunctionResult({ abi: tokenAbi, functionName: 'decimals', data })
}

/** Price (18 decimals) times size (18 decimals) in one smallest unit of the collateral. */
export function collateralUnit(decimals: number): bigint {
  return 10n ** BigInt(36 - decimals)
}
