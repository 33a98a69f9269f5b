import type { CoreOffer } from '../liquidation/core-offer.ts'
import { coreWishes } from '../liquidation/core-wishes.ts'
import { leftDebt } from '../liquidation/left-debt.ts'
import type { CoreLiquidationLook } from '../liquidation/liquidation-look.ts'
import { planCoreDeleverage } from '../liquidation/plan-core-deleverage.ts'
import { planCoreLiquidations } from '../liquidation/plan-core-liquidations.ts'
import type { Account } from '../margin/account.ts'
import { judgeDeleverage } from '../margin/starknet-deleverage.ts'
import { judgeLiquidation } from '../margin/starknet-liquidation.ts'
import {
  coreMargin,
  type CoreMark,
  type CoreMarks,
  holdingValue,
} from '../margin/starknet-margin.ts'
import type { Market } from '../market.ts'
import { PriceRangeError, storedPrice } from '../price-message.ts'
import { coreFundingScale, coreScanMarks } from '../scan/core-scan-marks.ts'
import { timestamp } from '../time.ts'
import { type CoreExchangeRules, dollar } from './backtest-setup.ts'
import { assetAt, none, type PlayedExchange, type PlayedMarks } from './played-exchange.ts'

/**
 * Whose signed orders take over whatever is liquidated, and who is rid of it at once: who liquidates is not what is asked. Its
 * collateral is an i64, as every position's.
 */
const liquidator: Account = { id: 'liquidator', collateral: 1n << 62n, holdings: [] }

/** The contract's own rates are of one second, scale 2^32. */
const rateScale = 1n << 32n
const oneEther = 10n ** 18n

/**
 * StarkWare's perpetual engine on Starknet, as its Core reckons. Positions hold synthetics alone, and no interest is asked for.
 * What an account owes that has nothing left is paid from the insurance fund at once: no call of the contract does that, but
 * whoever runs the exchange must.
 */
export function coreExchange(
  exchange: CoreExchangeRules,
  symbols: readonly Market[],
): PlayedExchange {
  const { generation, terms, resolution, risk } = exchange
  const assets = symbols.map((_, at) => assetAt(at))
  const names = Object.fromEntries(symbols.map((symbol, at) => [assetAt(at), symbol]))
  const ids = Object.fromEntries(symbols.map((symbol, at) => [symbol, BigInt(assetAt(at))]))
  const coin = (market: number): bigint => resolution[symbols[market] ?? ''] ?? 1n

  /** Zero where it cannot be said in the exchange's own numbers: it is told nothing then. */
  function priceIn(market: number, price: bigint): bigint {
    try {
      return storedPrice(price, coin(market))
    } catch (error) {
      if (error instanceof PriceRangeError) return 0n
      throw error
    }
  }

  function marksOf(marks: CoreMarks, { now, round }: Moment): PlayedMarks {
    const look = (insuranceFund: bigint): CoreLiquidationLook => ({
      kind: 'starknet-perpetual',
      block: { number: round, hash: '0x0', time: timestamp(now) },
      paused: false,
      from: timestamp(0),
      markets: names,
      dollar,
      insuranceFund,
      generation,
      marks,
      blocked: undefined,
      liquidator,
    })
    const marginOf: PlayedMarks['marginOf'] = (account) => {
      const margin = coreMargin(account, marks, generation)
      return margin.kind === 'margin' ? margin : undefined
    }
    return {
      assets: Object.keys(marks),
      marginScale: 1n,
      scan: () => coreScanMarks(marks),
      marginOf,
      holding(asset, { worth }) {
        const { price, fundingIndex } = markIn(marks, asset)
        return { asset, balance: (worth << 28n) / price, fundingIndex }
      },
      worthOf: (asset, balance) => holdingValue(balance, markIn(marks, asset).price),
      withPrices(priceOf) {
        const seen = Object.entries(marks).map(([asset, mark]) => {
          const market = assets.findIndex((one) => one === asset)
          const other = priceOf(market)
          const price = other === undefined ? 0n : priceIn(market, other)
          return [asset, price === 0n ? mark : { ...mark, price }] as const
        })
        return marksOf(Object.fromEntries(seen), { now, round })
      },
      planLiquidations({ candidates, fund, policy }) {
        const seen = look(fund)
        return planCoreLiquidations({
          look: seen,
          candidates,
          inFlight: none,
          resting: none,
          budgetPermille: 1_000,
          policy,
          slot: round,
          offers: coreWishes(candidates, seen).map((wish) => offerOf(wish, now)),
          liquidators: [liquidator],
          terms,
        })
      },
      liquidate({ asset, base, cash, penalty, reward, order }, { account, fund }) {
        const fee = penalty - reward
        const verdict = judgeLiquidation({
          generation,
          marks,
          liquidated: account,
          liquidator,
          asset,
          base,
          quote: cash - reward,
          liquidatedFee: fee,
          liquidatorFee: 0n,
          interestLiquidated: 0n,
          interestLiquidator: 0n,
          ...(order && { order: { ...order, isInCollateral: true, isExpired: false, filled: 0n } }),
        })
        if (verdict.kind !== 'accepted') return undefined
        const cover = leftDebt(verdict.position)
        if (cover > fund + fee) return undefined
        return {
          account: { ...verdict.position, collateral: verdict.position.collateral + cover },
          fund: fund + fee - cover,
          notional: cash < 0n ? -cash : cash,
          penalty,
          reward,
          cover,
          value: marginOf(account)?.value ?? 0n,
        }
      },
      planDeleverage: ({ fund, ...wish }) =>
        planCoreDeleverage({ look: look(fund), inFlight: none, slot: round, ...wish }, none),
      deleverage({ asset, base, quote, loss }, { account, counterparty }) {
        if (base === undefined || quote === undefined) return undefined
        const verdict = judgeDeleverage({
          generation,
          marks,
          deleveraged: account,
          deleverager: counterparty,
          asset,
          base,
          quote,
          interestDeleveraged: 0n,
          interestDeleverager: 0n,
        })
        return verdict.kind === 'accepted'
          ? { account: verdict.position, counterparty: verdict.counterparty, loss }
          : undefined
      },
    }
  }

  return {
    fundingScale: coreFundingScale,
    coin,
    marksAt({ now, posted, fundingIndex, round }) {
      const marks = assets.flatMap((asset, at): readonly (readonly [string, CoreMark])[] => {
        const seen = posted[at]
        if (!seen || now - seen.publishedAt > exchange.maxPriceAgeSeconds * 1_000) return []
        const price = priceIn(at, seen.price)
        // The contract would reckon with nothing; nobody decides by it.
        if (price === 0n) return []
        const mark = { kind: 'synthetic', price, fundingIndex: fundingIndex[at] ?? 0n } as const
        return [[asset, { ...mark, ...risk }]]
      })
      return marksOf(Object.fromEntries(marks), { now, round })
    },
    fundingLook({ now, posted, fundingIndex, epochSeconds, tickedAt }) {
      const synthetics = assets.map((asset, at) => ({
        id: BigInt(asset),
        kind: 'synthetic' as const,
        status: posted[at] ? ('active' as const) : ('pending' as const),
        price: priceIn(at, posted[at]?.price ?? 0n),
        pricedAt: timestamp(posted[at]?.publishedAt ?? 0),
        fundingIndex: fundingIndex[at] ?? 0n,
      }))
      return {
        kind: 'starknet-perpetual',
        block: { number: 0, hash: '0x0', time: timestamp(now) },
        assets: ids,
        activeSynthetics: synthetics.filter(({ status }) => status === 'active').length,
        core: {
          generation,
          paused: false,
          operatorNonce: 0n,
          isOperator: true,
          assets: synthetics,
          lastFundingTick: timestamp(tickedAt),
          lastPriceValidation: timestamp(tickedAt),
          maxPriceIntervalSeconds: exchange.maxPriceAgeSeconds,
          maxFundingRate: (exchange.maxFundingRate * rateScale) / (oneEther * BigInt(epochSeconds)),
        },
      }
    },
  }
}

type Moment = { readonly now: number; readonly round: number }

/** Good for this look, and at the mark but for a millionth. */
function offerOf(
  wish: Pick<CoreOffer['order'], 'asset' | 'base' | 'quote'>,
  now: number,
): CoreOffer {
  return {
    order: {
      position: liquidator.id,
      ...wish,
      collateral: '',
      fee: 0n,
      expiration: BigInt(Math.ceil(now / 1_000)) + 3_600n,
      salt: 0n,
      publicKey: '0x0',
      signature: { r: 0n, s: 0n },
    },
    filled: 0n,
  }
}

function markIn(marks: CoreMarks, asset: string): CoreMark {
  const mark = marks[asset]
  if (!mark) throw new RangeError(`${asset} has no mark`)
  return mark
}
