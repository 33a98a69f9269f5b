import type { DeleveragePart, LiquidationPart } from '../action.ts'
import type { FundingLook } from '../funding/funding-look.ts'
import type { DeleveragePlan } from '../liquidation/deleverage-in-turn.ts'
import type { LiquidationPlan } from '../liquidation/in-turn.ts'
import type { LiquidationPolicy } from '../liquidation/liquidation-policy.ts'
import type { Account, Holding, Margin } from '../margin/account.ts'
import type { AdlRule } from '../margin/adl-ranking.ts'
import type { ScanMarks } from '../scan/scan-marks.ts'
import type { PostedUsd } from './measure.ts'

/** One kind of exchange as a backtest plays it: by its own exact rules, over whatever is posted at a moment. */
export type PlayedExchange = {
  /** What funding indexes are over. */
  readonly fundingScale: bigint
  /** Smallest units in one whole coin of the market at that place. */
  readonly coin: (market: number) => bigint
  readonly marksAt: (seen: SeenPrices & { readonly round: number }) => PlayedMarks
  readonly fundingLook: (seen: SeenFunding) => FundingLook
}

export type SeenPrices = {
  readonly now: number
  /** By market's place. */
  readonly posted: readonly (PostedUsd | undefined)[]
  readonly fundingIndex: readonly bigint[]
}

export type SeenFunding = SeenPrices & {
  readonly fundingEpoch: readonly number[]
  readonly epochSeconds: number
  /** When an exchange that ticks all its markets at once did so last. */
  readonly tickedAt: number
}

/** The exchange's markets at one moment. Amounts of money are in the collateral's smallest units. */
export type PlayedMarks = {
  /** Those that have a price which is not too old, in the markets' order. */
  readonly assets: readonly string[]
  /** What values and requirements are over: all else is in whole units. */
  readonly marginScale: bigint
  readonly scan: () => ScanMarks
  /** Undefined where it holds an asset that has no price. */
  readonly marginOf: (account: Account) => Margin | undefined
  /** A new holding of that worth, below zero for a short; with its cost where the exchange keeps it. */
  readonly holding: (asset: string, of: { worth: bigint; cost: bigint }) => Holding
  readonly worthOf: (asset: string, balance: bigint) => bigint
  /** The same by other prices, in 1e-18 USD; where there is none, by its own. */
  readonly withPrices: (priceOf: (market: number) => bigint | undefined) => PlayedMarks
  readonly planLiquidations: (wish: LiquidationWish) => LiquidationPlan
  /** What the exchange makes of it; undefined where it refuses. */
  readonly liquidate: (part: LiquidationPart, of: Parties) => Liquidated | undefined
  readonly planDeleverage: (wish: DeleverageWish) => DeleveragePlan
  readonly deleverage: (
    part: DeleveragePart,
    of: Parties & { readonly counterparty: Account },
  ) => Deleveraged | undefined
}

export type LiquidationWish = {
  readonly candidates: readonly Account[]
  readonly fund: bigint
  readonly policy: LiquidationPolicy
}

export type DeleverageWish = {
  readonly bankrupt: readonly Account[]
  readonly counterparties: readonly Account[]
  readonly fund: bigint
  readonly rule: AdlRule
  readonly mostPerSlot: number
}

type Parties = { readonly account: Account; readonly fund: bigint }

export type Liquidated = {
  readonly account: Account
  readonly fund: bigint
  readonly notional: bigint
  /** What the account paid beyond the mark, and what of that is the liquidator's; the rest is the fund's, or the exchange's. */
  readonly penalty: bigint
  readonly reward: bigint
  /** What the fund paid for an account with less than nothing. */
  readonly cover: bigint
  /** What the account was worth before. */
  readonly value: bigint
}

export type Deleveraged = {
  readonly account: Account
  readonly counterparty: Account
  /** What the counterparty lost by it. */
  readonly loss: bigint
}

/** What holdings and funding call a market by its place. */
export function assetAt(market: number): `0x${string}` {
  return `0x${(market + 1).toString(16).padStart(64, '0')}`
}

/** Nobody is on the way, and nobody rests but by the course's own record. */
export const none: ReadonlySet<string> = new Set()
