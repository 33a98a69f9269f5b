import type { WatchRules } from '../../keepers/watch/watch-view.ts'
import { blockSecondsOf } from '../network/block-seconds.ts'
import { entry } from '../network/entry.ts'
import { maxPushAgeMs } from '../network/push-age.ts'
import type { Network } from '../network/schema.ts'
import { provingRules } from './proving-rules.ts'
import { bookedEngines, fundedEngines, schedulesOf, timedEngines } from './schedules.ts'
import { chainsOf, contractOf, systemRules } from './system-rules.ts'

/** The network file's limits, as the liveness rules take them. */
export function watchRules(network: Network): WatchRules {
  const { alerts, chains, engines, markets } = network
  return {
    chains: Object.fromEntries(
      Object.entries(chains).map(([name, chain]) => [
        name,
        { blockSeconds: blockSecondsOf(chain), stallFactor: alerts.chainStallFactor },
      ]),
    ),
    engines: Object.fromEntries(
      Object.keys(engines).map((engine) => [
        engine,
        Object.entries(markets).flatMap(([symbol, market]) =>
          Object.hasOwn(market.engines, engine) ? [symbol] : [],
        ),
      ]),
    ),
    timed: network.jobs['update-exchange-time'] ? timedEngines(network) : [],
    epochSeconds: Object.fromEntries(
      fundedHere(network).flatMap((name) => {
        const engine = entry(engines, name)
        return engine?.funding ? [[name, engine.funding.epochSeconds]] : []
      }),
    ),
    booked: Object.fromEntries(
      bookedHere(network).flatMap((name) => {
        const chain = entry(engines, name)?.chain ?? ''
        const described = entry(chains, chain)
        if (!described) return []
        if (described.kind === 'starkex') return [[name, { chain }]]
        const finalMs = described.finalityBlocks * blockSecondsOf(described) * 1000
        return [[name, { chain, finalMs }]]
      }),
    ),
    proving: Object.fromEntries(
      Object.entries(provingRules(network)).map(([name, { deadlineMs }]) => [
        name,
        { chain: network.proving[name]?.settlement.chain ?? '', deadlineMs },
      ]),
    ),
    numbers: network.watch,
    systems: systemRules(network),
    links: linksOf(network),
    showsLife: alerts.lifeline !== undefined,
    legs: Object.fromEntries(
      Object.entries(network.legs).map(([symbol, { warnBandBps }]) => [symbol, warnBandBps]),
    ),
    everySeconds: Object.fromEntries(
      schedulesOf(network).map(({ job, everySeconds }) => [job, everySeconds]),
    ),
    maxPushAgeMs: Object.fromEntries(
      Object.entries(markets).map(([symbol, market]) => [symbol, maxPushAgeMs(network, market)]),
    ),
    maxTransactionMs: alerts.maxTransactionSeconds * 1000,
    gasMoneyDays: alerts.gasMoneyDays,
    gasMoneyTransactions: alerts.gasMoneyTransactions,
    noPriceMs: alerts.noPriceSeconds * 1000,
    venueDownMs: alerts.venueDownSeconds * 1000,
    venueFrozenMs: alerts.venueFrozenSeconds * 1000,
    fundFloorUsd: alerts.fundFloorUsd,
    fundDays: alerts.fundDays,
    missedPercent: alerts.missedPercent,
    booksBehindMs: alerts.booksBehindSeconds * 1000,
    packs: network.jobs['pack-history'] !== undefined,
    historyUnpackedMs: alerts.historyUnpackedSeconds * 1000,
    plannerSilentSlots: alerts.plannerSilentSlots,
    oracleMissingRounds: alerts.oracleMissingRounds,
  }
}

/** What stands on which chain: what has one cause is told once. */
function linksOf({ engines, proving, watched }: Network): WatchRules['links'] {
  return {
    engines: Object.fromEntries(Object.entries(engines).map(([name, { chain }]) => [name, chain])),
    proving: Object.fromEntries(
      Object.entries(proving).map(([name, { source, settlement }]) => [
        name,
        [settlement.chain, ...provenChain(source, engines)],
      ]),
    ),
    provers: Object.fromEntries(
      Object.entries(proving).map(([name, { provers }]) => [
        name,
        provers.map((prover) => prover.name),
      ]),
    ),
    systems: Object.fromEntries(
      Object.entries(watched).map(([name, system]) => [
        name,
        { chains: chainsOf(name, system), lanes: lanesOf(system, proving) },
      ]),
    ),
  }
}

/** The lanes that are settled by the very contract that is watched. */
function lanesOf(
  system: Network['watched'][string],
  proving: Network['proving'],
): readonly string[] {
  const contract = contractOf(system)
  return Object.entries(proving).flatMap(([name, { settlement }]) =>
    settlement.address.toLowerCase() === contract?.toLowerCase() ? [name] : [],
  )
}

function provenChain(
  source: Network['proving'][string]['source'],
  engines: Network['engines'],
): readonly string[] {
  if (source.kind !== 'own-engine') return [source.chain]
  const chain = entry(engines, source.engine)?.chain
  return chain === undefined ? [] : [chain]
}

/** Where another deployment settles funding, that one watches it too. */
function fundedHere(network: Network): readonly string[] {
  return network.jobs['settle-funding'] ? fundedEngines(network) : []
}

/** Where nobody here keeps books there are none to be behind. */
function bookedHere(network: Network): readonly string[] {
  return network.jobs['keep-books'] ? bookedEngines(network) : []
}
