import type { LiquidationPart } from '../action.ts'
import { type Account, healthOf } from '../margin/account.ts'
import { openCalmBook } from '../scan/calm-book.ts'
import type { RowScan } from '../scan/row-scan.ts'
import type { Deleverage, ExchangeCourse, Liquidation } from './backtest-result.ts'
import type { BacktestSetup } from './backtest-setup.ts'
import { addTo, axisOf, bandOf, type BandState, openBand } from './bands.ts'
import { crowdAccount, renewedDays } from './crowd.ts'
import type { Span } from './feed-course.ts'
import { addOne, listedOf, type ListState, openList } from './lists.ts'
import type { PostedUsd } from './measure.ts'
import { assetAt, type PlayedExchange, type PlayedMarks } from './played-exchange.ts'

/** The exchange as it stands: plain, so that it can be stored. */
export type ExchangeState = {
  /** By the account's number. Empty until every market has a price. */
  readonly accounts: Account[]
  /** The day for which the crowd was renewed last; -1 before there is one. */
  day: number
  fund: bigint
  fundLowest: bigint
  shortfall: bigint
  /** By account: since when it is below its requirement. */
  readonly since: Map<string, number>
  /** Of accounts that nobody could take: when to try again. */
  readonly resting: Map<string, number>
  /** By market's place: up to which epoch it was ticked, and its index. */
  readonly fundingEpoch: number[]
  readonly fundingIndex: bigint[]
  readonly markets: readonly MarketLosses[]
  readonly insuranceFund: BandState
  readonly openInterest: BandState
  readonly liquidatable: BandState
  readonly bankrupt: BandState
  readonly owed: BandState
  readonly liquidations: ListState<Liquidation>
  readonly deleverages: ListState<Deleverage>
}

/** In smallest units of the collateral. */
type MarketLosses = {
  liquidations: number
  wrongful: number
  deleverages: number
  notional: bigint
  penalties: bigint
  fundPaid: bigint
  shortfall: bigint
}

const mostEvents = 2_000
const dayMs = 86_400_000

/** Whoever nobody could take is tried again after so long: winners change with prices. */
const restMs = 600_000

export function newExchange(markets: number, buckets: number, fund: bigint): ExchangeState {
  return {
    accounts: [],
    day: -1,
    fund,
    fundLowest: fund,
    shortfall: 0n,
    since: new Map(),
    resting: new Map(),
    fundingEpoch: Array.from({ length: markets }, () => 0),
    fundingIndex: Array.from({ length: markets }, () => 0n),
    markets: Array.from({ length: markets }, () => ({
      liquidations: 0,
      wrongful: 0,
      deleverages: 0,
      notional: 0n,
      penalties: 0n,
      fundPaid: 0n,
      shortfall: 0n,
    })),
    insuranceFund: openBand(buckets),
    openInterest: openBand(buckets),
    liquidatable: openBand(buckets),
    bankrupt: openBand(buckets),
    owed: openBand(buckets),
    liquidations: openList(),
    deleverages: openList(),
  }
}

export type ExchangeMoment = {
  readonly now: number
  readonly round: number
  readonly bucket: number
  /** By market's place. */
  readonly posted: readonly (PostedUsd | undefined)[]
  /** Something was posted since the last moment. */
  readonly isChanged: boolean
  /** What sound sources said, in 1e-18 USD; undefined where nobody can say. Asked only when somebody is liquidated. */
  readonly truth: (market: number) => readonly bigint[] | undefined
}

/** Made accounts under one exchange's exact rules, found as liquidate finds them and liquidated as it decides. */
export function openExchange(
  state: ExchangeState,
  of: {
    readonly setup: BacktestSetup
    readonly played: PlayedExchange
    readonly scan: RowScan
    readonly isLean: boolean
  },
) {
  const { setup, played, isLean } = of
  const { exchange, liquidation, liquidationDelayMs } = setup
  const assets = state.markets.map((_, at) => assetAt(at))
  const book = openCalmBook(played.fundingScale, of.scan)
  const numbers = new Map<string, number>()
  for (const [number, account] of state.accounts.entries()) numbers.set(account.id, number)
  for (const account of state.accounts) book.upsert(account)
  /** What is long of each market, in smallest units: what funding is paid on. */
  const longs = assets.map(() => 0n)
  for (const account of state.accounts) countLongs(account, 1n)
  let fallen = 0
  let bankrupt = 0
  /** The last look did something, and somebody is below yet: when to look again. */
  let againAt = Infinity

  function put(account: Account): void {
    const number = numbers.get(account.id) ?? state.accounts.length
    const before = state.accounts[number]
    if (before) countLongs(before, -1n)
    countLongs(account, 1n)
    numbers.set(account.id, number)
    state.accounts[number] = account
    book.upsert(account)
  }

  function countLongs({ holdings }: Account, sign: bigint): void {
    for (const { asset, balance } of holdings) {
      const market = assets.findIndex((one) => one === asset)
      if (balance > 0n) longs[market] = (longs[market] ?? 0n) + sign * balance
    }
  }

  /** The crowd comes when every market has a price, and changes from day to day. */
  function renew(now: number, marks: PlayedMarks): void {
    const day = Math.floor(now / dayMs)
    if (state.day === day || marks.assets.length < assets.length) return
    const isFirst = state.day < 0
    state.day = day
    for (let number = 0; number < setup.accounts; number += 1) {
      const isGone = (state.accounts[number]?.holdings.length ?? 0) === 0
      if (!isFirst && !isGone && (number + day) % renewedDays !== 0) continue
      const id = state.accounts[number]?.id
      if (id !== undefined) state.since.delete(id)
      const { initialMarginBps } = exchange
      put(crowdAccount({ seed: setup.seed, number, day, initialMarginBps }, marks))
    }
  }

  /** Everybody below the requirement now, and since when. */
  function find(moment: ExchangeMoment, marks: PlayedMarks): readonly Account[] {
    const ids = moment.isChanged
      ? book.candidates(marks.scan()).toSorted()
      : [...state.since.keys()]
    const found = ids.flatMap((id) => {
      const account = accountOf(id)
      const margin = account && marks.marginOf(account)
      if (!account || !margin || healthOf(margin) === 'healthy') return []
      return [{ account, isBankrupt: margin.value < 0n }]
    })
    fallen = found.length
    bankrupt = found.filter((one) => one.isBankrupt).length
    const still = new Set(found.map(({ account }) => account.id))
    for (const id of state.since.keys()) if (!still.has(id)) state.since.delete(id)
    for (const id of still) if (!state.since.has(id)) state.since.set(id, moment.now)
    return found.map(({ account }) => account)
  }

  function accountOf(id: string): Account | undefined {
    const number = numbers.get(id)
    return number === undefined ? undefined : state.accounts[number]
  }

  function liquidate(moment: ExchangeMoment, marks: PlayedMarks, below: readonly Account[]): void {
    const { now } = moment
    const ready = below.filter(
      ({ id }) =>
        now - (state.since.get(id) ?? now) >= liquidationDelayMs &&
        now >= (state.resting.get(id) ?? 0),
    )
    if (ready.length === 0) return
    const { policy } = liquidation
    const plan = marks.planLiquidations({ candidates: ready, fund: state.fund, policy })
    if (plan.parts.length > 0) lookAgain(now)
    for (const part of plan.parts) take(part, moment, marks)
    if (plan.uncovered.length > 0) deleverage(plan.uncovered, moment, marks)
  }

  /** Once more in so long where this look changed something: what was beyond a budget, or the fund's, is next. */
  function lookAgain(now: number): void {
    againAt = now + liquidation.everyMs
  }

  function take(part: LiquidationPart, moment: ExchangeMoment, marks: PlayedMarks): void {
    const account = accountOf(part.account)
    if (!account) return
    const { asset } = part
    const done = marks.liquidate(part, { account, fund: state.fund })
    if (!done) return
    const { notional, penalty, reward, cover, value } = done
    const isWrongful = isHealthyByTruth(account, moment, marks)
    state.fund = done.fund
    state.fundLowest = state.fund < state.fundLowest ? state.fund : state.fundLowest
    put(done.account)
    const losses = state.markets[assets.findIndex((one) => one === asset)]
    if (losses) {
      losses.liquidations += 1
      losses.wrongful += isWrongful ? 1 : 0
      losses.notional += notional
      losses.penalties += penalty
      losses.fundPaid += cover
    }
    addOne(state.liquidations, mostEvents, Number(notional), {
      at: moment.now,
      account: account.id,
      market: part.market,
      waitedMs: moment.now - (state.since.get(account.id) ?? moment.now),
      notionalUsd: collateralText(notional),
      penaltyUsd: collateralText(penalty),
      rewardUsd: collateralText(reward),
      coverUsd: collateralText(cover),
      valueUsd: collateralText(value),
      wrongful: isWrongful,
    })
  }

  function deleverage(ids: readonly string[], moment: ExchangeMoment, marks: PlayedMarks): void {
    const lost = ids.flatMap((id) => accountOf(id) ?? [])
    const plan = marks.planDeleverage({
      bankrupt: lost,
      counterparties: state.accounts.filter(({ holdings }) => holdings.length > 0),
      fund: state.fund,
      rule: liquidation.adlRule,
      mostPerSlot: liquidation.mostDeleverages,
    })
    if (plan.parts.length > 0) lookAgain(moment.now)
    for (const part of plan.parts) {
      const [account, counterparty] = [accountOf(part.account), accountOf(part.counterparty)]
      if (!account || !counterparty) continue
      const { asset, size } = part
      const done = marks.deleverage(part, { account, counterparty, fund: state.fund })
      if (!done) continue
      put(done.account)
      put(done.counterparty)
      state.shortfall += done.loss
      const losses = state.markets[assets.findIndex((one) => one === asset)]
      if (losses) {
        losses.deleverages += 1
        losses.shortfall += done.loss
      }
      const notional = marks.worthOf(asset, size)
      addOne(state.deleverages, mostEvents, Number(notional), {
        at: moment.now,
        account: account.id,
        counterparty: counterparty.id,
        market: part.market,
        notionalUsd: collateralText(notional),
        lossUsd: collateralText(done.loss),
      })
    }
    // Whoever the fund can pay for yet is liquidated in the next look.
    const moved = new Set([...plan.parts.map(({ account }) => account), ...plan.covered])
    for (const { id } of lost) if (!moved.has(id)) state.resting.set(id, moment.now + restMs)
  }

  function note({ bucket, posted }: ExchangeMoment): void {
    const interest = longs.reduce(
      (sum, size, at) => sum + (Number(size) / Number(played.coin(at))) * (posted[at]?.float ?? 0),
      0,
    )
    addTo(state.insuranceFund, bucket, Number(state.fund) / 1e6)
    addTo(state.openInterest, bucket, interest)
    addTo(state.liquidatable, bucket, fallen)
    addTo(state.bankrupt, bucket, bankrupt)
    addTo(state.owed, bucket, Number(state.shortfall) / 1e6)
  }

  return {
    longOf: (market: number): bigint => longs[market] ?? 0n,
    /** When accounts are to be looked at next, though no price moves; Infinity where nobody waits. */
    readyAfter(now: number): number {
      if (state.since.size === 0) return Infinity
      let next = againAt
      for (const since of state.since.values()) {
        const ready = since + liquidationDelayMs
        if (ready > now && ready < next) next = ready
      }
      return next
    },
    step(moment: ExchangeMoment): void {
      againAt = Infinity
      if (setup.accounts > 0 && (moment.isChanged || state.since.size > 0)) {
        const { fundingIndex } = state
        const marks = played.marksAt({ ...moment, fundingIndex })
        if (moment.isChanged) renew(moment.now, marks)
        if (state.day >= 0) liquidate(moment, marks, find(moment, marks))
      }
      if (!isLean) note(moment)
    },
    /** Another recording begins: nobody is there any more, but the fund is what it is. */
    forget(): void {
      for (const account of state.accounts) put({ ...account, holdings: [] })
      state.since.clear()
      state.resting.clear()
      state.day = -1
    },
    result(seen: Uint8Array, span: Span): ExchangeCourse {
      return {
        axis: axisOf(seen, span),
        insuranceFund: bandOf(state.insuranceFund, seen),
        openInterest: bandOf(state.openInterest, seen),
        liquidatable: bandOf(state.liquidatable, seen),
        bankrupt: bandOf(state.bankrupt, seen),
        shortfall: bandOf(state.owed, seen),
        liquidations: listedOf(state.liquidations, mostEvents, 'largest'),
        deleverages: listedOf(state.deleverages, mostEvents, 'largest'),
      }
    },
  }
}

/** By the lowest, the highest and the middle of what sound sources said; where nobody can say, by what was posted. */
function isHealthyByTruth(account: Account, moment: ExchangeMoment, marks: PlayedMarks): boolean {
  return [0, 1, 2].every((which) => {
    const margin = marks.withPrices((market) => moment.truth(market)?.[which]).marginOf(account)
    return margin !== undefined && healthOf(margin) === 'healthy'
  })
}

/** Smallest units of the collateral as dollars. */
export function collateralText(amount: bigint): string {
  const size = (amount < 0n ? -amount : amount).toString().padStart(7, '0')
  const cents = size.slice(-6).replace(/0+$/, '')
  const whole = size.slice(0, -6)
  return `${amount < 0n ? '-' : ''}${whole}${cents === '' ? '' : `.${cents}`}`
}
