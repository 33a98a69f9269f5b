import * as z from 'zod/mini'

import type { RpcRequest } from '../../rpc.ts'

/** Which generation of the exchange's ABI: A (v1.0), B (v1.1), C (early 2026), D (mid 2026). */
export type Generation = 'A' | 'B' | 'C' | 'D'

/** The generation of the class at `address`, or undefined where it takes no price ticks at all; error 20 where there is no contract. */
export function generationAt(address: `0x${string}`): RpcRequest<Generation | undefined> {
  return {
    method: 'starknet_getClassAt',
    params: { block_id: 'latest', contract_address: address },
    read: (result) => generationOf(abiOf(result)),
  }
}

type Entry = z.infer<typeof Entry>
const Entry = z.object({
  type: z.string(),
  name: z.optional(z.string()),
  inputs: z.optional(z.array(z.object({ name: z.string() }))),
  items: z.optional(z.array(z.unknown())),
})

// Classes of Cairo 0 have the ABI as a list, and may have none.
const Class = z.object({ abi: z.optional(z.union([z.string(), z.array(z.unknown())])) })

function abiOf(result: unknown): readonly Entry[] {
  const { abi = [] } = Class.parse(result)
  return z.array(Entry).parse(typeof abi === 'string' ? JSON.parse(abi) : abi)
}

/** What tells the generations apart is what each added (starknet-perpetual, its tags and branches). */
function generationOf(abi: readonly Entry[]): Generation | undefined {
  const functions = new Map(functionsIn(abi).map((entry) => [entry.name, entry]))
  if (!functions.has('price_tick')) return undefined
  const liquidation = functions.get('liquidate')?.inputs ?? []
  if (liquidation.some(({ name }) => name === 'interest_amount_liquidated')) return 'D'
  if (functions.has('get_asset_config')) return 'C'
  return functions.has('update_synthetic_asset_risk_factor') ? 'B' : 'A'
}

/** Functions stand alone or inside interfaces. */
function functionsIn(abi: readonly Entry[]): readonly Entry[] {
  return abi.flatMap((entry) => {
    if (entry.type === 'function') return [entry]
    return entry.items === undefined ? [] : functionsIn(z.array(Entry).parse(entry.items))
  })
}
