import type { Account, Margin } from '../margin/account.ts'
import type { AdlRule } from '../margin/adl-ranking.ts'
import type { Holders, Promising } from '../scan/holders.ts'
import { mostScore, scoreOf } from './counterparty-score.ts'
import type { LiquidationLook } from './liquidation-look.ts'
import { marginIn, scanMarksOf } from './margin-in.ts'

/** Several times what is needed, since any of them may be refused; for small needs so many, and never more than that. */
const timesNeeded = 4n
const leastOfEach = 50
const mostOfEach = 1_000

export type CounterpartiesView = {
  readonly look: LiquidationLook
  readonly bankrupt: readonly Account[]
  readonly rule: AdlRule
  readonly slot: number
}

/**
 * Of all accounts those who would be asked first to take over what the bankrupt ones hold, by the rule as far as doubles tell
 * it: whoever decides reads them again and ranks them exactly. Nobody is scored whom the rows' bounds show to come later.
 */
export function firstCounterparties(
  holders: Holders,
  accountOf: (id: string) => Account | undefined,
  { bankrupt, look, rule, slot }: CounterpartiesView,
): readonly string[] {
  const losers = new Set(bankrupt.map(({ id }) => id))
  const candidateOf = candidatesBy(accountOf, { losers, look, rule })
  holders.mark(scanMarksOf(look), mostScore(look, rule))
  const first = wantedOf(bankrupt).map(({ asset, isLong, needed }) => {
    const score = (id: string) => candidateOf(id, { asset, isLong })
    const rowless = [...holders.rowless()].flatMap((id) => score(id) ?? [])
    if (rule !== 'dydx')
      return firstOf(inOrder(holders.promising(asset, isLong), rowless, score), needed)
    const named = [...holders.named(asset, isLong)].filter(({ id }) => !losers.has(id))
    const line = byName(named, rowless, score)
    const start = line.length > 0 ? slot % line.length : 0
    return firstOf(turned(line, start, score), needed)
  })
  return [...new Set(first.flat())]
}

type Side = { readonly asset: string; readonly isLong: boolean }
type Candidate = { readonly id: string; readonly score: number; readonly size: bigint }
type Score = (id: string) => Candidate | undefined

/** The sides that can take over, and how much of each. */
function wantedOf(bankrupt: readonly Account[]): readonly (Side & { readonly needed: bigint })[] {
  const wanted = new Map<string, Side & { readonly needed: bigint }>()
  for (const { holdings } of bankrupt)
    for (const { asset, balance } of holdings) {
      const isLong = balance < 0n
      const key = `${asset} ${isLong}`
      const needed = (wanted.get(key)?.needed ?? 0n) + magnitude(balance)
      wanted.set(key, { asset, isLong, needed })
    }
  return [...wanted.values()]
}

/** Exactly as far as that is possible in doubles; an account's margin is reckoned once, whatever it holds. */
function candidatesBy(
  accountOf: (id: string) => Account | undefined,
  {
    losers,
    look,
    rule,
  }: Pick<CounterpartiesView, 'look' | 'rule'> & { readonly losers: ReadonlySet<string> },
): (id: string, side: Side) => Candidate | undefined {
  const margins = new Map<string, Margin | undefined>()

  function marginOf(account: Account): Margin | undefined {
    const { id } = account
    if (!margins.has(id)) margins.set(id, marginIn(account, look))
    return margins.get(id)
  }

  return (id, { asset, isLong }) => {
    const account = losers.has(id) ? undefined : accountOf(id)
    const holding = account?.holdings.find((one) => one.asset === asset)
    if (!account || !holding || holding.balance > 0n !== isLong) return undefined
    const score = scoreOf(account, { holding, look, rule }, marginOf)
    return score === undefined ? undefined : { id, score, size: magnitude(holding.balance) }
  }
}

/** Whoever scores more than any of the rest may is the next. */
function* inOrder(
  promising: Iterable<Promising>,
  rowless: readonly Candidate[],
  scored: Score,
): Generator<Candidate> {
  const waiting = rowless.toSorted((one, other) => order(other, one))
  for (const { id, most } of promising) {
    for (let next = waiting.at(-1); next && next.score > most; next = waiting.at(-1)) {
      yield next
      waiting.pop()
    }
    const one = scored(id)
    if (one) insert(waiting, one)
  }
  yield* waiting.toReversed()
}

/** The last one is the next. */
function insert(waiting: Candidate[], one: Candidate): void {
  let [low, high] = [0, waiting.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = waiting[middle]
    if (other && order(other, one) > 0) low = middle + 1
    else high = middle
  }
  waiting.splice(low, 0, one)
}

/** Equals stand by their names. */
function order(one: Candidate, other: Candidate): number {
  if (one.score !== other.score) return other.score > one.score ? 1 : -1
  return one.id < other.id ? -1 : 1
}

/** All who would be asked; accounts whose numbers are larger than the exchange's own types are among them. */
function byName(
  named: Iterable<Promising>,
  rowless: readonly Candidate[],
  scored: Score,
): readonly string[] {
  const ids: string[] = []
  for (const { id, most } of named) if (most === 0 || scored(id)) ids.push(id)
  if (rowless.length === 0) return ids
  return [...ids, ...rowless.map(({ id }) => id)].toSorted((one, other) => (one < other ? -1 : 1))
}

function* turned(line: readonly string[], start: number, scored: Score): Generator<Candidate> {
  for (let at = 0; at < line.length; at += 1) {
    const one = scored(line[(start + at) % line.length] ?? '')
    if (one) yield one
  }
}

function firstOf(candidates: Iterable<Candidate>, needed: bigint): readonly string[] {
  const first: string[] = []
  let sum = 0n
  for (const { id, size } of candidates) {
    if (sum >= needed * timesNeeded && first.length >= leastOfEach) break
    first.push(id)
    sum += size
    if (first.length >= mostOfEach) break
  }
  return first
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
