import { type Account, healthOf, type Margin } from './account.ts'
import {
  type EvmBook,
  evmFundingDue,
  evmMargin,
  type EvmMark,
  evmValue,
  share,
} from './evm-margin.ts'
import { ceilDiv } from './floor-div.ts'

/** The engine's rules that hold for all markets (Markets.sol `EngineRules`). */
export type EvmLiquidationRules = {
  /** Of the penalty: the rest is the insurance fund's. */
  readonly liquidatorShareBps: bigint
  /** How much of a position one liquidation may take, where the account is not far gone. */
  readonly closeFactorBps: bigint
  /** A position of at most this value may be taken whole. */
  readonly smallPosition: bigint
}

/** A part of a position to be given up, at the mark. */
export type EvmPart = {
  /** The change of the account's size. */
  readonly base: bigint
  /** What the account gets for it: exactly the value that it gives. */
  readonly cash: bigint
  /** The account before, and its requirement after. */
  readonly margin: Margin
  readonly requirementAfter: bigint
}

export type EvmSettlement = EvmPart & {
  readonly penalty: bigint
  /** The liquidator's share of it. */
  readonly reward: bigint
  /** What the insurance fund pays for an account that has less than nothing. */
  readonly cover: bigint
}

export type EvmLiquidationVerdict =
  | {
      readonly kind: 'accepted'
      readonly settlement: EvmSettlement
      readonly account: Account
      readonly liquidator: Account
      readonly insuranceFund: bigint
    }
  | {
      readonly kind: 'refused'
      readonly reason:
        | 'SameAccount'
        | 'ZeroAmount'
        | 'SizeTooLarge'
        | 'NotLiquidatable'
        | 'InsuranceFundShort'
        | 'MarginTooLow'
        | 'StalePrice'
    }

export type EvmLiquidation = {
  readonly book: EvmBook
  readonly rules: EvmLiquidationRules
  readonly insuranceFund: bigint
  readonly account: Account
  readonly liquidator: Account
  readonly asset: string
  /** Above zero. */
  readonly size: bigint
}

/** What `liquidate` would answer, and what it would leave (Liquidation.sol), in its order of checks. */
export function judgeEvmLiquidation(call: EvmLiquidation): EvmLiquidationVerdict {
  const { book, rules, account, liquidator, asset, size, insuranceFund } = call
  const part = partOf(call, liquidator)
  if (typeof part === 'string') return { kind: 'refused', reason: part }
  const mark = book.marks[asset]
  if (!mark) return { kind: 'refused', reason: 'StalePrice' }
  if (healthOf(part.margin) === 'healthy') return { kind: 'refused', reason: 'NotLiquidatable' }
  const held = sizeOf(account, asset)
  if (size > liquidatableSize(part.margin, held, { mark, rules, unit: book.unit }))
    return { kind: 'refused', reason: 'SizeTooLarge' }
  const penalty = penaltyOf(part, mark)
  const cover = shortfallOf(part)
  if (cover > insuranceFund) return { kind: 'refused', reason: 'InsuranceFundShort' }
  const reward = (penalty * rules.liquidatorShareBps) / 10_000n
  const extra = cover - penalty
  const next = changed(account, { asset, base: part.base, cash: part.cash, extra }, book)
  const theirs = changed(
    liquidator,
    { asset, base: -part.base, cash: -part.cash, extra: reward },
    book,
  )
  const afterwards = evmMargin(theirs, book)
  if (afterwards.kind === 'unknown') return { kind: 'refused', reason: afterwards.reason }
  if (afterwards.value < afterwards.initial) return { kind: 'refused', reason: 'MarginTooLow' }
  return {
    kind: 'accepted',
    settlement: { ...part, penalty, reward, cover },
    account: next,
    liquidator: theirs,
    insuranceFund: insuranceFund + penalty - reward - cover,
  }
}

export type EvmDeleverage = Omit<EvmLiquidation, 'rules' | 'liquidator'> & {
  readonly counterparty: Account
}

export type EvmDeleverageVerdict =
  | {
      readonly kind: 'accepted'
      readonly account: Account
      readonly counterparty: Account
      /** What the account loses beside the mark, and the counterparty does not get. */
      readonly loss: bigint
    }
  | {
      readonly kind: 'refused'
      readonly reason:
        | 'SameAccount'
        | 'ZeroAmount'
        | 'SizeTooLarge'
        | 'NotBankrupt'
        | 'InsuranceFundPays'
        | 'NotOpposite'
        | 'NotProfitable'
        | 'CounterpartyUnfit'
        | 'StalePrice'
    }

/** What an operator's `deleverage` would answer, and what it would leave (Liquidation.sol). */
export function judgeEvmDeleverage(call: EvmDeleverage): EvmDeleverageVerdict {
  const { book, insuranceFund, account, counterparty, asset } = call
  const part = partOf(call, counterparty)
  if (typeof part === 'string') return { kind: 'refused', reason: part }
  const mark = book.marks[asset]
  if (!mark) return { kind: 'refused', reason: 'StalePrice' }
  if (part.margin.value >= 0n) return { kind: 'refused', reason: 'NotBankrupt' }
  const loss = shortfallOf(part)
  if (loss <= insuranceFund) return { kind: 'refused', reason: 'InsuranceFundPays' }
  const why = whyUnfit(counterparty, { part, mark, asset, unit: book.unit })
  if (why) return { kind: 'refused', reason: why }
  const cash = part.cash + loss
  const earlier = evmMargin(counterparty, book)
  const next = changed(account, { asset, base: part.base, cash, extra: 0n }, book)
  const theirs = changed(counterparty, { asset, base: -part.base, cash: -cash, extra: 0n }, book)
  const later = evmMargin(theirs, book)
  if (earlier.kind === 'unknown' || later.kind === 'unknown')
    return { kind: 'refused', reason: 'StalePrice' }
  if (healthOf(later) !== 'healthy' && !isHealthier(earlier, later))
    return { kind: 'refused', reason: 'CounterpartyUnfit' }
  return { kind: 'accepted', account: next, counterparty: theirs, loss }
}

/** A counterparty's profit at the mark: deleveraging takes from nobody who has none. */
export function evmProfit(
  account: Account,
  { asset, mark, unit }: { readonly asset: string; readonly mark: EvmMark; readonly unit: bigint },
): bigint {
  const held = account.holdings.find((one) => one.asset === asset)
  return held ? evmValue(held.balance, mark.price, unit) - (held.cost ?? 0n) : 0n
}

/** The most that one liquidation may take of a position, where the account is not healthy (`_liquidatableSize`). */
export function liquidatableSize(
  margin: Margin,
  held: bigint,
  {
    mark,
    rules,
    unit,
  }: {
    readonly mark: EvmMark
    readonly rules: EvmLiquidationRules
    readonly unit: bigint
  },
): bigint {
  const isFarGone = margin.value * 2n < margin.requirement
  const size = magnitude(held)
  if (isFarGone || magnitude(evmValue(held, mark.price, unit)) <= rules.smallPosition) return size
  return ceilDiv(size * rules.closeFactorBps, 10_000n)
}

/** Less requirement, and at least as much value for each unit of it. */
function isHealthier(earlier: Margin, later: Margin): boolean {
  if (later.requirement > earlier.requirement) return false
  if (later.requirement === 0n) return later.value >= 0n
  return later.value * earlier.requirement >= earlier.value * later.requirement
}

function partOf(
  { book, account, asset, size }: Pick<EvmLiquidation, 'book' | 'account' | 'asset' | 'size'>,
  other: Account,
): EvmPart | 'SameAccount' | 'ZeroAmount' | 'SizeTooLarge' | 'StalePrice' {
  if (account.id === other.id) return 'SameAccount'
  if (size === 0n) return 'ZeroAmount'
  const held = sizeOf(account, asset)
  if (size > magnitude(held)) return 'SizeTooLarge'
  const mark = book.marks[asset]
  const margin = evmMargin(account, book)
  if (!mark || margin.kind === 'unknown') return 'StalePrice'
  const base = held > 0n ? -size : size
  const value = evmValue(held, mark.price, book.unit)
  const after = evmValue(held + base, mark.price, book.unit)
  const { maintenanceMarginBps: bps } = mark
  return {
    base,
    cash: value - after,
    margin,
    requirementAfter: margin.requirement - share(value, bps) + share(after, bps),
  }
}

/** Never so much that the account is worse off for what is left. */
function penaltyOf({ margin, requirementAfter, cash }: EvmPart, mark: EvmMark): bigint {
  if (margin.value <= 0n) return 0n
  const room = margin.value - ceilDiv(margin.value * requirementAfter, margin.requirement)
  const full = share(cash, mark.penaltyBps)
  return full < room ? full : room
}

/** What a bankrupt account's value lacks for this part. */
function shortfallOf({ margin, requirementAfter }: EvmPart): bigint {
  if (margin.value >= 0n) return 0n
  const debt = -margin.value
  if (margin.requirement === 0n) return debt
  return debt - (debt * requirementAfter) / margin.requirement
}

function whyUnfit(
  counterparty: Account,
  {
    part,
    mark,
    asset,
    unit,
  }: {
    readonly part: EvmPart
    readonly mark: EvmMark
    readonly asset: string
    readonly unit: bigint
  },
): 'NotOpposite' | 'SizeTooLarge' | 'NotProfitable' | undefined {
  const held = sizeOf(counterparty, asset)
  if (held === 0n || held > 0n !== part.base > 0n) return 'NotOpposite'
  if (magnitude(part.base) > magnitude(held)) return 'SizeTooLarge'
  return evmProfit(counterparty, { asset, mark, unit }) <= 0n ? 'NotProfitable' : undefined
}

/** `_change`: settles the holding's funding, then changes its size for cash. */
function changed(
  account: Account,
  {
    asset,
    base,
    cash,
    extra,
  }: {
    readonly asset: string
    readonly base: bigint
    readonly cash: bigint
    readonly extra: bigint
  },
  { marks, unit }: EvmBook,
): Account {
  const mark = marks[asset]
  const held = account.holdings.find((one) => one.asset === asset)
  const fundingIndex = mark?.fundingIndex ?? 0n
  const due = held && mark ? evmFundingDue(held, mark, unit) : 0n
  const before = held?.balance ?? 0n
  const balance = before + base
  const next = {
    asset,
    balance,
    fundingIndex,
    cost: costAfter({ before, cost: held?.cost ?? 0n, size: base, cash }),
  }
  const others = account.holdings.filter((one) => one.asset !== asset)
  const place = account.holdings.findIndex((one) => one.asset === asset)
  return {
    ...account,
    collateral: account.collateral + due + cash + extra,
    holdings:
      balance === 0n ? others : others.toSpliced(place < 0 ? others.length : place, 0, next),
  }
}

/** Growing adds what was paid; shrinking takes a share away; a turn begins anew with its share of what was paid. */
function costAfter({
  before,
  cost,
  size,
  cash,
}: {
  readonly before: bigint
  readonly cost: bigint
  readonly size: bigint
  readonly cash: bigint
}): bigint {
  const later = before + size
  if (later === 0n) return 0n
  if (before === 0n || before > 0n === size > 0n) return cost - cash
  if (later > 0n === before > 0n) return (cost * later) / before
  return (-cash * later) / size
}

function sizeOf({ holdings }: Account, asset: string): bigint {
  return holdings.find((one) => one.asset === asset)?.balance ?? 0n
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
