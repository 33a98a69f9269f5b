import { parseMarket } from '../../lib/domain/market.ts'
import { evmStressed } from '../../lib/domain/stress/evm-stress.ts'
import { sizing, stressAll } from '../../lib/domain/stress/stress.ts'
import type { EngineStress } from '../../lib/tools/show-stress.ts'

const usd = 1_000_000n
const mark = {
  price: 1_000n * 10n ** 18n,
  fundingIndex: 0n,
  initialMarginBps: 1_000n,
  maintenanceMarginBps: 500n,
  penaltyBps: 100n,
}
const account = {
  id: 'anna',
  collateral: -9_000n * usd,
  holdings: [{ asset: 'btc', balance: 10n * 10n ** 18n, fundingIndex: 0n, cost: 10_000n * usd }],
}
const stressed = {
  accounts: [account],
  exchange: evmStressed(
    { unit: 10n ** 30n, marks: { btc: mark } },
    { liquidatorShareBps: 5_000n, closeFactorBps: 5_000n, smallPosition: 0n },
  ),
  insuranceFund: 900n * usd,
}

/** One account with ten bitcoin at a thousand, and a thousand of its own. */
export function anEngine(name = 'dex'): EngineStress {
  const worst = { asset: undefined, permille: -500 }
  return {
    engine: name,
    block: 7,
    accountsBlock: 7,
    accounts: 1,
    decimals: 6,
    insuranceFund: stressed.insuranceFund,
    markets: { btc: parseMarket('BTC-USD') },
    results: stressAll(stressed),
    worst,
    sizing: sizing(stressed, worst, { penaltyBps: [50n], funds: [0n, 4_000n * usd] }),
  }
}
