import { storedPriceToDecimal } from '../../../domain/price-message.ts'
import { timestamp } from '../../../domain/time.ts'
import type { EngineState } from '../../../ports.ts'
import type { RpcAnswer } from '../../rpc.ts'
import { blockBy } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core } from './core.ts'
import type { Generation } from './generation.ts'
import { type MarketState, readAssets } from './read-assets.ts'
import { isPaused, operatorNonce } from './views.ts'

/**
 * Everything at the newest block, whatever comes after it meanwhile. A market that the contract does not know, or has deactivated, has no
 * quorum: no number of reports would do. `leastQuorum` holds where the contract asks for fewer.
 */
export async function readState(
  core: Core,
  generation: Generation,
  leastQuorum: number,
): Promise<EngineState> {
  const [block] = await core.rpc.values([blockBy('latest')])
  const at = { block_hash: block.hash }
  const paused = isPaused(core.address, at)
  const nonce = operatorNonce(core.address, at)
  const { answers, markets } = await readAssets(core, { generation, at, beside: [paused, nonce] })
  return {
    block,
    paused: (await answered(core, paused, answers[0] as RpcAnswer<boolean>)) ?? false,
    sequence: await answered(core, nonce, answers[1] as RpcAnswer<bigint>),
    quorum: Object.fromEntries(markets.flatMap((one) => quorumEntry(one, leastQuorum))),
    prices: Object.fromEntries(markets.flatMap(priceEntry)),
    fundingIndexes: Object.fromEntries(
      markets.flatMap(({ listing, timely }) =>
        timely ? [[listing.market, timely.fundingIndex]] : [],
      ),
    ),
  }
}

function quorumEntry(
  { listing, config }: MarketState,
  leastQuorum: number,
): readonly (readonly [string, number])[] {
  if (config === undefined || config.status === 'inactive') return []
  return [[listing.market, Math.max(config.quorum, leastQuorum)]]
}

function priceEntry({
  listing: { market, resolutionFactor },
  timely,
}: MarketState): readonly (readonly [string, EngineState['prices'][string]])[] {
  if (timely === undefined || timely.lastPriceUpdate === 0n) return []
  const price = storedPriceToDecimal(timely.price, resolutionFactor)
  return [[market, { price, publishedAt: timestamp(Number(timely.lastPriceUpdate) * 1000) }]]
}
