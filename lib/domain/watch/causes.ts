import type { Finding } from '../incident.ts'

/** What of a network belongs together: who stands on which chain. */
export type Links = {
  /** By exchange: its chain. */
  readonly engines: Readonly<Record<string, string>>
  /** By proving lane: the chain that it is settled on, and the one that it proves, where that is one of ours. */
  readonly proving: Readonly<Record<string, readonly string[]>>
  /** By proving lane: the provers that it may go to. */
  readonly provers: Readonly<Record<string, readonly string[]>>
  readonly systems: Readonly<Record<string, SystemLinks>>
}

export type SystemLinks = {
  /** By their names in it, as they are called among ours or beside them. */
  readonly chains: Readonly<Record<string, string>>
  /** The proving lanes that bring it its state. */
  readonly lanes: readonly string[]
}

/** What a rule's subject names. */
type Kind = 'chain' | 'engine' | 'sender' | 'proving' | 'prover' | 'system' | 'prices'

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
  'blocks-slow': 'chain',
  'price-late': 'engine',
  'market-refused': 'engine',
  'books-behind': 'engine',
  'positions-unchecked': 'engine',
  'transaction-stuck': 'sender',
  'prover-unreachable': 'prover',
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
  'level-jumped': 'system',
  'liquidation-burst': 'system',
  'fund-falling': 'system',
  'watch-blind': 'system',
  'setting-changed': 'system',
  'prices-stalled': 'prices',
  'planner-silent': 'prices',
  'oracle-missing': 'prices',
  'no-price': 'prices',
  'venue-down': 'prices',
  'venue-frozen': 'prices',
  'mark-apart': 'prices',
}

const onChain = [
  'blocks-slow',
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
/** Wrong numbers, or a falling market, bring accounts to fall; those that have nothing left are paid for. */
const ofLosses = ['liquidation-burst', 'fund-falling']
const ofPrices = ['no-price', 'price-late', 'mark-apart']

/**
 * What each cause explains, of the same chain, lane or network: the deepest first. A rule that explains itself is one cause
 * that shows in several places.
 */
const allCauses: readonly (readonly [string, readonly string[]])[] = [
  ['chain-unreachable', ['chain-unreachable', 'chain-stalled', 'watch-blind', ...onChain]],
  [
    'nodes-disagree',
    [
      'nodes-disagree',
      'chain-stalled',
      'clocks-apart',
      'head-went-back',
      'watch-blind',
      ...onChain,
    ],
  ],
  ['head-went-back', ['head-went-back', 'chain-stalled', ...onChain]],
  ['chain-stalled', ['chain-stalled', ...onChain]],
  ['blocks-slow', ['blocks-slow', 'transaction-stuck', 'price-late', 'books-behind']],
  ['prices-stalled', ['venue-down', 'venue-frozen', ...ofPrices]],
  ['planner-silent', ['oracle-missing', ...ofPrices]],
  ['oracle-missing', ofPrices],
  ['no-price', ['no-price', 'price-late']],
  ['prover-unreachable', ['prover-unreachable', 'batch-late', ...ofBatches]],
  ['batch-rejected', ['batch-rejected', 'batch-waits', 'batch-late', 'fact-late', ...ofBatches]],
  ['fact-weak', ['fact-weak', 'batch-waits', ...ofBatches]],
  ['contract-stranded', ['batch-waits', 'batch-late', ...ofBatches]],
  ['settlement-held-by-fee', ['settlement-held-by-fee', 'batch-late', ...ofBatches]],
  ['lane-held', ofBatches],
  ['fact-late', ['fact-late', 'batch-late', ...ofBatches]],
  ['batch-late', ['batch-late', ...ofBatches]],
  ['batch-waits', ['batch-waits', ...ofBatches]],
  ['settlement-late', ofBatches],
  ['setting-changed', ['setting-changed']],
  ['progress-stalled', ['backlog-growing', 'level-out-of-bounds']],
  ['level-jumped', ['level-jumped', ...ofLosses]],
  ['liquidation-burst', ofLosses],
]

type Named = Pick<Finding, 'rule' | 'subject'>

const depths = new Map(allCauses.map(([cause], depth) => [cause, depth]))
const explained = new Map(allCauses.map(([cause, symptoms]) => [cause, new Set(symptoms)]))

/** How deep a cause lies, from 0; undefined where the rule explains nothing. */
export function depthOf(rule: string): number | undefined {
  return depths.get(rule)
}

/** What may be why something else was found, by the places on which it has an effect; each with its place in the order given. */
export type Causes<Cause> = ReadonlyMap<string, readonly Ranked<Cause>[]>

type Ranked<Cause> = { readonly cause: Cause; readonly rank: number }

/** Of thousands of findings each is compared with those alone that have an effect where it stands. */
export function causesOf<Cause extends Named>(all: readonly Cause[], links: Links): Causes<Cause> {
  const byPlace = new Map<string, Ranked<Cause>[]>()
  for (const [rank, cause] of all.entries())
    for (const place of new Set(reach(cause, links))) {
      const there = byPlace.get(place)
      if (there) there.push({ cause, rank })
      else byPlace.set(place, [{ cause, rank }])
    }
  return byPlace
}

/** The first of them, before `until` of their order, that may be why something was found, and is in time for that. */
export function firstCause<Cause extends Named>(
  symptom: Named,
  causes: Causes<Cause>,
  {
    links,
    until = Infinity,
    isInTime,
  }: {
    readonly links: Links
    readonly until?: number | undefined
    readonly isInTime: (cause: Cause) => boolean
  },
): Cause | undefined {
  let first: Ranked<Cause> | undefined
  for (const place of standing(symptom, links))
    for (const one of causes.get(place) ?? []) {
      if (one.rank >= (first?.rank ?? until)) break
      const isIt = explained.get(one.cause.rule)?.has(symptom.rule) === true
      if (isIt && isInTime(one.cause)) first = one
    }
  return first?.cause
}

/** Whether something is wrong with that very chain, or with how it is seen. */
export function isOfChain(named: Named, name: string, links: Links): boolean {
  return kindOf(named) === 'chain' && chainPlaces(named.subject, links).includes(chain(name))
}

/** What something wrong with a subject has an effect on. */
function reach(named: Named, links: Links): readonly string[] {
  const [first = ''] = named.subject.split(':')
  switch (kindOf(named)) {
    case undefined:
    case 'sender':
      return []
    case 'chain':
      return chainPlaces(named.subject, links)
    case 'system':
      return [`system ${first}`]
    case 'engine':
      return [`engine ${first}`]
    case 'proving':
      return [`lane ${first}`]
    case 'prover':
      return [`prover ${named.subject}`]
    case 'prices':
      return ['prices']
  }
}

/** What a subject stands on: whatever is wrong with one of these may be why. */
function standing(named: Named, links: Links): readonly string[] {
  const { subject } = named
  const [first = ''] = subject.split(':')
  switch (kindOf(named)) {
    case undefined:
      return []
    case 'chain':
      return chainPlaces(subject, links)
    case 'system': {
      const { chains, lanes = [] } = own(links.systems, first) ?? { chains: {} }
      const lanePlaces = lanes.map((lane) => `lane ${lane}`)
      return [`system ${first}`, ...Object.values(chains).map(chain), ...lanePlaces]
    }
    case 'engine': {
      const on = own(links.engines, first)
      return [`engine ${first}`, 'prices', ...(on === undefined ? [] : [chain(on)])]
    }
    case 'sender':
      return [chain(subject.split('/')[0] ?? '')]
    case 'proving': {
      const provers = own(links.provers, first) ?? []
      const on = own(links.proving, first) ?? []
      return [`lane ${first}`, ...on.map(chain), ...provers.map((name) => `prover ${name}`)]
    }
    case 'prover':
      return [`prover ${subject}`]
    case 'prices':
      return ['prices']
  }
}

function kindOf({ rule }: Named): Kind | undefined {
  return Object.hasOwn(kinds, rule) ? kinds[rule] : undefined
}

/** A chain of ours, or one of a watched system's. */
function chainPlaces(subject: string, { systems }: Links): readonly string[] {
  const at = subject.indexOf(':')
  const system = at < 0 ? undefined : own(systems, subject.slice(0, at))
  if (!system) return [chain(at < 0 ? subject : subject.slice(0, at))]
  return [chain(own(system.chains, subject.slice(at + 1)) ?? subject)]
}

function chain(name: string): string {
  return `chain ${name}`
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
