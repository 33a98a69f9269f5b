import type { FundingLook } from '../../../domain/funding/funding-look.ts'
import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { RpcAnswer, RpcRequest } from '../../rpc.ts'
import { blockBy } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'
import type { Generation } from './generation.ts'
import { readAssets } from './read-assets.ts'
import { isOperator, isPaused, numberView, operatorNonce } from './views.ts'

/** What decides a `funding_tick`, at the newest block. */
export async function fundingLook(
  core: Core,
  { generation, account }: { readonly generation: Generation; readonly account: string },
): Promise<FundingLook> {
  const [block] = await core.rpc.values([blockBy('latest')])
  const at = { block_hash: block.hash }
  const { address } = core
  const [paused, operator] = [isPaused(address, at), isOperator(address, account, at)]
  const numbers = [
    operatorNonce(address, at),
    numberView(address, 'get_last_funding_tick', at),
    numberView(address, 'get_last_price_validation', at),
    numberView(address, 'get_max_price_interval', at),
    numberView(address, 'get_max_funding_rate', at),
    numberView(address, 'get_num_of_active_synthetic_assets', at),
  ]
  const beside = [paused, operator, ...numbers]
  const { answers, markets } = await readAssets(core, { generation, at, beside })
  const said = async <T>(request: RpcRequest<T>, place: number): Promise<T> => {
    // The answer to that request.
    const value = await answered(core, request, answers[place] as RpcAnswer<T> | undefined)
    if (value !== undefined) return value
    throw new StrangeContractError(core.engine, address, 'does not say how its funding stands')
  }
  const [nonce, lastTick, lastValidation, priceInterval, maxRate, active] = await Promise.all(
    numbers.map(async (request, index) => said(request, index + 2)),
  )
  const known = markets.flatMap(({ listing, config, timely }) =>
    config && timely ? [{ listing, config, timely }] : [],
  )
  return {
    kind: 'starknet-perpetual',
    block,
    assets: Object.fromEntries(
      known.map(({ listing }) => [listing.market, BigInt(listing.assetId)]),
    ),
    activeSynthetics: Number(active),
    core: {
      generation,
      paused: await said(paused, 0),
      isOperator: await said(operator, 1),
      operatorNonce: nonce ?? 0n,
      lastFundingTick: atSecond(lastTick),
      lastPriceValidation: atSecond(lastValidation),
      maxPriceIntervalSeconds: Number(priceInterval),
      maxFundingRate: maxRate ?? 0n,
      assets: known.map(({ listing, config, timely }) => ({
        id: BigInt(listing.assetId),
        kind: config.kind,
        status: config.status,
        price: timely.price,
        pricedAt: atSecond(timely.lastPriceUpdate),
        fundingIndex: timely.fundingIndex,
      })),
    },
  }
}

function atSecond(seconds: bigint | undefined): Timestamp {
  return timestamp(Number(seconds ?? 0n) * 1000)
}
