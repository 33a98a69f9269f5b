import { decodeEventLog, toEventSelector } from 'viem/utils'
import * as z from 'zod/mini'

import type {
  AccountEvent,
  BlockEvents,
  BlockId,
  PlacedEvent,
} from '../../../domain/positions/account-event.ts'
import type { RpcRequest } from '../../rpc.ts'
import { evmPositionsAbi } from './positions-abi.ts'
import { lowerCase } from './report-signature.ts'

const Hex = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Word = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))])
const Log = z.object({
  topics: z.tuple([Word], Word),
  data: Hex,
  blockNumber: Hex,
  blockHash: Word,
  logIndex: Hex,
})
type Log = z.infer<typeof Log>

const topics = evmPositionsAbi.flatMap((item) =>
  item.type === 'event' ? toEventSelector(item) : [],
)

/** Everything that changes accounts in these blocks, both included. */
export function positionLogs(
  address: `0x${string}`,
  { from, to }: { readonly from: number; readonly to: number },
): RpcRequest<readonly Log[]> {
  const [fromBlock, toBlock] = [from, to].map((number) => `0x${number.toString(16)}`)
  return {
    method: 'eth_getLogs',
    params: [{ address, fromBlock, toBlock, topics: [topics] }],
    read: (result) => z.array(Log).parse(result),
  }
}

/** The logs by block. */
export function blocksOf(logs: readonly Log[]): readonly BlockEvents[] {
  const byNumber = Map.groupBy(logs, ({ blockNumber }) => Number(blockNumber))
  const blocks = [...byNumber].toSorted(([one], [other]) => one - other)
  return blocks.flatMap(([number, [first, ...rest]]) => {
    if (!first) return []
    const block: BlockId = { number, hash: first.blockHash }
    return { block, events: [first, ...rest].flatMap(placed) }
  })
}

function placed(log: Log): readonly PlacedEvent[] {
  const event = eventOf(log)
  return event ? [{ place: Number(log.logIndex), event }] : []
}

function eventOf(log: Log): AccountEvent | undefined {
  const decoded = decode(log)
  if (!decoded) return unreadable(log)
  switch (decoded.eventName) {
    case 'CollateralChanged': {
      const { account, collateral } = decoded.args
      return { kind: 'collateral', account: lowerCase(account), collateral }
    }
    case 'PositionChanged': {
      const { account, feedId, size, cost, fundingIndex, collateral } = decoded.args
      const holding = { asset: lowerCase(feedId), balance: size, fundingIndex, cost }
      return { kind: 'position', account: lowerCase(account), holding, collateral }
    }
    case 'FundingTicked': {
      const { feedId, index } = decoded.args
      return { kind: 'funding', asset: lowerCase(feedId), index }
    }
  }
}

function decode({ topics: signature, data }: Log) {
  try {
    return decodeEventLog({ abi: evmPositionsAbi, topics: signature, data })
  } catch {
    return undefined
  }
}

/** Its account stands in its first topic, whatever else is wrong. Funding has none: what its index is, the contract is asked in any case. */
function unreadable(log: Log): AccountEvent | undefined {
  const [topic, who] = log.topics
  if (topic === fundingTicked || who === undefined) return undefined
  const what = `log ${Number(log.logIndex)} of block ${Number(log.blockNumber)} cannot be read`
  return { kind: 'unreadable', account: `0x${who.slice(-40)}`, what }
}

const fundingTicked = toEventSelector('FundingTicked(bytes32,uint64,int256,int256)')
