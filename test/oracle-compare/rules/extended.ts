import { median, upperMiddle } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, keyOf, legRates } from './in-usd.ts'

/**
 * Stork's publishers under Extended's contract (stork-external c730f6b, publisher_agent; starknet-perpetual b132070,
 * assets.cairo): ClockUpdate signs a source's last value again with the current time, however old it is; the contract
 * takes any price with half of the signers at or below and half at or above. Of an even count that is any value between
 * the middles: the upper one here, since nothing keeps an operator from it.
 */
export const extended: Rule = {
  name: 'Stork under Extended',
  begin({ minSources }) {
    const signed = new Map<string, number>()
    return (round) => {
      for (const { seen, price } of inUsd(round.market, legRates(round, 1, median)))
        signed.set(keyOf(seen), price)
      return answerOf([...signed.values()], minSources, upperMiddle)
    }
  },
}
