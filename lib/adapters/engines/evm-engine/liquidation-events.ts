import { decodeEventLog, toEventSelector } from 'viem/utils'
import * as z from 'zod/mini'

import type {
  LiquidationEvent,
  LiquidationEvents,
} from '../../../domain/liquidation/liquidation-event.ts'
import { evmValue } from '../../../domain/margin/evm-margin.ts'
import type { Market } from '../../../domain/market.ts'
import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Rpc, RpcRequest } from '../../rpc.ts'
import { collateralDecimals, collateralUnit } from './collateral.ts'
import { feedId } from './feed-id.ts'
import { evmLiquidationAbi } from './liquidation-abi.ts'
import { logReader } from './log-reader.ts'
import { lowerCase } from './report-signature.ts'
import { blockBy } from './snapshot.ts'

const Hex = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Word = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))])
const Log = z.object({
  address: Hex,
  topics: z.tuple([Word], Word),
  data: Hex,
  blockNumber: Hex,
  blockHash: Word,
  transactionHash: Word,
  logIndex: Hex,
})
type Log = z.infer<typeof Log>

const Receipt = z.nullable(z.object({ blockHash: Word, logs: z.array(Log) }))

const [liquidated, deleveraged, fundChanged] = [
  'Liquidated',
  'Deleveraged',
  'InsuranceFundChanged',
].map((name) => {
  const item = evmLiquidationAbi.find((one) => one.name === name)
  if (!item) throw new TypeError(`there is no event ${name}`)
  return toEventSelector(item)
})

const known: ReadonlySet<string> = new Set(evmLiquidationAbi.map((one) => toEventSelector(one)))

/** What became of accounts of a PerpEngine below their margin. */
export function evmLiquidationEvents(contract: {
  readonly address: `0x${string}`
  readonly rpc: Rpc
  readonly markets: readonly Market[]
}): (after: BlockId, to: BlockId) => Promise<LiquidationEvents> {
  const { address, rpc, markets } = contract
  const listed = new Map<string, Market>(markets.map((market) => [feedId(market), market]))
  const logs = logReader({ rpc, request: (range) => liquidationLogs(address, range) })
  let decimals: number | undefined

  return async (after, to) => {
    const found = await logs(after, to)
    if (found.kind === 'gone') return found
    const told = found.logs.filter(({ topics: [topic] }) => topic !== fundChanged)
    const funds = found.logs.flatMap((log) => {
      const event = decoded(log)
      return event?.eventName === 'InsuranceFundChanged' ? [event.args.balance] : []
    })
    const whole = await transactionsOf(rpc, told)
    if (!whole) return { kind: 'gone' }
    decimals ??= await collateralDecimals(rpc, address)
    const unit = collateralUnit(decimals)
    const events = whole.flatMap((one) => eventsIn(one, { address, unit, listed }))
    return { kind: 'events', through: found.through, events, insuranceFund: funds.at(-1) }
  }
}

/** In these blocks, both included. */
function liquidationLogs(
  address: `0x${string}`,
  { from, to }: { readonly from: number; readonly to: number },
): RpcRequest<readonly Log[]> {
  const [fromBlock, toBlock] = [from, to].map((number) => `0x${number.toString(16)}`)
  return {
    method: 'eth_getLogs',
    params: [{ address, fromBlock, toBlock, topics: [[liquidated, deleveraged, fundChanged]] }],
    read: (result) => z.array(Log).parse(result),
  }
}

type Whole = { readonly block: Block; readonly hash: `0x${string}`; readonly logs: readonly Log[] }

/** How many transactions are asked for at once. */
const atOnce = 50

/** All logs of the transactions of these, each with its block; undefined where the chain has moved meanwhile. */
async function transactionsOf(
  rpc: Rpc,
  told: readonly Log[],
): Promise<readonly Whole[] | undefined> {
  const byHash = new Map(told.map((log) => [log.transactionHash, log]))
  const all = [...byHash.values()]
  const whole: Whole[] = []
  for (let start = 0; start < all.length; start += atOnce) {
    const some = all.slice(start, start + atOnce)
    const numbers = [...new Set(some.map(({ blockNumber }) => Number(blockNumber)))]
    const [receipts, blocks] = await Promise.all([
      rpc.values(some.map(({ transactionHash }) => receiptOf(transactionHash))),
      rpc.values(numbers.map(blockBy)),
    ])
    for (const [at, { blockHash, transactionHash: hash }] of some.entries()) {
      const receipt = receipts[at]
      const block = blocks.find((one) => one?.hash === blockHash)
      if (!block || receipt?.blockHash !== blockHash) return undefined
      whole.push({ block, hash, logs: receipt.logs })
    }
  }
  return whole
}

function receiptOf(hash: `0x${string}`): RpcRequest<z.infer<typeof Receipt>> {
  return {
    method: 'eth_getTransactionReceipt',
    params: [hash],
    read: (result) => Receipt.parse(result),
  }
}

type Reading = {
  readonly address: `0x${string}`
  readonly unit: bigint
  readonly listed: ReadonlyMap<string, Market>
}

/** A transaction may hold many of them; what each moved stands in the logs before its own. */
function eventsIn({ block, hash, logs }: Whole, reading: Reading): readonly LiquidationEvent[] {
  const events: LiquidationEvent[] = []
  let before: Decoded[] = []
  for (const log of logs) {
    if (log.address.toLowerCase() !== reading.address.toLowerCase()) continue
    const event = decoded(log)
    if (!event) continue
    if (event.eventName !== 'Liquidated' && event.eventName !== 'Deleveraged') {
      before.push(event)
      continue
    }
    const { account, feedId: feed, size } = event.args
    const happened = {
      block,
      transaction: hash,
      place: Number(log.logIndex),
      account: lowerCase(account),
      asset: lowerCase(feed),
      market: reading.listed.get(lowerCase(feed)),
      base: size,
    }
    events.push(
      event.eventName === 'Liquidated'
        ? { kind: 'liquidated', ...happened, ...takenOver(event.args, before, reading) }
        : {
            kind: 'deleveraged',
            ...happened,
            counterparty: lowerCase(event.args.counterparty),
            cash: event.args.cash,
            loss: event.args.loss,
          },
    )
    before = []
  }
  return events
}

type Decoded = NonNullable<ReturnType<typeof decoded>>
type Args<Name extends Decoded['eventName']> = Extract<Decoded, { eventName: Name }>['args']

/** The event does not say for how much cash: that follows from what the account is left with (Liquidation.sol `_partOf`). */
function takenOver(
  { account, liquidator, feedId: feed, size, price, penalty, reward, cover }: Args<'Liquidated'>,
  before: readonly Decoded[],
  { unit }: Reading,
) {
  const changed = before.findLast(
    (one): one is Extract<Decoded, { eventName: 'PositionChanged' }> =>
      one.eventName === 'PositionChanged' &&
      one.args.account === account &&
      one.args.feedId === feed,
  )
  if (!changed) throw new UntoldPositionError(account)
  const later = changed.args.size
  const settled = before.findLast(
    (one): one is Extract<Decoded, { eventName: 'FundingSettled' }> =>
      one.eventName === 'FundingSettled' &&
      one.args.account === liquidator &&
      one.args.feedId === feed,
  )
  return {
    liquidator: lowerCase(liquidator),
    cash: evmValue(later - size, price, unit) - evmValue(later, price, unit),
    price,
    penalty,
    reward,
    cover,
    funding: settled?.args.payment ?? 0n,
  }
}

/** Undefined where it is another event of the contract. One of these that cannot be read is an error: it would be missing in the books. */
function decoded({ topics, data }: Log) {
  return known.has(topics[0]) ? decodeEventLog({ abi: evmLiquidationAbi, topics, data }) : undefined
}

/** A liquidation without the change of the account's position: no PerpEngine tells that. */
class UntoldPositionError extends Error {
  override readonly name = 'UntoldPositionError'

  constructor(account: string) {
    super(
      `the liquidation of ${account} tells no change of its position; is the engine's address that of a PerpEngine?`,
    )
  }
}
