import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import type { Holding } from '../../../domain/margin/account.ts'
import type { Market } from '../../../domain/market.ts'
import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { AccountRead } from '../../../domain/positions/reading.ts'
import type { EnginePositions } from '../../../ports.ts'
import type { Rpc, RpcAnswer, RpcRequest } from '../../rpc.ts'
import { evmEngineAbi } from './abi.ts'
import { feedId } from './feed-id.ts'
import { logReader } from './log-reader.ts'
import { blocksOf, positionLogs } from './position-events.ts'
import { evmPositionsAbi } from './positions-abi.ts'
import { lowerCase } from './report-signature.ts'
import { askContract } from './snapshot.ts'

/** The accounts of a PerpEngine. Its events tell how things are after them, so none of them depends on another. */
export function evmPositions(contract: {
  readonly address: `0x${string}`
  readonly rpc: Rpc
  readonly markets: readonly Market[]
  readonly from: number
}): EnginePositions {
  const { address, rpc, markets, from } = contract
  const logs = logReader({ rpc, request: (range) => positionLogs(address, range) })

  return {
    from,
    given: [],

    async events(after, to) {
      const found = await logs(after, to)
      if (found.kind === 'gone') return found
      const { number, hash } = found.through
      return { kind: 'events', through: { number, hash }, blocks: blocksOf(found.logs) }
    },

    async read(owners, block) {
      const found = await read(contract, owners, block)
      const feeds = new Set<string>(markets.map((market) => feedId(market)))
      for (const one of found)
        if (one.kind === 'account') for (const { asset } of one.account.holdings) feeds.add(asset)
      const ids = [...feeds] as readonly `0x${string}`[]
      const [snapshot] = await rpc.values([askContract(address, feedsData(ids), block)])
      const accounts = owners.map((owner, at) => [owner, found[at] ?? { kind: 'none' }] as const)
      return { block, accounts: new Map(accounts), indexes: indexesFrom(ids, snapshot) }
    },
  }
}

type Contract = Pick<Parameters<typeof evmPositions>[0], 'address' | 'rpc'>

/** First what each owner has, then each position. */
async function read(
  { address, rpc }: Contract,
  owners: readonly string[],
  block: BlockId,
): Promise<readonly AccountRead[]> {
  const accounts = await asked(
    rpc,
    owners.map((owner) => askContract(address, accountData(owner), block)),
  )
  const heads = accounts.map((answer) => tried(answer, accountFrom))
  const legs = heads.flatMap((head, at) =>
    head.kind === 'read' ? head.value.feedIds.map((id) => ({ at, id })) : [],
  )
  const positions = await asked(
    rpc,
    legs.map(({ at, id }) => askContract(address, positionData(owners[at] ?? '', id), block)),
  )
  const held = Map.groupBy(
    legs.map(({ at, id }, leg) => ({
      at,
      holding: tried(positions[leg], (data) => holdingFrom(id, data)),
    })),
    ({ at }) => at,
  )
  return heads.map((head, at): AccountRead => {
    if (head.kind === 'unreadable') return head
    const holdings = (held.get(at) ?? []).map(({ holding }) => holding)
    const bad = holdings.find((one) => one.kind === 'unreadable')
    if (bad) return bad
    const account = {
      id: owners[at] ?? '',
      collateral: head.value.collateral,
      holdings: holdings.flatMap((one) => (one.kind === 'read' ? one.value : [])),
    }
    return { kind: 'account', account }
  })
}

function accountData(owner: string): `0x${string}` {
  return encodeFunctionData({
    abi: evmPositionsAbi,
    functionName: 'accountOf',
    args: [hex(owner)],
  })
}

function positionData(owner: string, id: `0x${string}`): `0x${string}` {
  return encodeFunctionData({
    abi: evmPositionsAbi,
    functionName: 'position',
    args: [hex(owner), id],
  })
}

function feedsData(ids: readonly `0x${string}`[]): `0x${string}` {
  return encodeFunctionData({ abi: evmEngineAbi, functionName: 'snapshot', args: [ids] })
}

function indexesFrom(
  ids: readonly `0x${string}`[],
  data: `0x${string}`,
): ReadonlyMap<string, bigint> {
  const [, , views] = decodeFunctionResult({ abi: evmEngineAbi, functionName: 'snapshot', data })
  return new Map(ids.map((id, at) => [id, views[at]?.funding.index ?? 0n]))
}

/** EIP-1474 and geth: the call itself failed. All other errors are the node's, and say nothing of the account. */
const reverted = 3

async function asked(
  rpc: Rpc,
  requests: readonly RpcRequest<`0x${string}`>[],
): Promise<readonly RpcAnswer<`0x${string}`>[]> {
  if (requests.length === 0) return []
  const answers = await rpc.answers(requests)
  const isTrouble = answers.some((one) => one.kind === 'error' && one.error.code !== reverted)
  if (!isTrouble) return answers
  const values = await rpc.values(requests)
  return values.map((value) => ({ kind: 'result', value }))
}

type Tried<T> = { readonly kind: 'read'; readonly value: T } | Unreadable
type Unreadable = Extract<AccountRead, { kind: 'unreadable' }>

function tried<T>(
  answer: RpcAnswer<`0x${string}`> | undefined,
  decode: (data: `0x${string}`) => T,
): Tried<T> {
  if (answer?.kind !== 'result')
    return { kind: 'unreadable', detail: `the contract refuses: ${answer?.error.message ?? ''}` }
  try {
    return { kind: 'read', value: decode(answer.value) }
  } catch {
    return { kind: 'unreadable', detail: `the contract says ${answer.value.slice(0, 80)}` }
  }
}

function accountFrom(data: `0x${string}`) {
  const [collateral, feedIds] = decodeFunctionResult({
    abi: evmPositionsAbi,
    functionName: 'accountOf',
    data,
  })
  return { collateral, feedIds }
}

function holdingFrom(id: `0x${string}`, data: `0x${string}`): Holding {
  const { size, cost, fundingIndex } = decodeFunctionResult({
    abi: evmPositionsAbi,
    functionName: 'position',
    data,
  })
  return { asset: lowerCase(id), balance: size, fundingIndex, cost }
}

function hex(owner: string): `0x${string}` {
  return `0x${owner.slice(2)}`
}
