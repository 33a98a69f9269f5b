/**
 * What part of the network a rule is about, by the first words of its name: pagers group and route by it. A rule of a new
 * part is its own area.
 */
export function areaOf(rule: string): string {
  const [first = '', second = ''] = rule.split('-')
  return named(areas, `${first}-${second}`) ?? named(areas, first) ?? first
}

/** What kind of trouble a rule tells of, by the last word of its name. */
export function classOf(rule: string): string {
  return named(classes, rule.split('-').at(-1) ?? '') ?? 'fault'
}

function named(words: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.hasOwn(words, word) ? words[word] : undefined
}

const areas: Readonly<Record<string, string>> = {
  batch: 'proving',
  blocks: 'chain',
  books: 'books',
  chain: 'chain',
  contract: 'settlement',
  exchange: 'engine',
  fact: 'proving',
  fund: 'books',
  funding: 'funding',
  history: 'store',
  lane: 'sending',
  market: 'prices',
  'no-gas': 'sending',
  'no-price': 'prices',
  node: 'chain',
  nonce: 'sending',
  'off-peg': 'prices',
  opportunities: 'liquidation',
  oracle: 'prices',
  peer: 'peers',
  planner: 'keepers',
  positions: 'positions',
  price: 'prices',
  reports: 'prices',
  settlement: 'settlement',
  store: 'store',
  transaction: 'sending',
  venue: 'venues',
}

const classes: Readonly<Record<string, string>> = {
  apart: 'disagreement',
  behind: 'stall',
  drift: 'disagreement',
  expires: 'deadline',
  frozen: 'stall',
  late: 'stall',
  low: 'funds',
  lying: 'disagreement',
  missed: 'loss',
  missing: 'stall',
  money: 'funds',
  peg: 'disagreement',
  price: 'stall',
  rejected: 'refusal',
  refused: 'refusal',
  silent: 'stall',
  stalled: 'stall',
  stranded: 'stall',
  stuck: 'stall',
  unavailable: 'outage',
  unpacked: 'stall',
  unreachable: 'outage',
  waits: 'stall',
  weak: 'refusal',
}
