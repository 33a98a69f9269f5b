import { isI64, starknetFundingPayment } from '../../../lib/domain/funding/index-change.ts'
import { holdingValue, magnitude } from '../../../lib/domain/margin/starknet-margin.ts'
import { useFreshAssets, useOperatorNonce } from './core-rules-access.ts'
import { existingPosition, named, paid, withPositions } from './core-rules-positions.ts'
import type { CoreCall, CoreEffect, CoreEvent, CorePosition, CoreState } from './core-state.ts'
import { felt, type Hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Generation D: starknet-perpetual exchange_time.cairo, core.cairo `apply_interests`, positions.cairo.

const day = 86_400n
const week = 7n * day
const maxFutureSeconds = 120n
const maxDivergence = 10n ** 11n

/** `update_exchange_time`: always forward, at most a week behind and two minutes ahead of the block. */
export function updateExchangeTime(
  core: CoreState,
  { caller, now }: CoreCall,
  args: { readonly operatorNonce: bigint; readonly newTimestamp: bigint },
): CoreEffect {
  const used = useOperatorNonce(core, caller, args.operatorNonce)
  const time = args.newTimestamp
  assertFelt(time > core.interest.exchangeTime, 'NON_MONOTONIC_TIME')
  assertFelt(time > now - week, 'TIMESTAMP_TOO_OLD')
  assertFelt(time <= now + maxFutureSeconds, 'STALE_TIME')
  return {
    core: { ...used, interest: { ...core.interest, exchangeTime: time, updatedAt: now } },
    events: [{ keys: [selectorOf('ExchangeTimeUpdated')], data: [time] }],
  }
}

export type PositionInterest = { readonly positionId: bigint; readonly amount: bigint }

/** `apply_interests`: no look at health. */
export function applyInterests(
  core: CoreState,
  call: CoreCall,
  args: {
    readonly operatorNonce: bigint
    readonly positionInterestAmounts: readonly PositionInterest[]
  },
): CoreEffect {
  let next = useFreshAssets(core, call, args.operatorNonce)
  const events: CoreEvent[] = []
  for (const { positionId, amount } of args.positionInterestAmounts) {
    const position = existingPosition(next, positionId)
    const touched = withInterest(next, call, { position, amount })
    next = withPositions(touched.core, [paid(touched.position, amount)])
    events.push({ keys: [selectorOf('InterestApplied'), positionId], data: [felt(amount)] })
  }
  return { core: next, events }
}

/** Checks what a position shall receive (below zero: pay) and moves its clock; the money is the caller's to move. */
export function withInterest(
  core: CoreState,
  { now }: CoreCall,
  { position, amount }: { readonly position: CorePosition; readonly amount: bigint },
): { readonly core: CoreState; readonly position: CorePosition } {
  const { interest } = core
  const clock = { ...position, lastInterest: interest.exchangeTime }
  if (amount === 0n) return { core, position: position.lastInterest === 0n ? clock : position }
  assertFelt(interest.updatedAt >= now - day, 'TIMESTAMP_TOO_OLD')
  const refusal = `INVALID_INTEREST_RATE ${named(position.id)}`
  assertBytes(position.lastInterest !== 0n, refusal)
  const { collateral } = position
  assertBytes(collateral !== 0n, refusal)
  assertFelt(collateral > 0n === amount > 0n, 'INTEREST_SIGN_MISMATCH')
  assertBytes(magnitude(amount) <= mostInterest(core, position), refusal)
  const divergence = interest.divergence + amount
  assertBytes(
    magnitude(divergence) <= maxDivergence,
    `Interest divergence of ${divergence} exceeds the maximum allowed divergence of ${maxDivergence}`,
  )
  return { core: { ...core, interest: { ...interest, divergence } }, position: clock }
}

function mostInterest({ interest, assets }: CoreState, position: CorePosition): bigint {
  let profit = position.collateral
  for (const { asset, balance, fundingIndex } of position.holdings) {
    const listed = assets[asset as Hex]
    if (listed === undefined || listed.kind !== 'synthetic') continue
    const due = { from: fundingIndex, to: listed.fundingIndex, balance }
    profit += starknetFundingPayment(due) + holdingValue(balance, listed.price)
  }
  assertFelt(isI64(profit), 'AMOUNT_OVERFLOW')
  assertFelt(profit !== -(1n << 63n), 'i64_neg Underflow')
  assertFelt(interest.exchangeTime >= position.lastInterest, 'Timestamp_sub Underflow')
  const elapsed = interest.exchangeTime - position.lastInterest
  return (magnitude(profit) * elapsed * interest.maxRatePerSecond) >> 32n
}
