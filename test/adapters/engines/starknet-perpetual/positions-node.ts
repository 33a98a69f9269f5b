import type {
  AnswersOf,
  Requests,
  Rpc,
  RpcAnswer,
  RpcRequest,
  ValuesOf,
} from '../../../../lib/adapters/rpc.ts'
import { feltHex, selectorOf } from '../../../../lib/adapters/starknet-felt.ts'

export type NodeEvent = {
  readonly block: number
  readonly name: string
  readonly keys: readonly bigint[]
  readonly data: readonly bigint[]
  /** Its transaction's. */
  readonly calldata?: readonly bigint[]
  /** Of the transaction in its block, and of the event in it, where the node tells that. */
  readonly at?: readonly [transaction: number, event: number]
}

/** What a call of a view answers: felts, or the contract's refusal. */
export type NodeView = (
  entrypoint: 'get_position_assets' | 'get_timely_data' | 'get_asset_config',
  argument: bigint,
) => readonly bigint[] | string

/** A node whose blocks are named after `branch`, that gives two events per page and answers views as it is told. */
export function positionsNode(node: {
  readonly events: () => readonly NodeEvent[]
  readonly branch?: () => string
  readonly view?: NodeView
}): Rpc & { readonly asked: string[] } {
  const { events, branch = () => 'a', view = () => 'ENTRYPOINT_NOT_FOUND' } = node
  const asked: string[] = []
  const hashOf = (number: number) => blockHash(number, branch())

  function answer(request: RpcRequest): RpcAnswer {
    asked.push(request.method)
    const params = request.params as Params
    switch (request.method) {
      case 'starknet_getEvents':
        return result(request, page(params.filter))
      case 'starknet_getTransactionByHash': {
        const told = events().find(
          ({ calldata }) => hashOfCalls(calldata) === params.transaction_hash,
        )
        return result(request, { calldata: (told?.calldata ?? []).map(feltHex) })
      }
      case 'starknet_getBlockWithTxHashes': {
        const { block_number: number } = params.block_id
        const header = { block_number: number, block_hash: hashOf(number), timestamp: number }
        return result(request, header)
      }
      default:
        return called(request, params.request)
    }
  }

  function page({ from_block: from, to_block: to, continuation_token: token = '0' }: Filter) {
    const wanted = events().filter(
      ({ block }) => block >= from.block_number && block <= to.block_number,
    )
    const start = Number(token)
    const more = start + 2 < wanted.length
    return {
      events: wanted.slice(start, start + 2).map(({ block, name, keys, data, calldata, at }) => ({
        ...(at && { transaction_index: at[0], event_index: at[1] }),
        // A transaction is known by what it says.
        transaction_hash: hashOfCalls(calldata),
        block_number: block,
        block_hash: hashOf(block),
        keys: [selectorOf(name), ...keys.map(feltHex)],
        data: data.map(feltHex),
      })),
      ...(more ? { continuation_token: String(start + 2) } : {}),
    }
  }

  function called(
    request: RpcRequest,
    { entry_point_selector: selector, calldata }: Call,
  ): RpcAnswer {
    const name = views.find((one) => selectorOf(one) === selector)
    const said = name ? view(name, BigInt(calldata[0] ?? 0)) : 'ENTRYPOINT_NOT_FOUND'
    if (typeof said !== 'string') return result(request, said.map(feltHex))
    if (said === 'ENTRYPOINT_NOT_FOUND')
      return { kind: 'error', error: { code: 21, message: said, data: undefined } }
    const felt = feltHex(BigInt(`0x${Buffer.from(said).toString('hex')}`))
    const data = { revert_error: { error: `["${felt}"]` } }
    return { kind: 'error', error: { code: 40, message: 'Contract error', data } }
  }

  return {
    asked,
    answers: async <const R extends Requests>(requests: R) =>
      requests.map((request) => answer(request)) as unknown as AnswersOf<R>,
    values: async <const R extends Requests>(requests: R) =>
      requests.map((request) => {
        const said = answer(request)
        if (said.kind === 'error') throw new Error(`the node refused ${request.method}`)
        return said.value
      }) as ValuesOf<R>,
  }
}

/** Stands for a transaction: whoever says the same is the same. */
function hashOfCalls(calldata: readonly bigint[] = []): `0x${string}` {
  return feltHex(calldata.reduce((sum, word) => (sum * 31n + word) % 2n ** 250n, 1n))
}

export function blockHash(number: number, branch = 'a'): `0x${string}` {
  return feltHex(BigInt(`0x${Buffer.from(`${branch}${number}`).toString('hex')}`))
}

const views = ['get_position_assets', 'get_timely_data', 'get_asset_config'] as const

type At = { readonly block_number: number }
type Filter = {
  readonly from_block: At
  readonly to_block: At
  readonly continuation_token?: string
}
type Call = { readonly entry_point_selector: string; readonly calldata: readonly string[] }
type Params = {
  readonly filter: Filter
  readonly block_id: At
  readonly request: Call
  readonly transaction_hash: string
}

function result(request: RpcRequest, value: unknown): RpcAnswer {
  return { kind: 'result', value: request.read(value) }
}
