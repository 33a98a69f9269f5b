import type { Account, Holding } from '../margin/account.ts'
import { evmMargin, type EvmBook } from '../margin/evm-margin.ts'
import { dice, normal } from './chance.ts'

/** What the made accounts are like, in words, for people. */
export const crowdWords =
  'one to three markets each; notional log-normal around 3,000 USD (deviation of the logarithm 1.4), at most 10 million; ' +
  'leverage 1 plus exponential with mean 7, at most four fifths of what the exchange allows; entered within 3 % of the ' +
  'mark (deviation 1 %); 53 % long; a seventh of them renewed each day'

/** A seventh of the accounts is drawn anew each day, and with them whoever has nothing left. */
export const renewedDays = 7

/** In smallest units of the collateral. */
const medianNotional = 3_000
const notionalDeviation = 1.4
const mostNotional = 10_000_000
const meanLeverage = 7
const entryDeviation = 0.01
const mostEntryMove = 0.03
const longShare = 0.53

/** The first so many are accounts of the crowd; each is drawn for a day, always the same for the same seed. */
export function crowdAccount(
  of: { readonly seed: number; readonly number: number; readonly day: number },
  book: EvmBook,
): Account {
  const next = dice(of.seed, 'account', of.number, of.day)
  const assets = Object.keys(book.marks)
  const count = Math.min(assets.length, 1 + Math.floor(next() * 3))
  const first = Math.floor(next() * assets.length)
  const notional = Math.min(
    mostNotional,
    medianNotional * Math.exp(notionalDeviation * normal(next)),
  )
  const holdings = Array.from({ length: count }, (_, at) => {
    const asset = assets[(first + at) % assets.length] ?? ''
    return holdingOf({ asset, notional: notional / count, isLong: next() < longShare }, book, next)
  }).filter(({ balance }) => balance !== 0n)
  return withLeverage({ id: `account-${of.number}`, collateral: 0n, holdings }, book, next)
}

function holdingOf(
  of: { readonly asset: string; readonly notional: number; readonly isLong: boolean },
  { marks, unit }: EvmBook,
  next: () => number,
): Holding {
  const { asset, notional, isLong } = of
  const mark = marks[asset]
  if (!mark) throw new RangeError(`${asset} has no mark`)
  const collateral = BigInt(Math.round(notional * 1e6))
  const size = (collateral * unit) / mark.price
  const balance = isLong ? size : -size
  const entered =
    1 + Math.max(-mostEntryMove, Math.min(mostEntryMove, entryDeviation * normal(next)))
  const worth = isLong ? collateral : -collateral
  // What it cost: the mark less what it moved since.
  const cost = (worth * BigInt(Math.round(entered * 1e9))) / 1_000_000_000n
  return { asset, balance, fundingIndex: mark.fundingIndex, cost }
}

/** Cash so that the account is worth its notional over its leverage now. */
function withLeverage(account: Account, book: EvmBook, next: () => number): Account {
  const margin = evmMargin(account, book)
  if (margin.kind === 'unknown') throw new RangeError(`${margin.asset} has no mark`)
  let notional = 0n
  let mostLeverage = Infinity
  for (const { asset, balance } of account.holdings) {
    const mark = book.marks[asset]
    if (!mark) continue
    const worth = (balance * mark.price) / book.unit
    notional += worth < 0n ? -worth : worth
    mostLeverage = Math.min(mostLeverage, 8_000 / Number(mark.initialMarginBps))
  }
  const leverage = Math.min(mostLeverage, 1 - meanLeverage * Math.log(1 - next()))
  const equity = BigInt(Math.ceil(Number(notional) / leverage))
  return { ...account, collateral: equity - margin.value }
}
