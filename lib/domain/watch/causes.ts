import type { Finding } from '../incident.ts'

/** What of a network belongs together: who stands on which chain. */
export type Links = {
  /** By exchange: its chain. */
  readonly engines: Readonly<Record<string, string>>
  /** By proving lane: the chain that it is settled on, and the one that it proves, where that is one of ours. */
  readonly proving: Readonly<Record<string, readonly string[]>>
  /** By watched system: its chains, by their names in it, as they are called among ours or beside them. */
  readonly systems: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What a rule's subject names. */
type Kind = 'chain' | 'engine' | 'sender' | 'proving' | 'system' | 'prices'

/**
 * Rules that something else may explain, or that explain something else. What is not here stands for itself; the contracts'
 * own deadlines do, whatever else is wrong.
 */
const kinds: Readonly<Record<string, Kind>> = {
  'chain-unreachable': 'chain',
  'chain-stalled': 'chain',
  'nodes-disagree': 'chain',
  'head-went-back': 'chain',
  'clocks-apart': 'chain',
  'blocks-empty': 'chain',
  'price-late': 'engine',
  'market-refused': 'engine',
  'books-behind': 'engine',
  'positions-unchecked': 'engine',
  'transaction-stuck': 'sender',
  'batch-late': 'proving',
  'batch-rejected': 'proving',
  'batch-waits': 'proving',
  'fact-late': 'proving',
  'fact-weak': 'proving',
  'lane-held': 'proving',
  'settlement-held-by-fee': 'proving',
  'settlement-late': 'proving',
  'settlement-undone': 'proving',
  'contract-stranded': 'proving',
  'progress-stalled': 'system',
  'backlog-growing': 'system',
  'level-out-of-bounds': 'system',
  'watch-blind': 'system',
  'prices-stalled': 'prices',
  'planner-silent': 'prices',
  'oracle-missing': 'prices',
  'no-price': 'prices',
  'venue-down': 'prices',
  'venue-frozen': 'prices',
  'mark-apart': 'prices',
}

const onChain = [
  'blocks-empty',
  'transaction-stuck',
  'price-late',
  'books-behind',
  'positions-unchecked',
  'batch-late',
  'fact-late',
  'settlement-late',
  'settlement-undone',
  'progress-stalled',
  'backlog-growing',
  'level-out-of-bounds',
]
const ofBatches = ['settlement-late', 'progress-stalled', 'backlog-growing', 'level-out-of-bounds']
const ofPrices = ['no-price', 'price-late', 'mark-apart']

/**
 * What each cause explains, of the same chain, lane or network: the deepest first. A rule that explains itself is one cause
 * that shows in several places.
 */
const causes: readonly (readonly [string, readonly string[]])[] = [
  ['chain-unreachable', ['chain-unreachable', 'chain-stalled', 'watch-blind', ...onChain]],
  [
    'nodes-disagree',
    ['nodes-disagree', 'chain-stalled', 'clocks-apart', 'head-went-back', ...onChain],
  ],
  ['head-went-back', ['head-went-back', 'chain-stalled', ...onChain]],
  ['chain-stalled', ['chain-stalled', ...onChain]],
  ['prices-stalled', ['venue-down', 'venue-frozen', ...ofPrices]],
  ['planner-silent', ['oracle-missing', ...ofPrices]],
  ['oracle-missing', ofPrices],
  ['no-price', ['no-price', 'price-late']],
  ['batch-rejected', ['batch-rejected', 'batch-waits', 'batch-late', 'fact-late', ...ofBatches]],
  ['fact-weak', ['fact-weak', 'batch-waits', ...ofBatches]],
  ['contract-stranded', ['batch-waits', 'batch-late', ...ofBatches]],
  ['settlement-held-by-fee', ['settlement-held-by-fee', 'batch-late', ...ofBatches]],
  ['lane-held', ofBatches],
  ['fact-late', ['fact-late', 'batch-late', ...ofBatches]],
  ['batch-late', ['batch-late', ...ofBatches]],
  ['batch-waits', ['batch-waits', ...ofBatches]],
  ['settlement-late', ofBatches],
  ['progress-stalled', ['backlog-growing', 'level-out-of-bounds']],
]

type Named = Pick<Finding, 'rule' | 'subject'>

/** How deep a cause lies, from 0; undefined where the rule explains nothing. */
export function depthOf(rule: string): number | undefined {
  const depth = causes.findIndex(([cause]) => cause === rule)
  return depth < 0 ? undefined : depth
}

/** Whether one thing found may be why another one was. */
export function explains(cause: Named, symptom: Named, links: Links): boolean {
  const [, symptoms] = causes.find(([rule]) => rule === cause.rule) ?? []
  if (!symptoms?.includes(symptom.rule)) return false
  const places = new Set(placesOf(cause, links))
  return placesOf(symptom, links).some((place) => places.has(place))
}

/** What a subject stands on: a cause and what it explains have one of these in common. */
function placesOf({ rule, subject }: Named, links: Links): readonly string[] {
  const kind = Object.hasOwn(kinds, rule) ? kinds[rule] : undefined
  const [first = ''] = subject.split(':')
  switch (kind) {
    case undefined:
      return []
    case 'chain':
    case 'system':
      return systemPlaces(subject, links) ?? [`chain ${first}`]
    case 'engine':
      return [`engine ${first}`, ...chain(own(links.engines, first)), 'prices']
    case 'sender':
      return [`chain ${subject.split('/')[0] ?? ''}`]
    case 'proving':
      return [`lane ${first}`, ...(own(links.proving, first) ?? []).flatMap(chain)]
    case 'prices':
      return ['prices']
  }
}

/** Of one of a system's chains that chain alone; of all else in it, all of them. */
function systemPlaces(subject: string, { systems }: Links): readonly string[] | undefined {
  const at = subject.indexOf(':')
  const chains = at < 0 ? undefined : own(systems, subject.slice(0, at))
  if (!chains) return undefined
  const part = own(chains, subject.slice(at + 1))
  return part === undefined ? Object.values(chains).flatMap(chain) : chain(part)
}

function chain(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [`chain ${name}`]
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
