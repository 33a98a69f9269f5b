import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'
import * as z from 'zod/mini'

import type { Market } from '../../../domain/market.ts'
import { timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { RpcRequest } from '../../rpc.ts'
import { evmEngineAbi } from './abi.ts'
import { feedId } from './feed-id.ts'
import { lowerCase } from './report-signature.ts'

/** What the contract says of itself and of some markets, in their order. */
export type EvmEngineSnapshot = {
  readonly paused: boolean
  /** Addresses in lower case. */
  readonly signers: ReadonlySet<string>
  readonly markets: readonly {
    readonly market: Market
    readonly status: 'unlisted' | 'active' | 'reduce-only'
    readonly quorum: number
    /** 18 decimals; 0 until the first. */
    readonly price: bigint
    /** Unix seconds. */
    readonly publishedAt: bigint
    /** What one whole unit held long has paid: USD at 18 decimals. */
    readonly fundingIndex: bigint
    /** The newest epoch that was paid. */
    readonly fundingEpoch: bigint
    /** Of notional per epoch, at 18 decimals. */
    readonly maxFundingRate: bigint
    readonly initialMarginBps: bigint
    readonly maintenanceMarginBps: bigint
    readonly penaltyBps: bigint
    /** Seconds after which nothing is decided by the price. */
    readonly maxPriceAge: number
  }[]
}

/** The call data that asks for it. */
export function snapshotData(markets: readonly Market[]): `0x${string}` {
  const args = [markets.map(feedId)] as const
  return encodeFunctionData({ abi: evmEngineAbi, functionName: 'snapshot', args })
}

/** Throws where the answer is not that of a PerpEngine. */
export function readSnapshot(data: `0x${string}`, markets: readonly Market[]): EvmEngineSnapshot {
  const [paused, signers, views] = decodeFunctionResult({
    abi: evmEngineAbi,
    functionName: 'snapshot',
    data,
  })
  return {
    paused,
    signers: new Set(signers.map(lowerCase)),
    markets: markets.map((market, at) => {
      const view = views[at]
      if (!view) throw new RangeError(`the snapshot ends before ${market}`)
      const { rules, mark, funding } = view
      return {
        market,
        status: statusOf(view),
        quorum: rules.quorum,
        price: mark.price,
        publishedAt: mark.publishedAt,
        fundingIndex: funding.index,
        fundingEpoch: funding.epoch,
        maxFundingRate: rules.maxFundingRate,
        initialMarginBps: BigInt(rules.initialMarginBps),
        maintenanceMarginBps: BigInt(rules.maintenanceMarginBps),
        penaltyBps: BigInt(rules.penaltyBps),
        maxPriceAge: rules.maxPriceAge,
      }
    }),
  }
}

/** Markets.sol `Status`. */
function statusOf({ rules }: { readonly rules: { readonly status: number } }) {
  if (rules.status === 0) return 'unlisted'
  return rules.status === 1 ? 'active' : 'reduce-only'
}

/** The newest block, or undefined where the node has none. */
export const newestBlock = blockBy('latest')

/** The block of that number, or undefined where the node has none. */
export function blockBy(number: number | 'latest'): RpcRequest<Block | undefined> {
  return {
    method: 'eth_getBlockByNumber',
    params: [number === 'latest' ? number : `0x${number.toString(16)}`, false],
    read(result) {
      if (result === null) return undefined
      const header = Header.parse(result)
      const time = timestamp(Number(header.timestamp) * 1000)
      return { number: Number(header.number), hash: header.hash, time }
    },
  }
}

/** A call of the contract, by block hash (EIP-1898) so that nothing moves between two questions, or on the newest block. */
export function askContract(
  to: `0x${string}`,
  data: `0x${string}`,
  block?: Pick<Block, 'hash'>,
): RpcRequest<`0x${string}`> {
  const at = block ? { blockHash: block.hash } : 'latest'
  return { method: 'eth_call', params: [{ to, data }, at], read: (result) => Hex.parse(result) }
}

export const hexText = (method: string, params: readonly unknown[]): RpcRequest<`0x${string}`> => ({
  method,
  params,
  read: (result) => Hex.parse(result),
})

const Hex = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Header = z.object({
  number: Hex,
  hash: z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))]),
  timestamp: Hex,
})
