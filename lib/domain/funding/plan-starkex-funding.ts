import type { FundingUpdate } from '../action.ts'
import type { Market } from '../market.ts'
import { timestamp, type Timestamp, unixSeconds } from '../time.ts'
import type { FundingLook } from './funding-look.ts'
import { type MarketRate, marketRate, marketsBy, updateOf } from './market-rate.ts'
import type { FundingPlan, FundingView } from './plan-funding.ts'
import {
  buildStarkexFundingTick,
  type BuiltStarkexTick,
  judgeStarkexFundingTick,
  type StarkexFunding,
} from './starkex-funding-tick.ts'

type Rated = { readonly assetId: bigint; readonly market: Market; readonly part: MarketRate }

/** StarkEx: every asset that was ever settled, and each new one that has a price, in one tick. */
export function planStarkexFunding(
  view: FundingView,
  look: FundingLook & { kind: 'starkex' },
  epoch: number,
): FundingPlan {
  const { exchange, unlisted } = look
  if (isSettled(exchange, epoch * view.policy.epochSeconds)) return { kind: 'settled', epoch }
  if (unlisted.length > 0)
    return {
      kind: 'refused',
      epoch,
      reason: 'markets-missing',
      detail: `the exchange wants every market that was ever settled; the network file lists no more ${unlisted.join(', ')}`,
    }
  const at = tickTime(look)
  const rated = ratedMarkets(view, look, { epoch, at })
  if (rated.length === 0)
    return { kind: 'refused', epoch, reason: 'PRICE_UNKNOWN', detail: 'no market was priced yet' }
  const rates = rated.flatMap(({ assetId, part: { rate } }) =>
    rate ? [[assetId, rate] as const] : [],
  )
  const ticked = { ...exchange, assets: rated.map(({ assetId }) => assetId) }
  const built = buildStarkexFundingTick(ticked, new Map(rates), at)
  const verdict = judgeStarkexFundingTick(exchange, { at, ticks: built.ticks })
  if (verdict.kind === 'refused') {
    const market = rated.find(({ assetId }) => assetId === verdict.assetId)?.market
    return { kind: 'refused', epoch, reason: verdict.reason, detail: market ?? '' }
  }
  return {
    kind: 'due',
    epoch,
    whole: true,
    at,
    updates: updatesOf(rated, built, exchange),
    notes: notesOf(rated, built, exchange),
  }
}

function isSettled({ indices, lastFundingTick }: StarkexFunding, epochAt: number): boolean {
  return indices.size > 0 && unixSeconds(lastFundingTick) >= epochAt
}

/** Its gateway takes no tick at or before the last one, and nothing from before the exchange's time. */
function tickTime({ block, exchange }: FundingLook & { kind: 'starkex' }): Timestamp {
  const { systemTime, lastFundingTick } = exchange
  return timestamp(Math.max(block.time, systemTime, lastFundingTick + 1_000))
}

/** What is new and has no price yet waits for one: with it in, no tick could follow. */
function ratedMarkets(
  view: FundingView,
  { exchange, assets }: FundingLook & { kind: 'starkex' },
  { epoch, at }: { readonly epoch: number; readonly at: Timestamp },
): readonly Rated[] {
  const { indices, prices, lastFundingTick } = exchange
  const sinceTick = unixSeconds(at) - unixSeconds(lastFundingTick)
  return [...marketsBy(assets)].flatMap(([assetId, market]) => {
    const isNew = !indices.has(assetId)
    if (isNew && !prices.has(assetId)) return []
    const elapsedSeconds = isNew ? 0 : sinceTick
    return [{ assetId, market, part: marketRate(view, { market, epoch, elapsedSeconds }) }]
  })
}

function updatesOf(
  rated: readonly Rated[],
  { ticks }: BuiltStarkexTick,
  { indices }: StarkexFunding,
): readonly FundingUpdate[] {
  return rated.flatMap(({ assetId, part }) => {
    const tick = ticks.find((one) => one.assetId === assetId)
    const before = indices.get(assetId) ?? 0n
    return tick ? [{ ...updateOf(part), before, after: tick.fundingIndex }] : []
  })
}

function notesOf(
  rated: readonly Rated[],
  { clamped }: BuiltStarkexTick,
  { indices }: StarkexFunding,
): readonly string[] {
  return rated.flatMap(({ assetId, market, part: { notes } }) => {
    if (!indices.has(assetId)) return [`${market}: it is new, and its index begins at 0`]
    const near = clamped.find((one) => one.assetId === assetId)
    if (!near) return notes
    const { allowed, wanted } = near
    return [
      ...notes,
      `${market}: index change ${allowed} of ${wanted}, which is near the exchange's cap`,
    ]
  })
}
