import { median, upperMiddle } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, legRates, pricesOf } from './in-usd.ts'

/**
 * Chainlink OCR2 (libocr 0a5e2f9, offchainreporting2/reportingplugin/median/median.go and contract2/OCR2Aggregator.sol): n
 * = 3f + 1 observers, 2f + 1 observations for a report, `sorted[n / 2]`; the contract keeps its last answer where a new
 * one is outside its bounds. Each source stands for one observer; stablecoins cost the median of theirs.
 */
export const chainlink: Rule = {
  name: 'Chainlink OCR2',
  begin({ sources, minSources, contractBounds }) {
    const faulty = Math.floor((sources.length - 1) / 3)
    const needed = Math.max(minSources, 2 * faulty + 1)
    let stored: number | undefined
    return (round) => {
      const observed = pricesOf(inUsd(round.market, legRates(round, 1, median)))
      const answer = answerOf(observed, needed, upperMiddle)
      if (answer.kind === 'none') return answer
      const { min, max } = contractBounds ?? { min: -Infinity, max: Infinity }
      if (answer.price >= min && answer.price <= max) stored = answer.price
      return stored === undefined
        ? { kind: 'none', why: 'outside the bounds of its contract' }
        : { kind: 'price', price: stored }
    }
  },
}
