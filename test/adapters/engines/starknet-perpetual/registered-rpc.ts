import type { Requests, Rpc, RpcRequest, ValuesOf } from '../../../../lib/adapters/rpc.ts'
import { selectorOf } from '../../../../lib/adapters/starknet-felt.ts'

export type RegistryEvent = {
  readonly name: 'OracleAdded' | 'OracleRemoved'
  readonly asset: `0x${string}`
  readonly key: `0x${string}`
  readonly names?: readonly `0x${string}`[]
}

/** A node that knows only the registry's events and gives two of them per page. */
export function registeredRpc(events: () => readonly RegistryEvent[]): Rpc & { asked: number } {
  function page(request: RpcRequest): unknown {
    rpc.asked += 1
    const { filter } = request.params as { filter: { continuation_token?: string } }
    const from = Number(filter.continuation_token ?? 0)
    const all = events()
    const next = from + 2 < all.length ? { continuation_token: String(from + 2) } : {}
    return request.read({ events: all.slice(from, from + 2).map(written), ...next })
  }
  const rpc = {
    asked: 0,
    answers: async () => {
      throw new Error('only values are asked here')
    },
    values: async <const R extends Requests>(requests: R) =>
      requests.map((request) => page(request)) as ValuesOf<R>,
  }
  return rpc
}

function written({ name, asset, key, names = [] }: RegistryEvent) {
  return { keys: [selectorOf(name), asset, key], data: names }
}
