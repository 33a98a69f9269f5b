import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import type { Deleverage, Liquidate } from '../../../domain/action.ts'
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
  return batch(calls)
}

/** The same for `deleverage`: a part that is refused leaves the others as they are. */
export function encodeDeleverages({ updates }: Deleverage): `0x${string}` {
  const calls = updates.map(({ account, counterparty, asset, size }) =>
    encodeFunctionData({
      abi: evmEngineAbi,
      functionName: 'deleverage',
      args: [account as `0x${string}`, counterparty as `0x${string}`, asset as `0x${string}`, size],
    }),
  )
  return batch(calls)
}

/** Of each call of a `batch`, whether it changed nothing, by what the batch answered. */
export function refusedInBatch(returned: `0x${string}`): readonly boolean[] {
  const done = decodeFunctionResult({ abi: evmEngineAbi, functionName: 'batch', data: returned })
  return done.map((isDone) => !isDone)
}

function batch(calls: readonly `0x${string}`[]): `0x${string}` {
  return encodeFunctionData({ abi: evmEngineAbi, functionName: 'batch', args: [calls] })
}
