import * as z from 'zod/mini'

import type { RpcRequest } from '../../rpc.ts'

/** The types of what the contract's `update_state` takes; undefined where it has none. Error 20 where there is no contract. */
export function updateStateInputs(
  contract: `0x${string}`,
): RpcRequest<readonly string[] | undefined> {
  return {
    method: 'starknet_getClassAt',
    params: { block_id: 'latest', contract_address: contract },
    read: (result) =>
      functionsIn(abiOf(result))
        .find(({ name }) => name === 'update_state')
        ?.inputs?.map(({ type }) => type),
  }
}

/** Both outputs, then hash and size of the data beside them. */
export const knownInputs: readonly string[] = [
  'core::array::Span::<core::felt252>',
  'core::array::Span::<core::felt252>',
  'core::felt252',
  'core::integer::u256',
]

type Entry = z.infer<typeof Entry>
const Entry = z.object({
  type: z.string(),
  name: z.optional(z.string()),
  inputs: z.optional(z.array(z.object({ type: z.string() }))),
  items: z.optional(z.array(z.unknown())),
})

// Classes of Cairo 0 have the ABI as a list, and may have none.
const Class = z.object({ abi: z.optional(z.union([z.string(), z.array(z.unknown())])) })

function abiOf(result: unknown): readonly Entry[] {
  const { abi = [] } = Class.parse(result)
  return z.array(Entry).parse(typeof abi === 'string' ? JSON.parse(abi) : abi)
}

/** Functions stand alone or inside interfaces. */
function functionsIn(abi: readonly Entry[]): readonly Entry[] {
  return abi.flatMap((entry) => {
    if (entry.type === 'function') return [entry]
    return entry.items === undefined ? [] : functionsIn(z.array(Entry).parse(entry.items))
  })
}
