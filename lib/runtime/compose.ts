import type { Kzg } from '../adapters/kzg.ts'
import { blobSidecars } from '../adapters/kzg/blob-sidecars.ts'
import { noKzg } from '../adapters/kzg/no-kzg.ts'
import { positionBooks } from '../adapters/positions/position-books.ts'
import { openScan } from '../adapters/scan/wasm-scan.ts'
import type { Feeds } from '../domain/feed.ts'
import type {
  AlertChannel,
  Chain,
  Clock,
  Lifeline,
  OrderBooks,
  Ports,
  QuoteSource,
} from '../ports.ts'
import { ForeignKeysError } from './check-deployment.ts'
import { dryChain } from './dry-chain.ts'
import { openKeys } from './keys.ts'
import { lateChannel } from './late-channel.ts'
import type { Network } from './network/schema.ts'
import { onceEach } from './once-each.ts'
import { openStore, ownStore } from './open-store.ts'
import { openSecrets, type Secrets } from './secrets.ts'
import { booksOf } from './world/books-of.ts'
import { composeChains } from './world/chains.ts'
import { composeEngines } from './world/engines.ts'
import { feedsOf } from './world/feeds-of.ts'
import { composePeers } from './world/peers.ts'
import { composeProving } from './world/proving.ts'
import { composeUptimeFeeds } from './world/uptime-feeds.ts'
import { composeWatched } from './world/watched.ts'

/** A network's parts, put together: everything that its keepers need. */
export type World = {
  readonly network: Network
  readonly feeds: Feeds
  readonly ports: Ports
  /** Keeps what a store in memory holds, where it has a file, and ends connections. */
  close(): Promise<void>
}

/** Which secrets this process may read. A function has the rights to those of its own work only. */
export type Needs = {
  /** Signs reports. */
  readonly oracles: boolean
  /** Signs transactions. */
  readonly senders: boolean
  /** Sends alerts. */
  readonly alerts: boolean
  /** Looks at systems that are only watched. */
  readonly watched: boolean
}

const everything: Needs = { oracles: true, senders: true, alerts: true, watched: true }

export type ComposeOptions = {
  readonly network: Network
  /** The folder of the network file: `file:` is relative to it. */
  readonly directory: string
  readonly clock: Clock
  readonly needs?: Needs
  /** Of AWS; where a network file names none. */
  readonly region?: string | undefined
  /** Sends nothing and claims no slot that others see: a store of its own, and chains that take nothing. */
  readonly dryRun?: boolean
  /** Ends every question to a node or a venue that has no answer yet, and each new one. */
  readonly cutOff?: AbortSignal | undefined
  /** Who computes proofs of blobs; absent where nobody does. */
  readonly kzg?: Kzg | undefined
  /** Where the terminal channel writes. */
  readonly write?: (line: string) => void
  /**
   * When alert channels are opened: before anything else, so that whoever starts it hears what is wrong with one, or each
   * with its first message, so that one does not keep the others from telling.
   */
  readonly channels?: 'at-once' | 'with-first-message'
  /** Why what is told people with may not be used here, by where the network file names it. */
  readonly foreign?: Readonly<Record<string, string>>
}

/** The only place that knows every adapter. Throws an error of one sentence where something cannot be used. */
export async function compose(options: ComposeOptions): Promise<World> {
  const { network, directory, clock, region, cutOff, needs = everything, dryRun = false } = options
  const secrets = openSecrets({ directory, region })
  const keys = openKeys({ secrets })
  const opened = dryRun ? ownStore(clock) : openStore(options)
  const kzg = options.kzg ?? noKzg
  const sidecars = blobSidecars({ blobs: opened.blobs, kzg })
  const linked = await composeChains({
    network,
    secrets,
    keys,
    clock,
    cutOff,
    sidecars,
    sends: needs.senders,
  })
  const chains: Record<string, Chain> = Object.fromEntries(
    Object.entries(linked).map(([name, chain]) => [name, dryRun ? dryChain(chain) : chain]),
  )
  const oracles = needs.oracles
    ? await Promise.all(network.oracles.map(async (oracle) => keys.oracle(oracle)))
    : []
  return {
    network,
    feeds: feedsOf(network),
    ports: {
      clock,
      quotes: quoteSource(options),
      orderBooks: orderBookSource(options),
      chains,
      engines: await composeEngines({
        network,
        chains: linked,
        keys,
        sends: needs.senders,
        clock,
        store: opened.store,
      }),
      oracles,
      peers: await composePeers(network),
      alerts: needs.alerts && !dryRun ? await composeAlerts(options, secrets) : {},
      lifeline: needs.alerts && !dryRun ? await composeLifeline(options, secrets) : undefined,
      store: opened.store,
      blobs: opened.blobs,
      sidecars,
      proving: await composeProving({
        network,
        chains: linked,
        secrets,
        clock,
        cutOff,
        dryRun,
        kzg,
      }),
      uptimeFeeds: await composeUptimeFeeds({ network, chains: linked }),
      watched: needs.watched ? await composeWatched({ network, secrets, clock, cutOff }) : {},
      positions: positionBooks({ rows: opened.store.positions, blobs: opened.blobs, clock }),
      openScan,
    },
    close: async () => opened.close(),
  }
}

/** Larger than any venue's whole ticker list. */
const maxAnswerBytes = 10_000_000

function quoteSource(options: ComposeOptions): QuoteSource {
  // Loaded with the first question: most functions never ask one.
  const opened = onceEach(
    () => 'venues',
    async () => await openVenues(options),
  )
  return {
    latest: async (wanted, rests) => (await opened(undefined)).latest(wanted, rests),
  }
}

async function openVenues({ network, clock, cutOff }: ComposeOptions): Promise<QuoteSource> {
  const { venues: special, jobs } = network
  const [{ fetchQuotes }, { venues }] = await Promise.all([
    import('../adapters/venues/fetch-quotes.ts'),
    import('../adapters/venues/index.ts'),
  ])
  return fetchQuotes({
    venues: venues.map((venue) => ({
      venue,
      baseUrl:
        (Object.hasOwn(special, venue.name) ? special[venue.name]?.baseUrl : undefined) ??
        venue.baseUrl,
    })),
    clock,
    deadlineMs: jobs['publish-prices']?.collectMs ?? 3_000,
    maxBytes: maxAnswerBytes,
    userAgent: 'starkeep/0.1',
    cutOff,
  })
}

/** Longer than any book here; all of one exchange's together take this long at most. */
const maxBookBytes = 2_000_000
const bookDeadlineMs = 5_000

function orderBookSource(options: ComposeOptions): OrderBooks {
  // Loaded with the first question, as venues are.
  const opened = onceEach(
    () => 'books',
    async () => await openOrderBooks(options),
  )
  return { read: async (engine) => (await opened(undefined)).read(engine) }
}

async function openOrderBooks({ network, clock, cutOff }: ComposeOptions): Promise<OrderBooks> {
  const { orderBooks } = await import('../adapters/venues/books/order-books.ts')
  return orderBooks({
    engines: booksOf(network),
    clock,
    deadlineMs: bookDeadlineMs,
    maxBytes: maxBookBytes,
    userAgent: 'starkeep/0.1',
    cutOff,
  })
}

async function composeAlerts(
  {
    network,
    clock,
    write = writeLine,
    region,
    channels: when = 'at-once',
    foreign = {},
  }: ComposeOptions,
  secrets: Secrets,
): Promise<Readonly<Record<string, AlertChannel>>> {
  // Loaded where it is needed only: most functions tell nobody.
  const [{ alertChannel }, { channelOptions }] = await Promise.all([
    import('../adapters/alerts/index.ts'),
    import('./channel-options.ts'),
  ])
  const { channels, runbooks } = network.alerts
  const world = { clock, write, runbooks, region }
  const entries = Object.entries(channels).map(async ([name, channel]) => {
    const open = async () => {
      refuseForeign(foreign, `alerts.channels.${name}`)
      return alertChannel(name, await channelOptions(name, channel, secrets), world)
    }
    return [name, when === 'at-once' ? await open() : lateChannel(name, open)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function composeLifeline(
  { network, clock, channels: when = 'at-once', foreign = {} }: ComposeOptions,
  secrets: Secrets,
): Promise<Lifeline | undefined> {
  const { lifeline } = network.alerts
  if (lifeline === undefined) return undefined
  const opened = onceEach(
    () => 'lifeline',
    async () => {
      refuseForeign(foreign, 'alerts.lifeline')
      const { httpLifeline } = await import('../adapters/alerts/lifeline.ts')
      return httpLifeline((await secrets.text(lifeline)).reveal().trim(), { clock })
    },
  )
  if (when === 'at-once') return await opened(undefined)
  return { show: async (text) => (await opened(undefined)).show(text) }
}

/** Otherwise it would fail in words of AWS, which do not say where it is named. */
function refuseForeign(foreign: Readonly<Record<string, string>>, path: string): void {
  const problems = Object.entries(foreign).flatMap(([key, sentence]) =>
    key === path || key.startsWith(`${path}.`) ? [sentence] : [],
  )
  if (problems.length > 0) throw new ForeignKeysError(problems)
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`)
}
