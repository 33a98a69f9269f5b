import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import type { FundingLook } from '../../../domain/funding/funding-look.ts'
import { timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Rpc } from '../../rpc.ts'
import { evmEngineAbi } from './abi.ts'
import { feedId } from './feed-id.ts'
import { askContract, type EvmEngineSnapshot } from './snapshot.ts'

/** What decides a funding tick, of the block that was read. */
export async function fundingLook({
  rpc,
  address,
  account,
  block,
  seen,
}: {
  readonly rpc: Rpc
  readonly address: `0x${string}`
  /** The one that sends. */
  readonly account: string
  readonly block: Block
  readonly seen: EvmEngineSnapshot
}): Promise<FundingLook> {
  const [seconds, operator] = await rpc.values([
    askContract(address, encodeFunctionData({ abi, functionName: 'epochSeconds' }), block),
    askContract(address, isOperatorData(account), block),
  ])
  const known = seen.markets.filter(({ status }) => status !== 'unlisted')
  return {
    kind: 'evm-engine',
    block,
    feeds: Object.fromEntries(known.map(({ market }) => [market, feedId(market)])),
    engine: {
      paused: seen.paused,
      isOperator: decodeFunctionResult({ abi, functionName: 'isOperator', data: operator }),
      epochSeconds: Number(
        decodeFunctionResult({ abi, functionName: 'epochSeconds', data: seconds }),
      ),
      markets: known.map((one) => ({
        feedId: feedId(one.market),
        isListed: true,
        price: one.price,
        publishedAt: timestamp(Number(one.publishedAt) * 1000),
        maxPriceAgeSeconds: one.maxPriceAge,
        maxFundingRate: one.maxFundingRate,
        fundingEpoch: Number(one.fundingEpoch),
        fundingIndex: one.fundingIndex,
      })),
    },
  }
}

const abi = evmEngineAbi

function isOperatorData(account: string): `0x${string}` {
  return encodeFunctionData({
    abi,
    functionName: 'isOperator',
    args: [account as `0x${string}`],
  })
}
