import { expect, test } from 'vitest'

import { parseMarket } from '../../lib/domain/market.ts'
import { evmStressed } from '../../lib/domain/stress/evm-stress.ts'
import { sizing, stressAll } from '../../lib/domain/stress/stress.ts'
import { type EngineStress, stressedIn } from '../../lib/tools/show-stress.ts'
import { stressLines } from '../../lib/tools/stress-lines.ts'
import { stressPage } from '../../lib/tools/stress-page.ts'
import { keptNetwork, starkexNetwork } from '../runtime/a-kept-network.ts'

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

function anEngine(name = 'dex'): EngineStress {
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

test('the table tells of each jump who falls, what it costs, and what nobody pays', () => {
  const lines = stressLines([anEngine()]).map((line) => line.split(/\s{2,}/))
  // Ten bitcoin at a thousand with a thousand of its own: two thousand are lost, one is missing, of which 900 are there.
  expect(lines).toContainEqual('BTC-USD -20 %|1|8000|0|900|0|100|1 account'.split('|'))
  expect(lines).toContainEqual('all +50 %|0|0|0|0|900|0|-'.split('|'))
  expect(lines.at(-1)).toEqual('50 bps|4000|0'.split('|'))
})

test('a StarkEx exchange is left out with a word, so that the others of its network can be stressed', () => {
  const network = keptNetwork()
  const { engines, left } = stressedIn({
    engines: { ...network.engines, ...starkexNetwork().engines },
  })
  expect(engines).toEqual(['evm'])
  expect(left).toEqual(['perps cannot be stressed: only evm-engine and starknet-perpetual can'])
  expect(() => stressedIn(starkexNetwork())).toThrow(left[0])
})

test('the page needs nothing from elsewhere, and takes names for text', () => {
  const page = stressPage([anEngine('<dex>')])
  expect(page).not.toMatch(/(?:src|href)=/)
  expect(page).toContain('<h2>&lt;dex&gt;</h2>')
  expect(page).toContain('[[-50,-30,-20,-10,-5,5,10,20,30,50],')
})
