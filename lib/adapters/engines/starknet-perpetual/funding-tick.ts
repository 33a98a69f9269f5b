import type { SettleFunding } from '../../../domain/action.ts'
import { unixSeconds } from '../../../domain/time.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex, feltOfSigned } from '../../starknet-felt.ts'
import type { Listing } from './core.ts'

/**
 * `funding_tick(operator_nonce, funding_ticks, timestamp)`: every active synthetic in one call, ascending by asset id as
 * numbers, each with its new index. The contract wants a timestamp and uses its block's.
 */
export function fundingTick(tick: {
  readonly core: `0x${string}`
  readonly nonce: bigint
  readonly action: SettleFunding
  readonly listed: (market: string) => Listing
}): Call {
  const { core, nonce, action, listed } = tick
  const ticks = action.updates
    .map(({ market, after }) => ({ asset: BigInt(listed(market).assetId), index: after }))
    .toSorted((one, other) => (one.asset < other.asset ? -1 : 1))
  const words = ticks.flatMap(({ asset, index }) => [asset, feltOfSigned(index)])
  const calldata = [nonce, BigInt(ticks.length), ...words, BigInt(unixSeconds(action.at))]
  return { kind: 'starknet', to: core, entrypoint: 'funding_tick', calldata: calldata.map(feltHex) }
}
