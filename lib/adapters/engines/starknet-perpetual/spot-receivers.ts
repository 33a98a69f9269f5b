import * as z from 'zod/mini'

import type { RpcRequest } from '../../rpc.ts'
import { Felt, selectorOf } from '../../starknet-felt.ts'
import type { Core } from './core.ts'

/** One liquidation of a spot asset, and in which transaction it was. */
export type SpotLiquidation = {
  readonly transaction: `0x${string}`
  readonly liquidated: bigint
  readonly liquidator: bigint
}

/**
 * For each liquidation the positions that its transaction names as receivers of the asset, which no event does: where one
 * account makes several calls, of all those that fit. None where the exchange was called by way of another contract.
 */
export async function spotReceivers(
  core: Core,
  liquidations: readonly SpotLiquidation[],
): Promise<readonly (readonly bigint[])[]> {
  if (liquidations.length === 0) return []
  const calldata = await core.rpc.values(
    liquidations.map(({ transaction }) => calldataOf(transaction)),
  )
  return liquidations.map(({ liquidated, liquidator }, at) => {
    const calls = callsIn(calldata[at] ?? [])
    const fitting = calls.flatMap(({ to, selector, data: [, whose, source, receiver] }) =>
      to === BigInt(core.address) &&
      selector === liquidateSpot &&
      whose === liquidated &&
      source === liquidator &&
      receiver !== undefined
        ? [receiver]
        : [],
    )
    return [...new Set(fitting)]
  })
}

const liquidateSpot = BigInt(selectorOf('liquidate_spot_asset'))

const Transaction = z.object({ calldata: z.optional(z.array(Felt)) })

function calldataOf(hash: `0x${string}`): RpcRequest<readonly bigint[]> {
  return {
    method: 'starknet_getTransactionByHash',
    params: { transaction_hash: hash },
    read: (result) => Transaction.parse(result).calldata ?? [],
  }
}

type AccountCall = {
  readonly to: bigint
  readonly selector: bigint
  readonly data: readonly bigint[]
}

/** How accounts write the calls of one transaction (SNIP-6): a count, then each with its own length. */
function callsIn([count = 0n, ...words]: readonly bigint[]): readonly AccountCall[] {
  const calls: AccountCall[] = []
  let at = 0
  while (calls.length < count && at + 3 <= words.length) {
    const [to = 0n, selector = 0n, length = 0n] = words.slice(at, at + 3)
    const end = at + 3 + Number(length)
    calls.push({ to, selector, data: words.slice(at + 3, end) })
    at = end
  }
  return calls
}
