import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'

import type { EvmLiquidationLook } from '../../../domain/liquidation/liquidation-look.ts'
import type { Account } from '../../../domain/margin/account.ts'
import type { EvmMark } from '../../../domain/margin/evm-margin.ts'
import { timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Rpc } from '../../rpc.ts'
import { evmEngineAbi } from './abi.ts'
import { collateralDecimals, collateralUnit } from './collateral.ts'
import { feedId } from './feed-id.ts'
import { askContract, type EvmEngineSnapshot } from './snapshot.ts'

/** A price that runs out within this time may be too old in the block that a liquidation comes into. */
const leastSecondsLeft = 5

/** What decides liquidations, of the block that was read. */
export async function liquidationLook({
  rpc,
  address,
  block,
  seen,
  liquidator,
}: {
  readonly rpc: Rpc
  readonly address: `0x${string}`
  readonly block: Block
  readonly seen: EvmEngineSnapshot
  readonly liquidator: Account
}): Promise<EvmLiquidationLook> {
  const ask = (functionName: 'rulesOfEngine' | 'insuranceFund' | 'liquidationsFrom') =>
    askContract(address, encodeFunctionData({ abi: evmEngineAbi, functionName }), block)
  const [[rules, fund, from], decimals] = await Promise.all([
    rpc.values([ask('rulesOfEngine'), ask('insuranceFund'), ask('liquidationsFrom')]),
    collateralDecimals(rpc, address),
  ])
  const { liquidatorShareBps, closeFactorBps, smallPosition } = decoded('rulesOfEngine', rules)
  const known = seen.markets.filter(({ status }) => status !== 'unlisted')
  const blockSeconds = block.time / 1000
  const fresh = known.filter(
    ({ publishedAt, maxPriceAge }) =>
      blockSeconds + leastSecondsLeft <= Number(publishedAt) + maxPriceAge,
  )
  return {
    kind: 'evm-engine',
    block,
    paused: seen.paused,
    from: timestamp(Number(decoded('liquidationsFrom', from)) * 1000),
    book: {
      unit: collateralUnit(decimals),
      marks: Object.fromEntries(fresh.map((market) => [feedId(market.market), markOf(market)])),
    },
    rules: {
      liquidatorShareBps: BigInt(liquidatorShareBps),
      closeFactorBps: BigInt(closeFactorBps),
      smallPosition,
    },
    insuranceFund: decoded('insuranceFund', fund),
    markets: Object.fromEntries(known.map(({ market }) => [feedId(market), market])),
    dollar: 10n ** BigInt(decimals),
    pricedAt: Object.fromEntries(
      fresh.map(({ market, publishedAt }) => [
        feedId(market),
        timestamp(Number(publishedAt) * 1_000),
      ]),
    ),
    liquidator,
  }
}

function markOf(market: EvmEngineSnapshot['markets'][number]): EvmMark {
  const { price, fundingIndex, initialMarginBps, maintenanceMarginBps, penaltyBps } = market
  return { price, fundingIndex, initialMarginBps, maintenanceMarginBps, penaltyBps }
}

function decoded<Name extends 'rulesOfEngine' | 'insuranceFund' | 'liquidationsFrom'>(
  functionName: Name,
  data: `0x${string}`,
) {
  return decodeFunctionResult<typeof evmEngineAbi, Name>({
    abi: evmEngineAbi,
    functionName,
    data,
  } as never)
}
