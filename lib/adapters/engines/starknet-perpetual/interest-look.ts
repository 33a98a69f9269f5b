import type { TimeLook } from '../../../domain/interest/exchange-time.ts'
import type { InterestLook } from '../../../domain/interest/interest-look.ts'
import type { CoreMarks } from '../../../domain/margin/starknet-margin.ts'
import { unixSeconds } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { EngineInterest, StarkCurve } from '../../../ports.ts'
import type { RpcAnswer, RpcRequest } from '../../rpc.ts'
import { blockBy } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'
import { readMarks } from './read-marks.ts'
import { interestDivergence, lastInterestTimes } from './storage.ts'
import { isOperator, isPaused, numberView } from './views.ts'

/** Interest of a contract of generation D; those before it have none, which is an error here. */
export function coreInterest(
  core: Core,
  { account, curve }: { readonly account: string; readonly curve: StarkCurve },
): EngineInterest {
  return {
    time: async () => timeLook(core, account),

    look: async (assets) => interestLook(core, { account, assets }),

    async lastApplied(positions, { hash }) {
      const at = { block_hash: hash }
      const requests = lastInterestTimes(curve, { contract: core.address, positions, at })
      const times = requests.length === 0 ? [] : await core.rpc.values(requests)
      return new Map(positions.map((id, index) => [id, times[index] ?? 0n]))
    },
  }
}

const timeViews = [
  'get_exchange_time',
  'get_time_of_last_update',
  'get_max_interest_rate_per_sec',
] as const

const gateViews = [
  'get_last_funding_tick',
  'get_max_funding_interval',
  'get_last_price_validation',
  'get_max_price_interval',
] as const

async function timeLook(
  core: Core,
  account: string,
): Promise<TimeLook & { readonly block: Block }> {
  const { address, rpc, engine } = core
  const [block] = await rpc.values([blockBy('latest')])
  const at = { block_hash: block.hash }
  const [paused, operator] = [isPaused(address, at), isOperator(address, account, at)]
  const numbers = timeViews.map((view) => numberView(address, view, at))
  const divergence = interestDivergence(address, at)
  const answers = await rpc.answers([paused, operator, divergence, ...numbers])
  const said = async <T>(request: RpcRequest<T>, place: number): Promise<T> => {
    // The answer to that request.
    const value = await answered(core, request, answers[place] as RpcAnswer<T> | undefined)
    if (value !== undefined) return value
    throw new StrangeContractError(engine, address, 'does not say how its interest stands')
  }
  const [exchangeTime = 0n, lastUpdate = 0n, maxRatePerSecond = 0n] = await Promise.all(
    numbers.map(async (request, index) => said(request, index + 3)),
  )
  return {
    block,
    paused: await said(paused, 0),
    isOperator: await said(operator, 1),
    clock: {
      now: BigInt(unixSeconds(block.time)),
      exchangeTime,
      lastUpdate,
      maxRatePerSecond,
      divergence: await said(divergence, 2),
    },
  }
}

async function interestLook(
  core: Core,
  { account, assets }: { readonly account: string; readonly assets: readonly string[] },
): Promise<InterestLook> {
  const { address, rpc } = core
  const look = await timeLook(core, account)
  const at = { block_hash: look.block.hash }
  const listed = core.listings.map(({ assetId }) => assetId)
  const [gates, marks] = await Promise.all([
    rpc.values(gateViews.map((view) => numberView(address, view, at))),
    readMarks(core, { generation: 'D', assets: [...listed, ...assets], at }),
  ])
  const [lastFundingTick = 0n, maxFundingInterval = 0n] = gates
  const [lastPriceValidation = 0n, maxPriceInterval = 0n] = gates.slice(2)
  return {
    ...look,
    marks: Object.fromEntries(marks.map(({ asset, mark }) => [asset, mark])) satisfies CoreMarks,
    pricedAt: Object.fromEntries(marks.map(({ asset, pricedAt }) => [asset, pricedAt])),
    lastFundingTick,
    maxFundingInterval,
    lastPriceValidation,
    maxPriceInterval,
  }
}
