import type { FundingUpdate } from '../action.ts'
import { Decimal } from '../decimal.ts'
import {
  buildEvmFundingTick,
  type BuiltEvmTick,
  type EvmFundingMarket,
  judgeEvmFundingTick,
} from './evm-funding-tick.ts'
import type { FundingLook } from './funding-look.ts'
import { evmIndexChange } from './index-change.ts'
import { type MarketRate, marketRate, marketsBy, updateOf } from './market-rate.ts'
import type { FundingPlan, FundingView } from './plan-funding.ts'

type Rated = { readonly known: EvmFundingMarket; readonly part: MarketRate }

/** Our EVM engine: each market for itself, once per epoch of the contract's own. */
export function planEvmFunding(
  view: FundingView,
  { engine, feeds, block }: FundingLook & { kind: 'evm-engine' },
  epoch: number,
): FundingPlan {
  if (engine.epochSeconds !== view.policy.epochSeconds)
    return {
      kind: 'refused',
      epoch,
      reason: 'other-epochs',
      detail: `an epoch of the exchange is ${engine.epochSeconds} s long, the network file says ${view.policy.epochSeconds}`,
    }
  const markets = marketsBy(feeds)
  const rated = engine.markets.flatMap((known): readonly Rated[] => {
    const market = markets.get(known.feedId)
    if (market === undefined) return []
    // The first tick of a market pays one epoch: before it, nothing was due.
    const epochs = known.fundingEpoch === 0 ? 1 : Math.max(0, epoch - known.fundingEpoch)
    const elapsedSeconds = epochs * engine.epochSeconds
    return [{ known, part: marketRate(view, { market, epoch, elapsedSeconds }) }]
  })
  const rates = rated.flatMap(({ known, part: { rate } }) =>
    rate ? [[known.feedId, rate] as const] : [],
  )
  const built = buildEvmFundingTick(engine, new Map(rates), block.time)
  const notes = rated.flatMap(({ part }) => part.notes)
  if (built.call.rates.length === 0) return nothingToTell(built, { epoch, notes })
  const verdict = judgeEvmFundingTick(engine, built.call, block.time)
  if (verdict.kind === 'refused') {
    const detail = verdict.feedId === undefined ? '' : `${markets.get(verdict.feedId)}`
    return { kind: 'refused', epoch, reason: verdict.reason, detail }
  }
  const clamped = built.clamped.map(({ feedId, wanted, allowed }) => {
    const of = `${ratio(allowed).toFixed()} of ${ratio(wanted).toFixed()}`
    return `${markets.get(feedId)}: rate ${of}, which is the market's cap`
  })
  const late = built.leftOut
    .filter(({ why }) => why === 'stale-price')
    .map(({ feedId }) => `${markets.get(feedId)} waits: its price is too old`)
  return {
    kind: 'due',
    epoch,
    whole: false,
    updates: updatesOf(rated, built),
    notes: [...notes, ...clamped, ...late],
  }
}

/** All are settled, or what is not cannot be now. */
function nothingToTell(
  { leftOut }: BuiltEvmTick,
  { epoch, notes }: { readonly epoch: number; readonly notes: readonly string[] },
): FundingPlan {
  const why = leftOut.find((one) => one.why !== 'ticked-already')?.why
  if (why === undefined) return { kind: 'settled', epoch }
  const detail = notes.join('; ')
  return why === 'unrated'
    ? { kind: 'no-rate', epoch, detail }
    : { kind: 'refused', epoch, reason: why, detail }
}

function updatesOf(rated: readonly Rated[], { call }: BuiltEvmTick): readonly FundingUpdate[] {
  return call.rates.flatMap(({ feedId, rate }) => {
    const found = rated.find(({ known }) => known.feedId === feedId)
    if (!found) return []
    const before = found.known.fundingIndex
    const after = before + evmIndexChange(rate, found.known.price)
    return [{ ...updateOf(found.part), rate: ratio(rate), before, after }]
  })
}

/** From the contract's 18 decimals. */
function ratio(rate: bigint): Decimal {
  return new Decimal(String(rate)).div(oneEther)
}

const oneEther = new Decimal(10).pow(18)
