import { coreWishes } from '../liquidation/core-wishes.ts'
import type { CoreLiquidationLook } from '../liquidation/liquidation-look.ts'
import { planCoreLiquidations, type CoreTerms } from '../liquidation/plan-core-liquidations.ts'
import type { Account } from '../margin/account.ts'
import { coreMargin, type CoreMark, holdingValue, markOf } from '../margin/starknet-margin.ts'
import { afterExchange } from '../margin/starknet-trade.ts'
import { type Liquidated, mostSteps, type StressedExchange } from './stress.ts'

/**
 * A starknet-perpetual exchange in a jump of prices, with liquidators who take over all at the mark less their discount. Who has
 * less than nothing is liquidated only where the contract's generation and the fund allow it, and deleveraged otherwise.
 */
export function coreStressed(look: CoreLiquidationLook, terms: CoreTerms): StressedExchange {
  return {
    assets: Object.keys(look.marks).toSorted(),
    shocked: ({ asset, permille }) =>
      coreStressed(
        withMarks(look, (mark, name) =>
          asset === undefined || name === asset
            ? { ...mark, price: (mark.price * BigInt(1_000 + permille)) / 1_000n }
            : mark,
        ),
        terms,
      ),
    // Half of it is the fund's, as on the exchanges that say how they share it.
    withPenalty: (bps) =>
      coreStressed(look, { ...terms, feeBps: bps - bps / 2n, discountBps: bps / 2n }),
    margin: (account) => {
      const margin = coreMargin(account, look.marks, look.generation)
      return margin.kind === 'margin' ? margin : undefined
    },
    valueOf: ({ asset, balance }) => holdingValue(balance, markOf(look.marks, asset)?.price ?? 0n),
    liquidated: (account, fund) => liquidated(account, { ...look, insuranceFund: fund }, terms),
  }
}

function withMarks(
  look: CoreLiquidationLook,
  change: (mark: CoreMark, asset: string) => CoreMark,
): CoreLiquidationLook {
  const marks = Object.entries(look.marks).map(([asset, mark]) => [asset, change(mark, asset)])
  return { ...look, marks: Object.fromEntries(marks) as CoreLiquidationLook['marks'] }
}

/** With enough money for any position: who liquidates is not what is asked here. */
const somebody: Account = { id: '4294967295', collateral: 1n << 61n, holdings: [] }

function liquidated(start: Account, look: CoreLiquidationLook, terms: CoreTerms): Liquidated {
  let account = start
  let { insuranceFund } = look
  let [penalties, rewards, cover] = [0n, 0n, 0n]
  for (let step = 0; step < mostSteps && account.holdings.length > 0; step += 1) {
    const offers = coreWishes([account], look).map((wish, at) => ({
      order: {
        position: somebody.id,
        ...wish,
        collateral: '0x1',
        fee: 0n,
        expiration: 1n << 63n,
        salt: BigInt(at),
        publicKey: '0x1' as const,
        signature: { r: 0n, s: 0n },
      },
      filled: 0n,
    }))
    const { parts, uncovered } = planCoreLiquidations({
      look: { ...look, insuranceFund },
      candidates: [account],
      inFlight: new Set(),
      resting: new Set(),
      budgetPermille: 1_000,
      policy: { mostPerSlot: 1, mostNotionalUsd: 1e12, leastRewardUsd: 0 },
      slot: 0,
      offers,
      liquidators: [somebody],
      terms,
    })
    const [part] = parts
    const mark = part && markOf(look.marks, part.asset)
    if (!part || !mark) {
      const margin = coreMargin(account, look.marks, look.generation)
      const isLost = uncovered.length > 0 && margin.kind === 'margin'
      const shortfall = isLost ? -margin.value : 0n
      return { penalties, rewards, cover, insuranceFund, shortfall }
    }
    penalties += part.penalty
    rewards += part.reward
    cover += part.cover
    insuranceFund += part.penalty - part.reward - part.cover
    account = afterExchange(
      account,
      {
        asset: part.asset,
        base: part.base,
        quote: part.cash - part.reward,
        fee: part.penalty - part.reward,
        interest: 0n,
      },
      mark,
    )
  }
  return { penalties, rewards, cover, insuranceFund, shortfall: 0n }
}
