import type { Account, Holding } from '../margin/account.ts'
import { ceilDiv, floorDiv } from '../margin/floor-div.ts'
import { dice, normal } from './chance.ts'
import type { PlayedMarks } from './played-exchange.ts'

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
  of: {
    readonly seed: number
    readonly number: number
    readonly day: number
    readonly initialMarginBps: bigint
  },
  marks: PlayedMarks,
): Account {
  const next = dice(of.seed, 'account', of.number, of.day)
  const { assets } = marks
  const count = Math.min(assets.length, 1 + Math.floor(next() * 3))
  const first = Math.floor(next() * assets.length)
  const notional = Math.min(
    mostNotional,
    medianNotional * Math.exp(notionalDeviation * normal(next)),
  )
  const holdings = Array.from({ length: count }, (_, at) => {
    const asset = assets[(first + at) % assets.length] ?? ''
    return holdingOf({ asset, notional: notional / count, isLong: next() < longShare }, marks, next)
  }).filter(({ balance }) => balance !== 0n)
  const account = { id: `account-${of.number}`, collateral: 0n, holdings }
  const mostLeverage = 8_000 / Number(of.initialMarginBps)
  const leverage = Math.min(mostLeverage, 1 - meanLeverage * Math.log(1 - next()))
  return withLeverage(account, marks, leverage)
}

function holdingOf(
  of: { readonly asset: string; readonly notional: number; readonly isLong: boolean },
  marks: PlayedMarks,
  next: () => number,
): Holding {
  const { asset, notional, isLong } = of
  const collateral = BigInt(Math.round(notional * 1e6))
  const entered =
    1 + Math.max(-mostEntryMove, Math.min(mostEntryMove, entryDeviation * normal(next)))
  const worth = isLong ? collateral : -collateral
  // What it cost: the mark less what it moved since.
  const cost = (worth * BigInt(Math.round(entered * 1e9))) / 1_000_000_000n
  return marks.holding(asset, { worth, cost })
}

/** Cash so that the account is worth its notional over its leverage now, and a quarter more than its requirement. */
function withLeverage(account: Account, marks: PlayedMarks, leverage: number): Account {
  const margin = marks.marginOf(account)
  if (!margin) throw new RangeError(`${account.id} holds what has no mark`)
  let notional = 0n
  for (const { asset, balance } of account.holdings) {
    const worth = marks.worthOf(asset, balance)
    notional += worth < 0n ? -worth : worth
  }
  const wanted = BigInt(Math.ceil(Number(notional) / leverage))
  const least = ceilDiv(margin.requirement * 5n, 4n * marks.marginScale)
  const value = floorDiv(margin.value, marks.marginScale)
  return { ...account, collateral: (wanted > least ? wanted : least) - value }
}
