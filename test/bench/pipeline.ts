import { getPublicKey, pedersen, sign, Signature, verify } from '@scure/starknet'

import { evmEngine } from '../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { starknetPerpetual } from '../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { fetchQuotes } from '../../lib/adapters/venues/fetch-quotes.ts'
import { venues } from '../../lib/adapters/venues/index.ts'
import type { PriceUpdate } from '../../lib/domain/action.ts'
import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { Feeds } from '../../lib/domain/feed.ts'
import { priceMessage, priceToWire } from '../../lib/domain/price-message.ts'
import type { PriceRound } from '../../lib/domain/price-round.ts'
import type { Report, SignedReport } from '../../lib/domain/report.ts'
import { timestamp, unixSeconds } from '../../lib/domain/time.ts'
import type { Engine, OracleKeys } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { benchKeys, starkSecret } from './bench-keys.ts'
import { benchFeeds, sourcesIn } from './bench-market.ts'
import { namesOf, registryOnly } from './bench-registry.ts'
import type { Stage } from './measure.ts'

const round = 1

type ScureSignature = InstanceType<typeof Signature>

/** What one tick does with `count` markets, stage by stage: each stage works on what the one before it made. */
export async function pipeline(count: number, simulators: string): Promise<readonly Stage[]> {
  const feeds = benchFeeds(count)
  const wanted = sourcesIn(feeds)
  const source = fetchQuotes({
    venues: venues.map((venue) => ({ venue, baseUrl: `${simulators}/${venue.name}` })),
    clock: wallClock,
    deadlineMs: 30_000,
    maxBytes: 50_000_000,
    userAgent: 'starkeep-bench',
  })
  const { quotes, failures } = await source.latest(wanted)
  if (failures.length > 0 || quotes.length < wanted.length)
    throw new IncompleteBenchError('fetch', `${quotes.length} of ${wanted.length} quotes came`)
  const now = wallClock.now()
  const first = priceRound({ round: 0, feeds, quotes, memory: undefined, now })
  const look = { round, feeds, quotes, memory: first.memory, now }
  const reports = reportsOf(feeds, priceRound(look))

  const stark = benchStark(feeds)
  const evm = benchEvm(feeds)
  const [own] = benchKeys
  if (!own) throw new IncompleteBenchError('sign', 'there are no keys')
  const ours = await signAll(stark, reports, own)
  const signatures = ours.map(scureSignature)
  const updates = await updatesOf(reports, [stark, evm])
  const action = { kind: 'push-prices' as const, round, updates }
  return [
    { name: 'fetch', run: async () => source.latest(wanted) },
    { name: 'aggregate', run: () => priceRound(look) },
    {
      name: 'sign, starknet-perpetual',
      run: async () => signAll(stark, reports, own),
      peer: 'sign, @scure/starknet alone',
    },
    {
      name: 'verify, starknet-perpetual',
      run: async () => verifyAll(stark, ours),
      peer: 'verify, @scure/starknet alone',
    },
    { name: 'sign, evm-engine', run: async () => signAll(evm, reports, own) },
    {
      name: 'encode, starknet-perpetual',
      run: () => stark.encode({ ...action, engine: stark.name }, 7n),
    },
    {
      name: 'encode, evm-engine',
      run: () => evm.encode({ ...action, engine: evm.name }, undefined),
    },
    { name: 'sign, @scure/starknet alone', run: () => scureSigns(reports) },
    { name: 'verify, @scure/starknet alone', run: () => scureVerifies(reports, signatures) },
  ]
}

function reportsOf({ markets }: Feeds, { feeds, at }: PriceRound): readonly Report[] {
  const reports = feeds.flatMap(({ feed, role, outcome }): readonly Report[] => {
    if (role === 'leg' || outcome.kind !== 'price') return []
    const { price, oldestInputAt, sources } = outcome
    const observedAt = timestamp(unixSeconds(at) * 1000)
    const configHash = `0x${'5'.repeat(64)}` as const
    return [{ feed, round, price, observedAt, oldestInputAt, sources, configHash }]
  })
  if (reports.length < markets.length)
    throw new IncompleteBenchError(
      'aggregate',
      `${reports.length} of ${markets.length} have a price`,
    )
  return reports
}

function benchStark({ markets }: Feeds): Engine {
  const listings = markets.map(({ feed }, index) => ({
    market: feed,
    assetId: `0x${(index + 1).toString(16)}` as const,
    resolutionFactor: 1_000_000n,
  }))
  return starknetPerpetual({
    name: 'core',
    chain: 'starknet',
    account: '0x1',
    address: '0x2',
    chainId: '0x3',
    listings,
    generation: 'D',
    rpc: registryOnly(listings, benchKeys),
    clock: wallClock,
    curve: starkCurve,
  })
}

function benchEvm({ markets }: Feeds): Engine {
  return evmEngine({
    name: 'evm',
    chain: 'ethereum',
    account: `0x${'1'.repeat(40)}`,
    address: `0x${'2'.repeat(40)}`,
    rpc: registryOnly([], benchKeys),
    chainId: 1,
    markets: markets.map(({ feed }) => feed),
  })
}

/** One node signs its reports, as publish-prices does. */
async function signAll(
  engine: Engine,
  reports: readonly Report[],
  keys: OracleKeys,
): Promise<readonly SignedReport[]> {
  const signatures = await engine.signAll(reports, keys)
  return reports.map((report, index) => {
    const signature = signatures[index]
    if (!signature) throw new IncompleteBenchError('sign', `${engine.name} signs no ${report.feed}`)
    return { ...report, node: keys.node, signatures: { [engine.name]: signature } }
  })
}

/** A node's reports, as push-prices checks them. */
async function verifyAll(engine: Engine, reports: readonly SignedReport[]): Promise<void> {
  const verdicts = await engine.verifyAll(reports)
  if (!verdicts.every(Boolean))
    throw new IncompleteBenchError(
      'verify',
      `${engine.name} takes a right signature for a wrong one`,
    )
}

function scureSignature({ signatures }: SignedReport): ScureSignature {
  const [r = '0x0', s = '0x0'] = signatures['core']?.signature ?? []
  return new Signature(BigInt(r), BigInt(s))
}

/** Every node's reports, which agree. */
async function updatesOf(
  reports: readonly Report[],
  engines: readonly Engine[],
): Promise<readonly PriceUpdate[]> {
  const signed: (readonly SignedReport[])[] = []
  for (const keys of benchKeys)
    for (const engine of engines) signed.push(await signAll(engine, reports, keys))
  return reports.map(({ feed, price }, index) => ({
    market: feed,
    price,
    reports: benchKeys.map(({ node }) =>
      merged(
        signed.flatMap((all) => all[index] ?? []),
        node,
      ),
    ),
  }))
}

function merged(signed: readonly SignedReport[], node: string): SignedReport {
  const ofNode = signed.filter((one) => one.node === node)
  const [any] = ofNode
  if (!any) throw new IncompleteBenchError('sign', `${node} signed nothing`)
  return {
    ...any,
    signatures: Object.assign(
      {},
      ...ofNode.map(({ signatures }) => signatures),
    ) as SignedReport['signatures'],
  }
}

/** The same hashes and signatures with nothing around them. */
function scureSigns(reports: readonly Report[]) {
  return scureHashes(reports).map((hash) => sign(hash, starkSecret))
}

function scureVerifies(reports: readonly Report[], signatures: readonly ScureSignature[]): void {
  const key = getPublicKey(starkSecret, true)
  const verdicts = scureHashes(reports).map((hash, index) => {
    const signature = signatures[index]
    return signature !== undefined && verify(signature, hash, key)
  })
  if (!verdicts.every(Boolean)) throw new IncompleteBenchError('verify', 'scure disagrees')
}

function scureHashes(reports: readonly Report[]): readonly string[] {
  return reports.map(({ price, observedAt }, index) => {
    const { first, second } = priceMessage(namesOf(index), priceToWire(price), observedAt)
    return pedersen(first, second)
  })
}

/** A stage did not do its whole work, so its time would say nothing. */
class IncompleteBenchError extends Error {
  override readonly name = 'IncompleteBenchError'

  constructor(stage: string, why: string) {
    super(`the stage "${stage}" cannot be measured: ${why}`)
  }
}
