import type { StarkexLiquidationLook } from '../liquidation/liquidation-look.ts'
import { planStarkexDeleverage } from '../liquidation/plan-starkex-deleverage.ts'
import { planStarkexLiquidations } from '../liquidation/plan-starkex-liquidations.ts'
import { type StarkexOffer, type StarkexWish, starkexWishes } from '../liquidation/starkex-offer.ts'
import type { Account } from '../margin/account.ts'
import { floorDiv } from '../margin/floor-div.ts'
import { starkexMargin, type StarkexMark, type StarkexMarks } from '../margin/starkex-margin.ts'
import { judgeStarkexDeleverage, judgeStarkexLiquidation } from '../margin/starkex-trade.ts'
import type { Market } from '../market.ts'
import { PriceRangeError, starkexPrice } from '../price-message.ts'
import { starkexScale, starkexScanMarks } from '../scan/starkex-scan-marks.ts'
import { timestamp } from '../time.ts'
import { dollar, type StarkexExchangeRules } from './backtest-setup.ts'
import { assetAt, none, type PlayedExchange, type PlayedMarks } from './played-exchange.ts'

/** Takes over whatever is liquidated and is rid of it at once: who liquidates is not what is asked. */
const liquidator: Account = { id: String((1n << 64n) - 1n), collateral: 1n << 62n, holdings: [] }

/** Values and requirements are over this. */
const marginScale = 1n << 64n

/**
 * A StarkEx exchange, as its program reckons. Nobody there pays for an account with less than nothing, so that all of them are
 * deleveraged; what liquidators pay as a fee is the exchange's, and is counted where others have a fund.
 */
export function starkexExchange(
  exchange: StarkexExchangeRules,
  symbols: readonly Market[],
): PlayedExchange {
  const { terms, resolution, risk, segmentedBy } = exchange
  const assets = symbols.map((_, at) => assetAt(at))
  const names = Object.fromEntries(symbols.map((symbol, at) => [assetAt(at), symbol]))
  const ids = Object.fromEntries(symbols.map((symbol, at) => [symbol, BigInt(assetAt(at))]))
  const coin = (market: number): bigint => resolution[symbols[market] ?? ''] ?? 1n

  /** Undefined where it cannot be said in the exchange's own numbers: it is told nothing then. */
  function priceIn(market: number, price: bigint): bigint | undefined {
    try {
      return starkexPrice(price, { asset: coin(market), collateral: dollar })
    } catch (error) {
      if (error instanceof PriceRangeError) return undefined
      throw error
    }
  }

  function marksOf(marks: StarkexMarks, { now, round }: Moment): PlayedMarks {
    const look: StarkexLiquidationLook = {
      kind: 'starkex',
      block: { number: round, hash: '0x0', time: timestamp(now) },
      paused: false,
      from: timestamp(0),
      markets: names,
      dollar,
      marks,
      accountsAt: timestamp(now),
      liquidator,
    }
    const marginOf: PlayedMarks['marginOf'] = (account) => {
      const margin = starkexMargin(account, marks)
      return margin.kind === 'margin' ? margin : undefined
    }
    return {
      assets: Object.keys(marks),
      marginScale,
      scan: () => starkexScanMarks(marks),
      marginOf,
      holding(asset, { worth }) {
        const { price, fundingIndex } = markIn(marks, asset)
        return { asset, balance: (worth << 32n) / price, fundingIndex }
      },
      worthOf: (asset, balance) => floorDiv(balance * markIn(marks, asset).price, starkexScale),
      withPrices(priceOf) {
        const seen = Object.entries(marks).map(([asset, mark]) => {
          const market = assets.findIndex((one) => one === asset)
          const other = priceOf(market)
          const price = other === undefined ? undefined : priceIn(market, other)
          return [asset, price === undefined ? mark : { ...mark, price }] as const
        })
        return marksOf(Object.fromEntries(seen), { now, round })
      },
      planLiquidations: ({ candidates, policy }) =>
        planStarkexLiquidations({
          look,
          candidates,
          inFlight: none,
          resting: none,
          budgetPermille: 1_000,
          policy,
          slot: round,
          offers: starkexWishes(candidates, look).map((wish) => offerOf(wish, now)),
          liquidators: [liquidator],
          terms,
        }),
      liquidate({ asset, base, cash, reward, starkex }, { account, fund }) {
        if (!starkex) return undefined
        const { order, fee } = starkex
        const change = { asset, base, cash }
        const trade = { liquidated: account, liquidator, change, fee, order, filled: 0n }
        const verdict = judgeStarkexLiquidation(marks, trade)
        if (verdict.kind === 'refused') return undefined
        return {
          account: verdict.account,
          fund: fund + fee,
          notional: cash < 0n ? -cash : cash,
          penalty: reward + fee,
          reward,
          cover: 0n,
          value: floorDiv(marginOf(account)?.value ?? 0n, marginScale),
        }
      },
      planDeleverage: ({ fund: _fund, ...wish }) =>
        planStarkexDeleverage({ look, inFlight: none, slot: round, ...wish }, none),
      deleverage({ asset, base, quote, loss }, { account, counterparty }) {
        if (base === undefined || quote === undefined) return undefined
        const verdict = judgeStarkexDeleverage(marks, {
          deleveraged: account,
          deleverager: counterparty,
          change: { asset, base, cash: quote },
        })
        return verdict.kind === 'accepted' ? { ...verdict, loss } : undefined
      },
    }
  }

  return {
    fundingScale: starkexScale,
    coin,
    marksAt({ now, posted, fundingIndex, round }) {
      const marks = assets.flatMap((asset, at): readonly (readonly [string, StarkexMark])[] => {
        const seen = posted[at]
        const segments = risk[symbols[at] ?? '']
        if (!seen || !segments) return []
        if (now - seen.publishedAt > exchange.maxPriceAgeSeconds * 1_000) return []
        const price = priceIn(at, seen.price)
        if (price === undefined) return []
        return [[asset, { price, fundingIndex: fundingIndex[at] ?? 0n, segments, segmentedBy }]]
      })
      return marksOf(Object.fromEntries(marks), { now, round })
    },
    fundingLook({ now, posted, fundingIndex, fundingEpoch, tickedAt }) {
      const all = assets.map((asset, at) => ({ id: BigInt(asset), at }))
      return {
        kind: 'starkex',
        block: { number: 0, hash: '0x0', time: timestamp(now) },
        assets: ids,
        unlisted: [],
        exchange: {
          systemTime: timestamp(tickedAt),
          lastFundingTick: timestamp(tickedAt),
          indices: new Map(
            all.flatMap(({ id, at }) =>
              (fundingEpoch[at] ?? 0) > 0 ? [[id, fundingIndex[at] ?? 0n] as const] : [],
            ),
          ),
          prices: new Map(
            all.flatMap(({ id, at }) => {
              const seen = posted[at]
              const price = seen && priceIn(at, seen.price)
              return price === undefined ? [] : [[id, price] as const]
            }),
          ),
          assets: all.map(({ id }) => id),
          maxFundingRate: exchange.maxFundingRate,
        },
      }
    },
  }
}

type Moment = { readonly now: number; readonly round: number }

/** Good for this look, at the mark, for any fee that the exchange may ask. */
function offerOf(wish: StarkexWish, now: number): StarkexOffer {
  return {
    order: {
      nonce: 0n,
      publicKey: 0n,
      synthetic: wish.synthetic,
      collateral: wish.collateral,
      fee: wish.collateral,
      syntheticAsset: BigInt(wish.asset),
      collateralAsset: 0n,
      position: BigInt(liquidator.id),
      isBuying: wish.isBuying,
      expirationHours: BigInt(Math.floor(now / 3_600_000)) + 24n,
      r: 0n,
      s: 0n,
    },
    filled: 0n,
  }
}

function markIn(marks: StarkexMarks, asset: string): StarkexMark {
  const mark = marks[asset]
  if (!mark) throw new RangeError(`${asset} has no mark`)
  return mark
}
