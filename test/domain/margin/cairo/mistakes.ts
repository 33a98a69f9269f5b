import type { Mistake } from './rules.ts'

/** Each is one place of the rules where another reading of the text is easily taken. */
export const mistakes: readonly (Mistake & { readonly what: string })[] = [
  {
    what: 'a value is rounded down, not towards zero',
    file: 'starknet-margin.ts',
    right: '(price * balance) / (1n << 28n)',
    wrong: '(price * balance) >> 28n',
  },
  {
    what: 'funding is rounded towards zero, not down',
    file: 'index-change.ts',
    right: 'floorDiv((from - to) * balance, 1n << 32n)',
    wrong: '((from - to) * balance) / (1n << 32n)',
  },
  {
    what: 'a requirement is rounded up',
    file: 'starknet-margin.ts',
    right: '(riskFactor(value, mark) * magnitude(value)) / 1_000n',
    wrong: '(riskFactor(value, mark) * magnitude(value) + 999n) / 1_000n',
  },
  {
    what: 'a tier ends with its boundary',
    file: 'starknet-margin.ts',
    right: 'size < firstTierBoundary',
    wrong: 'size <= firstTierBoundary',
  },
  {
    what: 'an account of just what it needs is liquidatable',
    file: 'account.ts',
    right: 'value < requirement',
    wrong: 'value <= requirement',
  },
  {
    what: 'an account of nothing is deleveragable',
    file: 'starknet-deleverage.ts',
    right: 'value < 0n ?',
    wrong: 'value <= 0n ?',
  },
  {
    what: 'before D, risk may stay as it was',
    file: 'starknet-healthier.ts',
    right: 'after.requirement < before.requirement &&',
    wrong: 'after.requirement <= before.requirement &&',
  },
  {
    what: 'in D, risk must fall',
    file: 'starknet-healthier.ts',
    right: 'after.requirement <= before.requirement &&',
    wrong: 'after.requirement < before.requirement &&',
  },
  {
    what: 'a ratio must get better',
    file: 'starknet-healthier.ts',
    right: 'after.value * before.requirement >= ',
    wrong: 'after.value * before.requirement > ',
  },
  {
    what: 'a fair deleverage may not give one unit more',
    file: 'starknet-deleverage.ts',
    right: '(after.value - 1n) * before.requirement <= fair',
    wrong: '(after.value - 1n) * before.requirement < fair',
  },
  {
    what: 'a spot holding may bring no unit less than its share',
    file: 'starknet-spot-share.ts',
    right: '(assetValue - 1n) * debt <= paid',
    wrong: 'assetValue * debt <= paid',
  },
  {
    what: 'a fee may take the whole quote',
    file: 'starknet-order.ts',
    right: 'magnitude(quote) <= fee',
    wrong: 'magnitude(quote) < fee',
  },
  {
    what: 'an order must be filled better than it says',
    file: 'starknet-order.ts',
    right: 'order.base * settled > fill.base * allowed',
    wrong: 'order.base * settled >= fill.base * allowed',
  },
  {
    what: 'an order may not be filled to its end',
    file: 'starknet-order.ts',
    right: 'magnitude(fill.base) > magnitude(order.base)',
    wrong: 'magnitude(fill.base) >= magnitude(order.base)',
  },
  {
    what: 'an exchange leaves the funding index where it was',
    file: 'starknet-trade.ts',
    right: 'fundingIndex: mark.fundingIndex }',
    wrong: 'fundingIndex: held.fundingIndex }',
  },
  {
    what: 'a spot holding below zero may be bought back',
    file: 'starknet-trade.ts',
    right: "kind === 'spot'",
    wrong: "kind === 'spot' && balance >= 0n",
  },
  {
    what: 'interest up to its limit is too much',
    file: 'interest.ts',
    right: 'magnitude(amount) > most',
    wrong: 'magnitude(amount) >= most',
  },
]
