import type { LiquidationLook } from '../../../../lib/domain/liquidation/liquidation-look.ts'
import { marginIn } from '../../../../lib/domain/liquidation/margin-in.ts'
import type { Account, Holding } from '../../../../lib/domain/margin/account.ts'
import type { AdlRule } from '../../../../lib/domain/margin/adl-ranking.ts'
import { evmValue } from '../../../../lib/domain/margin/evm-margin.ts'
import { starkexHoldingMargin } from '../../../../lib/domain/margin/starkex-margin.ts'
import { holdingValue, markOf } from '../../../../lib/domain/margin/starknet-margin.ts'

/** Several times what is needed, since any of them may be refused; for small needs so many, and never more than that. */
const timesNeeded = 4n
const leastOfEach = 50
const mostOfEach = 1_000

/**
 * Of all accounts those who would be asked first to take over what the bankrupt ones hold, by the rule as far as doubles tell
 * it: whoever decides reads them again and ranks them exactly.
 */
export function firstOfAll(
  accounts: Iterable<Account>,
  view: {
    readonly look: LiquidationLook
    readonly bankrupt: readonly Account[]
    readonly rule: AdlRule
    readonly slot: number
  },
): readonly string[] {
  const { bankrupt, look, rule, slot } = view
  const losers = new Set(bankrupt.map(({ id }) => id))
  const wanted = new Map<string, Wanted>()
  for (const { holdings } of bankrupt)
    for (const { asset, balance } of holdings) {
      const key = sideOf(asset, balance < 0n)
      const needed = (wanted.get(key)?.needed ?? 0n) + magnitude(balance)
      wanted.set(key, { needed, line: [] })
    }
  for (const account of accounts) {
    if (losers.has(account.id)) continue
    for (const holding of account.holdings) {
      const line = wanted.get(sideOf(holding.asset, holding.balance > 0n))?.line
      const score = line && scoreOf(account, { holding, look, rule })
      if (line && score !== undefined)
        line.push({ id: account.id, score, size: magnitude(holding.balance) })
    }
  }
  return [...new Set([...wanted.values()].flatMap((one) => firstOf(one, rule, slot)))]
}

type Wanted = { readonly needed: bigint; readonly line: Candidate[] }
type Candidate = { readonly id: string; readonly score: number; readonly size: bigint }

function firstOf({ needed, line }: Wanted, rule: AdlRule, slot: number): readonly string[] {
  const ordered = line.toSorted((one, other) =>
    one.score === other.score ? (one.id < other.id ? -1 : 1) : other.score - one.score,
  )
  const start = rule === 'dydx' && ordered.length > 0 ? slot % ordered.length : 0
  const first: string[] = []
  let sum = 0n
  for (let at = 0; at < ordered.length && first.length < mostOfEach; at += 1) {
    const next = ordered[(start + at) % ordered.length]
    if (!next || (sum >= needed * timesNeeded && first.length >= leastOfEach)) break
    first.push(next.id)
    sum += next.size
  }
  return first
}

function sideOf(asset: string, isLong: boolean): string {
  return `${asset} ${isLong}`
}

/** Undefined where the rule does not ask it. */
function scoreOf(
  account: Account,
  {
    holding,
    look,
    rule,
  }: { readonly holding: Holding; readonly look: LiquidationLook; readonly rule: AdlRule },
): number | undefined {
  const worth = worthOf(holding, look)
  if (worth === undefined) return undefined
  // The EVM engine lets winners alone take over.
  if (look.kind === 'evm-engine' && worth <= (holding.cost ?? 0n)) return undefined
  const margin = marginIn(account, look)
  if (!margin) return undefined
  if (rule === 'dydx') return 0
  const notional = Math.abs(Number(worth))
  const leverage = margin.value > 0n ? notional / Number(margin.value) : Infinity
  if (holding.cost === undefined) return leverage
  const profit = Number(worth - holding.cost)
  const cost = Math.abs(Number(holding.cost))
  if (rule === 'hyperliquid') {
    if (profit <= 0) return undefined
    const gain = holding.balance > 0n ? notional / cost : cost / notional
    return gain * leverage
  }
  const gained = profit / cost
  if (gained === 0) return 0
  return gained > 0 ? gained * leverage : gained / leverage
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

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
