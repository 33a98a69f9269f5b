import type { FundingUpdate } from '../action.ts'
import { unixSeconds } from '../time.ts'
import type { FundingLook } from './funding-look.ts'
import {
  buildFundingTick,
  type BuiltFundingTick,
  type CoreAsset,
  judgeFundingTick,
} from './funding-tick.ts'
import { type MarketRate, marketRate, marketsBy, updateOf } from './market-rate.ts'
import type { FundingPlan, FundingView } from './plan-funding.ts'

/** starknet-perpetual: every active synthetic in one tick, of which the time since the last tick is the measure. */
export function planCoreFunding(
  view: FundingView,
  look: FundingLook & { kind: 'starknet-perpetual' },
  epoch: number,
): FundingPlan {
  const { core, block, activeSynthetics } = look
  const lastTick = unixSeconds(core.lastFundingTick)
  if (lastTick >= epoch * view.policy.epochSeconds) return { kind: 'settled', epoch }
  const active = core.assets.filter(
    ({ kind, status }) => kind === 'synthetic' && status === 'active',
  )
  if (active.length !== activeSynthetics)
    return {
      kind: 'refused',
      epoch,
      reason: 'markets-missing',
      detail: `the exchange has ${activeSynthetics} active synthetics and wants all of them in one tick; the network file lists ${active.length} of them`,
    }
  // Each market is active from its first price on.
  if (active.length === 0)
    return { kind: 'no-rate', epoch, detail: 'no market of the exchange is active yet' }
  const markets = marketsBy(look.assets)
  const elapsedSeconds = unixSeconds(block.time) - lastTick
  const rated = active.flatMap((asset) => {
    const market = markets.get(asset.id)
    if (market === undefined) return []
    return [{ asset, part: marketRate(view, { market, epoch, elapsedSeconds }) }]
  })
  const rates = rated.flatMap(({ asset, part: { rate } }) =>
    rate ? [[asset.id, rate] as const] : [],
  )
  const built = buildFundingTick(core, new Map(rates), block.time)
  const timestamp = BigInt(unixSeconds(block.time))
  const call = { operatorNonce: core.operatorNonce, ticks: built.ticks, timestamp }
  const verdict = judgeFundingTick(core, call, block.time)
  if (verdict.kind === 'refused') {
    const market = verdict.assetId === undefined ? undefined : markets.get(verdict.assetId)
    const detail = market === undefined ? verdict.panic : `${market}: ${verdict.panic}`
    return { kind: 'refused', epoch, reason: verdict.reason, detail }
  }
  const clamped = built.clamped.map(({ assetId, wanted, allowed }) => {
    const market = markets.get(assetId)
    return `${market}: index change ${allowed} of ${wanted}, which is near the contract's cap`
  })
  return {
    kind: 'due',
    epoch,
    whole: true,
    updates: updatesOf(rated, built),
    notes: [...rated.flatMap(({ part }) => part.notes), ...clamped],
  }
}

function updatesOf(
  rated: readonly { readonly asset: CoreAsset; readonly part: MarketRate }[],
  { ticks }: BuiltFundingTick,
): readonly FundingUpdate[] {
  return rated.flatMap(({ asset, part }) => {
    const tick = ticks.find(({ assetId }) => assetId === asset.id)
    return tick ? [{ ...updateOf(part), before: asset.fundingIndex, after: tick.fundingIndex }] : []
  })
}
