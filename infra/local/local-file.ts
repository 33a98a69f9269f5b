import { readFileSync, writeFileSync } from 'node:fs'

import { type Document, parseDocument } from 'yaml'

import { venues } from '../../lib/adapters/venues/index.ts'
import { parseNetwork } from '../../lib/runtime/network-file.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import type { LocalFeeds } from './local-feeds.ts'
import type { ProvingFacts } from './local-proving.ts'
import type { StarkexFacts } from './local-starkex.ts'
import type { UptimeFeedFacts } from './local-uptime-feed.ts'

const templateFile = new URL('../networks/local.yml', import.meta.url)

const known = { venueNames: venues.map(({ name }) => name) }

/** The tracked file: markets, sources, jobs and limits of every local network; with other oracle nodes where they are named. */
export function localTemplate(oracles?: readonly string[]): Network {
  return parseNetwork(String(templateDocument(oracles)), 'infra/networks/local.yml', known)
}

function templateDocument(oracles: readonly string[] | undefined): Document {
  const document = parseDocument(readFileSync(templateFile, 'utf8'))
  if (oracles !== undefined)
    document.set(
      'oracles',
      oracles.map((name) => ({
        name,
        keys: { stark: `file:keys/${name}-stark`, evm: `file:keys/${name}-evm` },
      })),
    )
  return document
}

/** What the template cannot know. */
export type LocalFacts = {
  readonly store:
    | { readonly kind: 'dynamodb'; readonly endpoint: string }
    | { readonly kind: 'memory'; readonly file: string }
  readonly chains: Readonly<Record<string, { readonly rpc: string; readonly account: string }>>
  /** Another node of the Starknet chain, which the watch compares with the first one. */
  readonly secondStarknet: string
  readonly engines: Readonly<Record<string, string>>
  /** Where the venues are simulated; undefined where the real ones are asked. */
  readonly venueUrl: ((venue: string) => string) | undefined
  /** Where each channel's receiver is. */
  readonly receivers: Readonly<Record<string, { readonly key: string; readonly url: string }>>
  /** What can be priced where that is not everything. */
  readonly feeds: LocalFeeds | undefined
  /** A StarkEx exchange, where one is wanted: the template has none. */
  readonly starkex?: StarkexFacts | undefined
  readonly proving: ProvingFacts
  readonly uptimeFeed: UptimeFeedFacts
  /** Whether the Starknet exchange has positions: our own core has prices and funding alone. */
  readonly hasPositions: boolean
  /** The oracle nodes where they are not those of the template. */
  readonly oracles?: readonly string[] | undefined
}

/** Writes the network file of a local network: the template with the facts in it. It is read back before it counts. */
export function writeLocalFile(path: string, facts: LocalFacts): void {
  const document = templateDocument(facts.oracles)
  document.commentBefore = ` Written by \`npm start\` from infra/networks/local.yml; the next start writes it again.`
  setStore(document, facts)
  for (const [chain, { rpc, account }] of Object.entries(facts.chains)) {
    document.setIn(['chains', chain, 'rpc'], [rpc])
    document.setIn(['chains', chain, 'account', 'address'], account)
  }
  for (const [engine, address] of Object.entries(facts.engines))
    document.setIn(['engines', engine, 'address'], address)
  for (const [channel, { key, url }] of Object.entries(facts.receivers))
    document.setIn(['alerts', 'channels', channel, key], url)
  setVenues(document, facts)
  if (!facts.hasPositions) withoutPositions(document)
  if (facts.starkex) setStarkex(document, facts.starkex)
  setProving(document, facts.proving)
  setWatched(document, facts)
  setUptimeFeed(document, facts.uptimeFeed)
  setFeeds(document, facts.feeds)
  const text = document.toString({ lineWidth: 120 })
  parseNetwork(text, path, known)
  writeFileSync(path, text)
}

function setProving(
  document: Document,
  { settler, registry, provers, lanes, perpetual }: ProvingFacts,
): void {
  document.setIn(['chains', 'evm', 'lanes', 'settlement', 'address'], settler)
  for (const [lane, { core, runs }] of Object.entries(lanes)) {
    const path = ['proving', lane]
    document.setIn([...path, 'source', 'runs'], runs)
    document.setIn([...path, 'settlement', 'address'], core)
    document.setIn([...path, 'settlement', 'registry'], registry)
  }
  // Both lanes have the same ones: the other's are an alias of these.
  document.setIn(['proving', 'appchain', 'provers', 0, 'baseUrl'], provers.atlantic)
  document.setIn(['proving', 'appchain', 'provers', 1, 'baseUrl'], provers.sharp)
  if (perpetual) setPerpetual(document, registry, perpetual)
}

/** Everything but what is proved and where it is settled is the other lanes'. An exchange has the name `starkex` already. */
function setPerpetual(
  document: Document,
  registry: string,
  { address, runs, emptyRoot }: NonNullable<ProvingFacts['perpetual']>,
): void {
  const { proving } = document.toJS() as { proving: { appchain: object } }
  const lane = {
    ...proving.appchain,
    source: { kind: 'starkex-batches', chain: 'starkex', runs, emptyRoot },
    settlement: { kind: 'stark-perpetual', chain: 'evm', address, registry },
  }
  document.setIn(['proving', 'starkex-batches'], document.createNode(lane))
}

function setUptimeFeed(document: Document, { address, teller }: UptimeFeedFacts): void {
  document.setIn(['chains', 'evm', 'lanes', 'uptime', 'address'], teller)
  document.setIn(['uptimeFeeds', 'starknet-uptime', 'address'], address)
}

/** Our own core has none of the views that tell an exchange's clocks. */
function setWatched(
  document: Document,
  { chains, secondStarknet, engines, proving, hasPositions, venueUrl, feeds }: LocalFacts,
): void {
  const starknet = [chains['starknet']?.rpc ?? '', secondStarknet]
  document.setIn(['watched', 'appchain', 'rpc'], starknet)
  document.setIn(['watched', 'appchain', 'l1Rpc'], [chains['evm']?.rpc ?? ''])
  document.setIn(['watched', 'appchain', 'core'], proving.lanes['appchain']?.core)
  setMarks(document, { venueUrl, feeds })
  if (!hasPositions) {
    document.deleteIn(['watched', 'exchange'])
    return
  }
  document.setIn(['watched', 'exchange', 'rpc'], starknet)
  document.setIn(['watched', 'exchange', 'core'], engines['core'])
}

/** Of the markets that are priced here; the real exchange is asked where the real venues are. */
function setMarks(
  document: Document,
  { venueUrl, feeds }: Pick<LocalFacts, 'venueUrl' | 'feeds'>,
): void {
  const path = ['watched', 'extended']
  if (venueUrl === undefined) document.deleteIn([...path, 'baseUrl'])
  else document.setIn([...path, 'baseUrl'], `${venueUrl('extended')}/api/v1`)
  if (feeds === undefined) return
  const { extended } = localTemplate().watched
  const markets = extended?.kind === 'exchange-marks' ? Object.entries(extended.markets) : []
  const priced = markets.filter(([symbol]) => Object.hasOwn(feeds.markets, symbol))
  if (priced.length === 0) document.deleteIn(path)
  else document.setIn([...path, 'markets'], Object.fromEntries(priced))
}

function withoutPositions(document: Document): void {
  for (const part of ['liquidation', 'interest']) document.deleteIn(['engines', 'core', part])
  for (const job of ['update-exchange-time', 'apply-interests']) document.deleteIn(['jobs', job])
}

function setStore(document: Document, { store }: LocalFacts): void {
  if (store.kind === 'memory') document.set('store', { kind: 'memory', file: store.file })
  else document.setIn(['store', 'endpoint'], store.endpoint)
}

function setStarkex(
  document: Document,
  { gateway, tls, batches, quorum, signers, listings, liquidation }: StarkexFacts,
): void {
  const chain = { kind: 'starkex', gateway, system: 'local-perps', tls, batches }
  document.setIn(['chains', 'starkex'], document.createNode(chain))
  const funding: unknown = document.getIn(['engines', 'evm', 'funding'])
  const engine = { kind: 'starkex', chain: 'starkex', quorum, signers, funding, liquidation }
  document.setIn(['engines', 'starkex'], document.createNode(engine))
  for (const [symbol, listing] of Object.entries(listings))
    document.setIn(['markets', symbol, 'engines', 'starkex'], document.createNode(listing))
}

function setVenues(document: Document, { venueUrl }: LocalFacts): void {
  if (venueUrl === undefined) {
    // The real ones are far away: what the program allows by itself is right for them.
    document.deleteIn(['jobs', 'publish-prices', 'collectMs'])
    document.deleteIn(['jobs', 'push-prices', 'collectMs'])
    return
  }
  const special = known.venueNames.map((name) => [name, { baseUrl: venueUrl(name) }])
  document.set('venues', Object.fromEntries(special))
}

function setFeeds(document: Document, feeds: LocalFeeds | undefined): void {
  if (feeds === undefined) return
  const { chains, markets, legs } = localTemplate()
  for (const [kind, all, priced] of [
    ['markets', markets, feeds.markets],
    ['legs', legs, feeds.legs],
  ] as const)
    for (const symbol of Object.keys(all)) {
      const feed = priced[symbol]
      if (feed === undefined) {
        document.deleteIn([kind, symbol])
        continue
      }
      document.setIn([kind, symbol, 'sources'], feed.sources)
      document.setIn([kind, symbol, 'minSources'], feed.minSources)
      document.setIn([kind, symbol, 'aggregation'], feed.aggregation)
    }
  for (const [name, chain] of Object.entries(chains)) {
    const fees = chain.kind === 'starkex' ? undefined : chain.feeMarket
    if (fees !== undefined && !(fees in feeds.markets) && !(fees in feeds.legs))
      document.deleteIn(['chains', name, 'feeMarket'])
  }
}
