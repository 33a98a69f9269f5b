import type { EvmLiquidationLook } from '../liquidation/liquidation-look.ts'
import { planEvmDeleverage } from '../liquidation/plan-evm-deleverage.ts'
import { planEvmLiquidations } from '../liquidation/plan-evm-liquidations.ts'
import type { Account } from '../margin/account.ts'
import { judgeEvmDeleverage, judgeEvmLiquidation } from '../margin/evm-liquidation.ts'
import { type EvmBook, evmMargin, type EvmMark, evmValue } from '../margin/evm-margin.ts'
import type { Market } from '../market.ts'
import { evmScanMarks } from '../scan/evm-scan-marks.ts'
import { timestamp } from '../time.ts'
import { dollar, type EvmExchangeRules, unit } from './backtest-setup.ts'
import { assetAt, none, type PlayedExchange, type PlayedMarks } from './played-exchange.ts'

/** Takes over whatever is liquidated and is rid of it at once, at the mark: who liquidates is not what is asked. */
const liquidator: Account = { id: 'liquidator', collateral: 10n ** 40n, holdings: [] }

const coin = 10n ** 18n

/** Our own engine, as its contract reckons. */
export function evmExchange(
  exchange: EvmExchangeRules,
  symbols: readonly Market[],
): PlayedExchange {
  const { initialMarginBps, maintenanceMarginBps, penaltyBps } = exchange
  const margins = { initialMarginBps, maintenanceMarginBps, penaltyBps }
  const assets = symbols.map((_, at) => assetAt(at))
  const names = Object.fromEntries(symbols.map((symbol, at) => [assetAt(at), symbol]))
  const feeds = Object.fromEntries(symbols.map((symbol, at) => [symbol, assetAt(at)]))

  function marksOf(book: EvmBook, { now, round }: Moment): PlayedMarks {
    const look = (insuranceFund: bigint): EvmLiquidationLook => ({
      kind: 'evm-engine',
      block: { number: round, hash: '0x0', time: timestamp(now) },
      paused: false,
      from: timestamp(0),
      markets: names,
      dollar,
      insuranceFund,
      book,
      rules: exchange.rules,
      liquidator,
    })
    return {
      assets: Object.keys(book.marks),
      marginScale: 1n,
      scan: () => evmScanMarks(book),
      marginOf(account) {
        const margin = evmMargin(account, book)
        return margin.kind === 'margin' ? margin : undefined
      },
      holding(asset, { worth, cost }) {
        const { price, fundingIndex } = markIn(book, asset)
        return { asset, balance: (worth * unit) / price, fundingIndex, cost }
      },
      worthOf: (asset, balance) => evmValue(balance, markIn(book, asset).price, unit),
      withPrices(priceOf) {
        const marks = Object.entries(book.marks).map(([asset, mark]) => {
          const price = priceOf(assets.findIndex((one) => one === asset))
          return [asset, price === undefined ? mark : { ...mark, price }] as const
        })
        return marksOf({ marks: Object.fromEntries(marks), unit }, { now, round })
      },
      planLiquidations: ({ candidates, fund, policy }) =>
        planEvmLiquidations({
          look: look(fund),
          candidates,
          inFlight: none,
          resting: none,
          budgetPermille: 1_000,
          policy,
          slot: round,
        }),
      liquidate({ asset, size }, { account, fund }) {
        const call = { book, rules: exchange.rules, insuranceFund: fund, account, liquidator }
        const verdict = judgeEvmLiquidation({ ...call, asset, size })
        if (verdict.kind === 'refused') return undefined
        const { cash, penalty, reward, cover, margin } = verdict.settlement
        return {
          account: verdict.account,
          fund: verdict.insuranceFund,
          notional: cash < 0n ? -cash : cash,
          penalty,
          reward,
          cover,
          value: margin.value,
        }
      },
      planDeleverage: ({ fund, ...wish }) =>
        planEvmDeleverage({ look: look(fund), inFlight: none, slot: round, ...wish }),
      deleverage({ asset, size }, { account, counterparty, fund }) {
        const call = { book, insuranceFund: fund, account, counterparty, asset, size }
        const verdict = judgeEvmDeleverage(call)
        return verdict.kind === 'refused' ? undefined : verdict
      },
    }
  }

  return {
    fundingScale: unit,
    coin: () => coin,
    marksAt({ now, posted, fundingIndex, round }) {
      const marks = assets.flatMap((asset, at): readonly (readonly [string, EvmMark])[] => {
        const price = posted[at]
        if (!price || now - price.publishedAt > exchange.maxPriceAgeSeconds * 1_000) return []
        return [[asset, { ...margins, price: price.price, fundingIndex: fundingIndex[at] ?? 0n }]]
      })
      return marksOf({ marks: Object.fromEntries(marks), unit }, { now, round })
    },
    fundingLook: ({ now, posted, fundingIndex, fundingEpoch, epochSeconds }) => ({
      kind: 'evm-engine',
      block: { number: 0, hash: '0x0', time: timestamp(now) },
      feeds,
      engine: {
        paused: false,
        isOperator: true,
        epochSeconds,
        markets: assets.map((feedId, at) => ({
          feedId,
          isListed: true,
          price: posted[at]?.price ?? 0n,
          publishedAt: timestamp(posted[at]?.publishedAt ?? 0),
          maxPriceAgeSeconds: exchange.maxPriceAgeSeconds,
          maxFundingRate: exchange.maxFundingRate,
          fundingEpoch: fundingEpoch[at] ?? 0,
          fundingIndex: fundingIndex[at] ?? 0n,
        })),
      },
    }),
  }
}

type Moment = { readonly now: number; readonly round: number }

function markIn({ marks }: EvmBook, asset: string): EvmMark {
  const mark = marks[asset]
  if (!mark) throw new RangeError(`${asset} has no mark`)
  return mark
}
