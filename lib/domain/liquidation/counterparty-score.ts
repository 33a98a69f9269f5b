import type { Account, Holding } from '../margin/account.ts'
import type { AdlRule } from '../margin/adl-ranking.ts'
import { evmValue } from '../margin/evm-margin.ts'
import { starkexHoldingMargin } from '../margin/starkex-margin.ts'
import { holdingValue, markOf } from '../margin/starknet-margin.ts'
import type { HeldBy, HolderScore } from '../scan/holders.ts'
import type { LiquidationLook } from './liquidation-look.ts'
import { marginIn } from './margin-in.ts'

type Scored = { readonly holding: Holding; readonly look: LiquidationLook; readonly rule: AdlRule }

/** How soon the rule asks an account about one of its holdings, as far as doubles tell; undefined where it does not ask it. */
export function scoreOf(
  account: Account,
  { holding, look, rule }: Scored,
  marginOf = marginIn,
): number | undefined {
  const worth = worthOf(holding, look)
  if (worth === undefined) return undefined
  // The EVM engine lets winners alone take over.
  if (look.kind === 'evm-engine' && worth <= (holding.cost ?? 0n)) return undefined
  const margin = marginOf(account, look)
  if (!margin) return undefined
  if (rule === 'dydx') return 0
  const notional = Math.abs(Number(worth))
  const leverage = margin.value > 0n ? notional / Number(margin.value) : Infinity
  if (holding.cost === undefined) return numbered(leverage)
  const profit = Number(worth - holding.cost)
  const cost = Math.abs(Number(holding.cost))
  if (rule === 'hyperliquid') {
    if (profit <= 0) return undefined
    const gain = holding.balance > 0n ? notional / cost : cost / notional
    return numbered(gain * leverage)
  }
  const gained = profit / cost
  if (gained === 0) return 0
  return numbered(gained > 0 ? gained * leverage : gained / leverage)
}

/** Dust that is worth nothing and cost nothing is before and behind nobody. */
function numbered(score: number): number {
  return Number.isNaN(score) ? 0 : score
}

function worthOf({ asset, balance }: Holding, look: LiquidationLook): bigint | undefined {
  if (look.kind === 'evm-engine') {
    const mark = Object.hasOwn(look.book.marks, asset) ? look.book.marks[asset] : undefined
    return mark && evmValue(balance, mark.price, look.book.unit)
  }
  if (look.kind === 'starkex') {
    const mark = Object.hasOwn(look.marks, asset) ? look.marks[asset] : undefined
    // As margins are there, at scale 2^64.
    return mark && starkexHoldingMargin(balance, mark).value
  }
  const mark = markOf(look.marks, asset)
  return mark && holdingValue(balance, mark.price)
}

/** Covers two dozen roundings to doubles, one after the other. */
const roundings = 2 ** -48

/** The most that `scoreOf` may say, by what the scan's rows tell; for `dydx`, which scores nobody, 0 where it surely asks. */
export function mostScore(look: LiquidationLook, rule: AdlRule): HolderScore {
  const isOfWinners = look.kind === 'evm-engine'
  const scale = look.kind === 'starkex' ? 2 ** 64 : 1
  const scoring = { rule, scale, isOfWinners }
  return { name: `${rule} ${look.kind}`, most: (held) => bounded(mostOf(held, scoring)) }
}

type Scoring = { readonly rule: AdlRule; readonly scale: number; readonly isOfWinners: boolean }

function mostOf(held: HeldBy, { rule, scale, isOfWinners }: Scoring): number | undefined {
  const { isLong } = held
  const worth = held.worth * scale
  const notional = Math.abs(worth)
  const cost = Math.abs(held.cost)
  // And the worth is rounded to a whole unit.
  const slack = notional * roundings + 1
  const [profit, unsure] = [worth - held.cost, slack + cost * roundings]
  const isLoss = profit + unsure <= 0
  if (isLoss && (isOfWinners || rule === 'hyperliquid')) return undefined
  if (rule === 'dydx') return isOfWinners && !(profit - unsure > 0) ? Infinity : 0
  const least = held.least * scale
  const leverage = least > 0 ? (notional + slack) / least : Infinity
  if (Number.isNaN(held.cost)) return leverage
  if (rule === 'hyperliquid') {
    const gain = isLong ? (notional + slack) / cost : cost / Math.max(0, notional - slack)
    return gain * leverage
  }
  const gained = (profit + unsure) / cost
  return isLoss ? gained / leverage : gained * leverage
}

/** With what the steps above were rounded by; whoever is asked last is asked yet. */
function bounded(score: number | undefined): number {
  if (score === undefined) return -Infinity
  return Math.max(score + Math.abs(score) * roundings, -Number.MAX_VALUE)
}
