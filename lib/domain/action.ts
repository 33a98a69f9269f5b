import type { Decimal } from './decimal.ts'
import type { FundingVote } from './funding/funding-vote.ts'
import type { OwedTime } from './funding/late-epoch.ts'
import type { Finding } from './incident.ts'
import type { CoreSignedOrder } from './liquidation/core-offer.ts'
import type { CoreGeneration } from './margin/starknet-margin.ts'
import type { Market } from './market.ts'
import type { Measure } from './measure.ts'
import type { GuardCommand } from './parameters/guard-command.ts'
import type { PeersLook } from './peer-sight.ts'
import type { LedgerCursor, LedgerRow } from './pnl/ledger-row.ts'
import type { NextBook } from './positions/kept-book.ts'
import type { PriceQuality } from './price-quality.ts'
import type { Advance } from './proving/batch-moves.ts'
import type { Batch, ProvingLane } from './proving/batch.ts'
import type { Report, SignedReport } from './report.ts'
import type { SignedLimitOrder } from './starkex/transaction.ts'
import { timestamp, type Timestamp } from './time.ts'
import type { Call } from './transaction.ts'
import type { SystemMemory } from './watch/system-memory.ts'
import type { Uptime } from './watch/uptime.ts'

/** One market's new mark price for one engine, with the reports that prove it. */
export type PriceUpdate = {
  readonly market: Market
  /** The median of `reports`; even counts: the floor of the two middles' average at 18 decimals. */
  readonly price: Decimal
  /** Valid, one per signer, at least the engine's quorum; all of one round. */
  readonly reports: readonly SignedReport[]
}

/** When the price was seen: by the oldest of its reports. */
export function oldestReportAt({ reports }: PriceUpdate): Timestamp {
  return timestamp(Math.min(...reports.map((report) => report.observedAt)))
}

/** Everything a keeper can decide to do. `perform` handles each kind, or does not compile. */
export type Action =
  | {
      readonly kind: 'publish-reports'
      readonly node: string
      readonly round: number
      readonly reports: readonly Report[]
      /** The aggregation's whole result, JSON: the next tick's memory and what people look at. */
      readonly snapshot: string
      /** Of every feed, for whoever measures. */
      readonly qualities: readonly FeedQuality[]
    }
  | {
      readonly kind: 'report-findings'
      readonly findings: readonly Finding[]
      /** What could not be looked at: neither found nor gone. */
      readonly unseen: readonly Pick<Finding, 'rule' | 'subject'>[]
      /** What was counted beside it, for whoever measures. */
      readonly measures?: readonly Measure[]
    }
  | KeepReports
  | AdvanceBatches
  /** An exchange's accounts as they are now; `fence` is of the lease under which they were made. */
  | {
      readonly kind: 'keep-positions'
      readonly engine: string
      readonly next: NextBook
      readonly fence: number
    }
  /** What liquidations brought and cost, and how far the books go with it. */
  | {
      readonly kind: 'keep-books'
      readonly engine: string
      readonly rows: readonly LedgerRow[]
      readonly cursor: LedgerCursor
    }
  /** The watch's word on each chain. */
  | { readonly kind: 'keep-uptimes'; readonly uptimes: readonly Uptime[] }
  /** Whoever is outside is shown that a look was done and told. */
  | { readonly kind: 'show-life'; readonly text: string }
  /** What is remembered of a watched system after one more look. */
  | { readonly kind: 'keep-memory'; readonly memory: SystemMemory }
  /** One step of the parameters' own way, where one is due by guards or the calendar; and all that time alone has changed. */
  | { readonly kind: 'govern'; readonly command?: GuardCommand }
  /** What was kept of slots is put into files: of these keepers and subjects, in this order. */
  | {
      readonly kind: 'pack-history'
      readonly due: readonly { readonly keeper: string; readonly subject: string }[]
    }
  /** One node's sample of an exchange's premiums. */
  | {
      readonly kind: 'vote-funding'
      readonly engine: string
      readonly epoch: number
      readonly vote: FundingVote
    }
  /** What the nodes said, with what proves a lie: for the watch and for people. */
  | {
      readonly kind: 'note-peers'
      readonly engine: string
      readonly round: number
      readonly look: PeersLook
    }
  | EngineAction

export type FeedQuality = PriceQuality & { readonly feed: Market }

/** Reports of another operator's node that count: whatever it says of the round later is held against them. */
export type KeepReports = {
  readonly kind: 'keep-reports'
  readonly engine: string
  readonly node: string
  readonly round: number
  readonly reports: readonly SignedReport[]
}

/**
 * Work that ends as a transaction on an engine's chain. Of one kind and engine, a newer round overtakes an older one that
 * waits; but work on accounts is of others each time.
 */
export type EngineAction =
  | PushPrices
  | SettleFunding
  | UpdateExchangeTime
  | ApplyInterests
  | Liquidate
  | Deleverage
  | SettleBatch
  | TellUptime

export type PushPrices = {
  readonly kind: 'push-prices'
  readonly engine: string
  readonly round: number
  readonly updates: readonly PriceUpdate[]
}

/** One epoch's funding. */
export type SettleFunding = {
  readonly kind: 'settle-funding'
  readonly engine: string
  /** The epoch that begins now: what the one before it showed is paid. */
  readonly round: number
  /** When it was decided. */
  readonly at: Timestamp
  /** Which try for the epoch this is, from 1: one that failed for ever is followed by another. */
  readonly attempt: number
  readonly updates: readonly FundingUpdate[]
  /** The exchange takes every active market in one call, or nothing; absent where each is for itself. */
  readonly whole?: true
}

export type FundingUpdate = {
  readonly market: Market
  /** Of notional, by the rules, for one epoch: above zero longs pay shorts. */
  readonly epochRate: Decimal
  /** What is paid of it now: more or less than an epoch where the tick comes late. */
  readonly rate: Decimal
  /** Time that is paid for in later epochs. */
  readonly owed: OwedTime
  /** The epoch's last premium, for the next one to carry on. */
  readonly lastSample: Decimal
  /** The exchange's funding index, in its own units: the one that this was made for, and the one that it makes. */
  readonly before: bigint
  readonly after: bigint
}

/** The exchange's own time, up to which interest is counted, is brought forward. */
export type UpdateExchangeTime = {
  readonly kind: 'update-exchange-time'
  readonly engine: string
  /** The slot in which it was decided. */
  readonly round: number
  readonly at: Timestamp
  /** One. */
  readonly updates: readonly TimeUpdate[]
}

export type TimeUpdate = {
  /** What cash is counted in there: it is no market's time. */
  readonly market: Market
  /** Unix seconds. */
  readonly to: bigint
}

/** What accounts get for their cash, or pay for their debts. */
export type ApplyInterests = {
  readonly kind: 'apply-interests'
  readonly engine: string
  /** The slot in which it was decided. */
  readonly round: number
  readonly at: Timestamp
  /** The exchange's time is brought to that before, in the same transaction; absent where it may stay. Unix seconds. */
  readonly exchangeTime?: bigint
  readonly updates: readonly InterestPart[]
}

export type InterestPart = {
  /** What cash is counted in. */
  readonly market: Market
  readonly account: string
  /** In the collateral's smallest units; below zero the account pays. */
  readonly amount: bigint
}

/** Accounts below their maintenance margin, whose positions are taken over. Each part stands for itself. */
export type Liquidate = {
  readonly kind: 'liquidate'
  readonly engine: string
  /** The slot in which it was decided. */
  readonly round: number
  readonly at: Timestamp
  /** For which form of the exchange's calls it was decided, where there are several. */
  readonly form?: CoreGeneration
  /** Some of these accounts have less than nothing left; absent where none has. */
  readonly urgent?: true
  /** Each part is a transaction of its own; absent where one has all of them. */
  readonly apart?: true
  readonly updates: readonly LiquidationPart[]
}

/** A part of one account's position, and what is expected of it in the collateral's smallest units. */
export type LiquidationPart = {
  readonly market: Market
  readonly account: string
  /** The market as the exchange names it in holdings. */
  readonly asset: string
  /** How much is taken over; above zero. */
  readonly size: bigint
  /** The change of the account's balance, and what it gets for it by the mark (below zero: pays). */
  readonly base: bigint
  readonly cash: bigint
  /** What it pays for being liquidated, whether beside the price or by a worse one than the mark. */
  readonly penalty: bigint
  /** The liquidator's part of the penalty. */
  readonly reward: bigint
  /** What the insurance fund pays. */
  readonly cover: bigint
  /** What its transaction may cost for it at most, in the fee token's smallest unit; absent where the network file alone says. */
  readonly worth?: bigint
  /** Where each part is a transaction of its own: its account has less than nothing left. */
  readonly isBankrupt?: true
  /** Where the exchange wants one: what the liquidator signed. */
  readonly order?: CoreSignedOrder
  /** The same on StarkEx, and what the liquidator pays to the exchange. */
  readonly starkex?: { readonly order: SignedLimitOrder; readonly fee: bigint }
}

/** Positions of accounts with less than nothing, closed against those who profited on the other side. */
export type Deleverage = {
  readonly kind: 'deleverage'
  readonly engine: string
  /** The slot in which it was decided. */
  readonly round: number
  readonly at: Timestamp
  /** For which form of the exchange's calls it was decided, where there are several. */
  readonly form?: CoreGeneration
  /** Each part is a transaction of its own; absent where one has all of them. */
  readonly apart?: true
  readonly updates: readonly DeleveragePart[]
}

/** Batches on their way to proof and settlement: each row is written before anything is done for it. */
export type AdvanceBatches = {
  readonly kind: 'advance-batches'
  readonly lane: string
  /** Of the lease under which they were made, which ends with them. */
  readonly fence: number
  readonly advances: readonly Advance[]
  /** New ones, after those. */
  readonly planned: readonly Batch[]
  /** The lane's own row, after all of them; absent where it stays as it is. */
  readonly next?: ProvingLane
}

/** A proved batch, told to the contract that settles it. */
export type SettleBatch = {
  readonly kind: 'settle-batch'
  /** The proving lane, which stands where an exchange does. */
  readonly engine: string
  /** The batch's number there. */
  readonly round: number
  /** Which try this is, from 1. */
  readonly attempt: number
  readonly at: Timestamp
  /** After this it is not worth sending any more: it is asked again what it costs and what becomes of it. */
  readonly until: Timestamp
  /** One. */
  readonly updates: readonly CallPart[]
}

/** The watch's word on a chain, told to a feed on another one. */
export type TellUptime = {
  readonly kind: 'tell-uptime'
  /** The feed, which stands where an exchange does. */
  readonly engine: string
  /** When it was seen, in unix seconds: a later word overtakes an earlier one. */
  readonly round: number
  /** What is told, such as `down-1764212345`: once, however often it is decided. */
  readonly work: string
  /** Which try this is, from 1. */
  readonly attempt: number
  readonly at: Timestamp
  /** After this it is not worth sending any more. */
  readonly until: Timestamp
  /** One. */
  readonly updates: readonly CallPart[]
}

/** What is for a contract that is no exchange: its call is made with the work. */
export type CallPart = {
  /** `12-BATCH` or `STARKNET-UPTIME`: it is no market's. */
  readonly market: Market
  readonly call: Call
  /** What it may cost at most, in the fee token's smallest unit; absent where only the chain's own limit holds. */
  readonly worth?: bigint
}

export type DeleveragePart = {
  readonly market: Market
  readonly account: string
  readonly counterparty: string
  readonly asset: string
  /** How much is closed; above zero. */
  readonly size: bigint
  /** What the counterparty gets less than the mark, in the collateral's smallest units. */
  readonly loss: bigint
  /** Where the exchange wants the price said: the change of the account's balance, and what it gets for it (below zero: pays). */
  readonly base?: bigint
  readonly quote?: bigint
}
