import { evmEngine } from '../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { starknetPerpetual } from '../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { fetchQuotes } from '../../lib/adapters/venues/fetch-quotes.ts'
import { venues } from '../../lib/adapters/venues/index.ts'
import type { Feeds } from '../../lib/domain/feed.ts'
import type { PriceRound } from '../../lib/domain/price-round.ts'
import type { Report, SignedReport } from '../../lib/domain/report.ts'
import { timestamp, unixSeconds } from '../../lib/domain/time.ts'
import type { Engine, OracleKeys, QuoteSource } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { benchKeys } from './bench-keys.ts'
import { registryOnly } from './bench-registry.ts'

export const round = 1

/** Asks every venue at the simulators' address. */
export function simulatedVenues(simulators: string): QuoteSource {
  return fetchQuotes({
    venues: venues.map((venue) => ({ venue, baseUrl: `${simulators}/${venue.name}` })),
    clock: wallClock,
    deadlineMs: 30_000,
    maxBytes: 50_000_000,
    userAgent: 'starkeep-bench',
  })
}

/** Every market's price as a report; throws where one has none. */
export function reportsOf({ markets }: Feeds, { feeds, at }: PriceRound): readonly Report[] {
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

/** The StarkWare-style exchange that lists all markets. */
export function benchStark({ markets }: Feeds): Engine {
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

/** The EVM engine that lists all markets. */
export function benchEvm({ markets }: Feeds): Engine {
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
export async function signAll(
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

/** A stage did not do its whole work, so its time would say nothing. */
export class IncompleteBenchError extends Error {
  override readonly name = 'IncompleteBenchError'

  constructor(stage: string, why: string) {
    super(`the stage "${stage}" cannot be measured: ${why}`)
  }
}
