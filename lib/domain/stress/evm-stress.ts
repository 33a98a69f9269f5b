import { largestEvmPart } from '../liquidation/evm-part.ts'
import { type Account, healthOf, type Holding } from '../margin/account.ts'
import { type EvmLiquidationRules, liquidatableSize } from '../margin/evm-liquidation.ts'
import { type EvmBook, evmMargin, evmValue } from '../margin/evm-margin.ts'
import { largestHolding, type Liquidated, mostSteps, type StressedExchange } from './stress.ts'

/** The EVM engine in a jump of prices. */
export function evmStressed(book: EvmBook, rules: EvmLiquidationRules): StressedExchange {
  return {
    assets: Object.keys(book.marks).toSorted(),
    shocked: ({ asset, permille }) =>
      evmStressed(
        withMarks(book, (mark, name) =>
          asset === undefined || name === asset
            ? { ...mark, price: (mark.price * BigInt(1_000 + permille)) / 1_000n }
            : mark,
        ),
        rules,
      ),
    withPenalty: (penaltyBps) =>
      evmStressed(
        withMarks(book, (mark) => ({ ...mark, penaltyBps })),
        rules,
      ),
    margin: (account) => {
      const margin = evmMargin(account, book)
      return margin.kind === 'margin' ? margin : undefined
    },
    valueOf: (holding) => valueOf(holding, book),
    liquidated: (account, insuranceFund) => liquidated(account, { book, rules, insuranceFund }),
  }
}

type Mark = EvmBook['marks'][string]

function withMarks(book: EvmBook, change: (mark: Mark, asset: string) => Mark): EvmBook {
  const marks = Object.entries(book.marks).map(([asset, mark]) => [asset, change(mark, asset)])
  return { ...book, marks: Object.fromEntries(marks) as EvmBook['marks'] }
}

function valueOf({ asset, balance }: Holding, { marks, unit }: EvmBook): bigint {
  const mark = marks[asset]
  return mark ? evmValue(balance, mark.price, unit) : 0n
}

/** With enough money for any position: who liquidates is not what is asked here. */
const somebody: Account = { id: 'somebody', collateral: 10n ** 60n, holdings: [] }

function liquidated(
  start: Account,
  world: {
    readonly book: EvmBook
    readonly rules: EvmLiquidationRules
    readonly insuranceFund: bigint
  },
): Liquidated {
  const { book, rules } = world
  let account = start
  let { insuranceFund } = world
  let [penalties, rewards, cover] = [0n, 0n, 0n]
  for (let step = 0; step < mostSteps; step += 1) {
    const margin = evmMargin(account, book)
    const largest = largestHolding(account, (one) => valueOf(one, book))
    const mark = largest && book.marks[largest.asset]
    if (margin.kind === 'unknown' || healthOf(margin) === 'healthy' || !largest || !mark) break
    const most = liquidatableSize(margin, largest.balance, { mark, rules, unit: book.unit })
    const { asset } = largest
    const call = { book, rules, insuranceFund, account, liquidator: somebody, asset }
    const part = largestEvmPart(call, most)
    if (part.kind === 'refused')
      return {
        penalties,
        rewards,
        cover,
        insuranceFund,
        shortfall: part.reason === 'InsuranceFundShort' ? -margin.value : 0n,
      }
    penalties += part.accepted.settlement.penalty
    rewards += part.accepted.settlement.reward
    cover += part.accepted.settlement.cover
    account = part.accepted.account
    insuranceFund = part.accepted.insuranceFund
  }
  return { penalties, rewards, cover, shortfall: 0n, insuranceFund }
}
