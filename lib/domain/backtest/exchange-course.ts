import type { LiquidationPart } from '../action.ts'
import type { EvmLiquidationLook } from '../liquidation/liquidation-look.ts'
import { planEvmDeleverage } from '../liquidation/plan-evm-deleverage.ts'
import { planEvmLiquidations } from '../liquidation/plan-evm-liquidations.ts'
import { type Account, healthOf } from '../margin/account.ts'
import { judgeEvmDeleverage, judgeEvmLiquidation } from '../margin/evm-liquidation.ts'
import { type EvmBook, evmMargin, type EvmMark, evmValue } from '../margin/evm-margin.ts'
import type { Market } from '../market.ts'
import { openCalmBook } from '../scan/calm-book.ts'
import { evmScanMarks } from '../scan/evm-scan-marks.ts'
import type { RowScan } from '../scan/row-scan.ts'
import { timestamp } from '../time.ts'
import type { Deleverage, ExchangeCourse, Liquidation } from './backtest-result.ts'
import { type BacktestSetup, dollar, unit } from './backtest-setup.ts'
import { addTo, axisOf, bandOf, type BandState, openBand } from './bands.ts'
import { crowdAccount, renewedDays } from './crowd.ts'
import type { Span } from './feed-course.ts'
import { addOne, listedOf, type ListState, openList } from './lists.ts'
import type { PostedUsd } from './measure.ts'

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

/** Takes over whatever is liquidated and is rid of it at once, at the mark: who liquidates is not what is asked. */
const liquidator: Account = { id: 'liquidator', collateral: 10n ** 40n, holdings: [] }

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

/** Made accounts under the EVM engine's exact rule, found as liquidate finds them and liquidated as it decides. */
export function openExchange(
  state: ExchangeState,
  of: {
    readonly setup: BacktestSetup
    readonly symbols: readonly Market[]
    readonly scan: RowScan
    readonly isLean: boolean
  },
) {
  const { setup, symbols, isLean } = of
  const { exchange, liquidation, liquidationDelayMs } = setup
  const assets = symbols.map((_, at) => assetAt(at))
  const names = Object.fromEntries(symbols.map((symbol, at) => [assetAt(at), symbol]))
  const book = openCalmBook(unit, of.scan)
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

  function bookAt({ now, posted }: Pick<ExchangeMoment, 'now' | 'posted'>): EvmBook {
    const marks = assets.flatMap((asset, at): readonly (readonly [string, EvmMark])[] => {
      const price = posted[at]
      if (!price || now - price.publishedAt > exchange.maxPriceAgeSeconds * 1_000) return []
      const { initialMarginBps, maintenanceMarginBps, penaltyBps } = exchange
      const fundingIndex = state.fundingIndex[at] ?? 0n
      const rules = { initialMarginBps, maintenanceMarginBps, penaltyBps }
      return [[asset, { ...rules, price: price.price, fundingIndex }]]
    })
    return { marks: Object.fromEntries(marks), unit }
  }

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
  function renew(now: number, marks: EvmBook): void {
    const day = Math.floor(now / dayMs)
    if (state.day === day || Object.keys(marks.marks).length < assets.length) return
    const isFirst = state.day < 0
    state.day = day
    for (let number = 0; number < setup.accounts; number += 1) {
      const isGone = (state.accounts[number]?.holdings.length ?? 0) === 0
      if (!isFirst && !isGone && (number + day) % renewedDays !== 0) continue
      const id = state.accounts[number]?.id
      if (id !== undefined) state.since.delete(id)
      put(crowdAccount({ seed: setup.seed, number, day }, marks))
    }
  }

  function lookAt({ now, round }: ExchangeMoment, marks: EvmBook): EvmLiquidationLook {
    return {
      kind: 'evm-engine',
      block: { number: round, hash: '0x0', time: timestamp(now) },
      paused: false,
      from: timestamp(0),
      markets: names,
      dollar,
      insuranceFund: state.fund,
      book: marks,
      rules: exchange.rules,
      liquidator,
    }
  }

  /** Everybody below the requirement now, and since when. */
  function find(moment: ExchangeMoment, marks: EvmBook): readonly Account[] {
    const ids = moment.isChanged
      ? book.candidates(evmScanMarks(marks)).toSorted()
      : [...state.since.keys()]
    const found = ids.flatMap((id) => {
      const account = accountOf(id)
      const margin = account && evmMargin(account, marks)
      if (!account || margin?.kind !== 'margin' || healthOf(margin) === 'healthy') return []
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

  function liquidate(moment: ExchangeMoment, marks: EvmBook, below: readonly Account[]): void {
    const { now, round } = moment
    const ready = below.filter(
      ({ id }) =>
        now - (state.since.get(id) ?? now) >= liquidationDelayMs &&
        now >= (state.resting.get(id) ?? 0),
    )
    if (ready.length === 0) return
    const plan = planEvmLiquidations({
      look: lookAt(moment, marks),
      candidates: ready,
      inFlight: none,
      resting: none,
      budgetPermille: 1_000,
      policy: liquidation.policy,
      slot: round,
    })
    if (plan.parts.length > 0) lookAgain(now)
    for (const part of plan.parts) take(part, moment, marks)
    if (plan.uncovered.length > 0) deleverage(plan.uncovered, moment, marks)
  }

  /** Once more in so long where this look changed something: what was beyond a budget, or the fund's, is next. */
  function lookAgain(now: number): void {
    againAt = now + liquidation.everyMs
  }

  function take(part: LiquidationPart, moment: ExchangeMoment, marks: EvmBook): void {
    const account = accountOf(part.account)
    if (!account) return
    const { asset, size } = part
    const call = { rules: exchange.rules, insuranceFund: state.fund, account, liquidator }
    const verdict = judgeEvmLiquidation({ book: marks, ...call, asset, size })
    if (verdict.kind === 'refused') return
    const { settlement } = verdict
    const isWrongful = isHealthyByTruth(account, moment, marks)
    state.fund = verdict.insuranceFund
    state.fundLowest = state.fund < state.fundLowest ? state.fund : state.fundLowest
    put(verdict.account)
    const notional = settlement.cash < 0n ? -settlement.cash : settlement.cash
    const losses = state.markets[assets.findIndex((one) => one === asset)]
    if (losses) {
      losses.liquidations += 1
      losses.wrongful += isWrongful ? 1 : 0
      losses.notional += notional
      losses.penalties += settlement.penalty
      losses.fundPaid += settlement.cover
    }
    addOne(state.liquidations, mostEvents, Number(notional), {
      at: moment.now,
      account: account.id,
      market: part.market,
      waitedMs: moment.now - (state.since.get(account.id) ?? moment.now),
      notionalUsd: collateralText(notional),
      penaltyUsd: collateralText(settlement.penalty),
      rewardUsd: collateralText(settlement.reward),
      coverUsd: collateralText(settlement.cover),
      valueUsd: collateralText(settlement.margin.value),
      wrongful: isWrongful,
    })
  }

  /** By the lowest, the highest and the middle of what sound sources said; where nobody can say, by what was posted. */
  function isHealthyByTruth(account: Account, moment: ExchangeMoment, { marks }: EvmBook): boolean {
    return [0, 1, 2].every((which) => {
      const seen = Object.entries(marks).map(([asset, mark]) => {
        const price = moment.truth(assets.findIndex((one) => one === asset))?.[which]
        return [asset, price === undefined ? mark : { ...mark, price }] as const
      })
      const margin = evmMargin(account, { marks: Object.fromEntries(seen), unit })
      return margin.kind === 'margin' && healthOf(margin) === 'healthy'
    })
  }

  function deleverage(ids: readonly string[], moment: ExchangeMoment, marks: EvmBook): void {
    const lost = ids.flatMap((id) => accountOf(id) ?? [])
    const plan = planEvmDeleverage({
      look: lookAt(moment, marks),
      bankrupt: lost,
      counterparties: state.accounts.filter(({ holdings }) => holdings.length > 0),
      inFlight: none,
      rule: liquidation.adlRule,
      mostPerSlot: liquidation.mostDeleverages,
      slot: moment.round,
    })
    if (plan.parts.length > 0) lookAgain(moment.now)
    for (const part of plan.parts) {
      const [account, counterparty] = [accountOf(part.account), accountOf(part.counterparty)]
      if (!account || !counterparty) continue
      const { asset, size } = part
      const call = { insuranceFund: state.fund, account, counterparty, asset, size }
      const verdict = judgeEvmDeleverage({ book: marks, ...call })
      if (verdict.kind === 'refused') continue
      put(verdict.account)
      put(verdict.counterparty)
      state.shortfall += verdict.loss
      const losses = state.markets[assets.findIndex((one) => one === asset)]
      if (losses) {
        losses.deleverages += 1
        losses.shortfall += verdict.loss
      }
      const price = marks.marks[asset]?.price ?? 0n
      const notional = evmValue(size, price, unit)
      addOne(state.deleverages, mostEvents, Number(notional), {
        at: moment.now,
        account: account.id,
        counterparty: counterparty.id,
        market: part.market,
        notionalUsd: collateralText(notional),
        lossUsd: collateralText(verdict.loss),
      })
    }
    // Whoever the fund can pay for yet is liquidated in the next look.
    const moved = new Set([...plan.parts.map(({ account }) => account), ...plan.covered])
    for (const { id } of lost) if (!moved.has(id)) state.resting.set(id, moment.now + restMs)
  }

  function note({ bucket, posted }: ExchangeMoment): void {
    const interest = longs.reduce(
      (sum, size, at) => sum + (Number(size) / 1e18) * (posted[at]?.float ?? 0),
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
        const marks = bookAt(moment)
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

const none: ReadonlySet<string> = new Set()

/** What holdings and funding call a market by its place. */
export function assetAt(market: number): `0x${string}` {
  return `0x${(market + 1).toString(16).padStart(64, '0')}`
}

/** Smallest units of the collateral as dollars. */
export function collateralText(amount: bigint): string {
  const size = (amount < 0n ? -amount : amount).toString().padStart(7, '0')
  const cents = size.slice(-6).replace(/0+$/, '')
  const whole = size.slice(0, -6)
  return `${amount < 0n ? '-' : ''}${whole}${cents === '' ? '' : `.${cents}`}`
}
