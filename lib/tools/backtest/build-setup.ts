import type {
  BacktestSetup,
  CoreExchangeRules,
  FundingSetup,
  StarkexExchangeRules,
} from '../../domain/backtest/backtest-setup.ts'
import { Decimal } from '../../domain/decimal.ts'
import { parseUsd } from '../../domain/fast-round/exact-usd.ts'
import type { Feed, Feeds, Source } from '../../domain/feed.ts'
import { instrumentName } from '../../domain/instrument.ts'
import type { CoreTerms } from '../../domain/liquidation/plan-core-liquidations.ts'
import { coreLiquidation } from '../../runtime/network/core-liquidation.ts'
import { entry } from '../../runtime/network/entry.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { feedsOf } from '../../runtime/world/feeds-of.ts'
import { fundingSettings } from '../../runtime/world/funding-settings.ts'
import {
  deleverageSettings,
  liquidationSettings,
  termsOf,
} from '../../runtime/world/liquidation-settings.ts'
import { pushRules } from '../../runtime/world/push-rules.ts'
import { WorldSettingError, type WorldValues } from './world-settings.ts'

/** What of the network is played, and when. */
export type Played = {
  readonly markets: readonly string[]
  /** The exchange whose rules and settings hold; undefined where the file has none. */
  readonly engine: string | undefined
  readonly from: number
  readonly to: number
  readonly seed: number
  /** Of the run itself: a curve over other rounds compares what is posted as often. */
  readonly judgeMs: number
}

/** The markets and the legs that they need. */
export function playedFeeds(network: Network, markets: readonly string[]): Feeds {
  const all = feedsOf(network)
  const chosen = all.markets.filter(({ feed }) => markets.includes(feed))
  const quoted = new Set(
    chosen.flatMap(({ sources }) => sources.map(({ instrument }) => instrument.quote)),
  )
  return {
    ...all,
    markets: chosen,
    legs: Object.fromEntries(Object.entries(all.legs).filter(([currency]) => quoted.has(currency))),
  }
}

/** All that a run is decided by, from a checked network file and the settings of its world. */
export function buildSetup(network: Network, world: WorldValues, played: Played): BacktestSetup {
  const { engine } = played
  if (Number(world.maintenanceMarginBps) > Number(world.initialMarginBps))
    throw new WorldSettingError(
      `backtest.maintenanceMarginBps is ${world.maintenanceMarginBps}; expected at most backtest.initialMarginBps, which is ${world.initialMarginBps}`,
    )
  const everyMs = Number(world.everySeconds) * 1_000
  const usual = { mostPerSlot: 50, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 }
  const deleverage = engine === undefined ? undefined : deleverageSettings(network)[engine]
  const liquidation = engine === undefined ? undefined : liquidationSettings(network)[engine]
  return {
    feeds: playedFeeds(network, played.markets),
    from: played.from,
    to: played.to,
    everyMs,
    judgeMs: Math.min(everyMs, played.judgeMs),
    seed: played.seed,
    push: pushRules(network).policy,
    funding: fundingIn(network, played, everyMs),
    liquidation: {
      policy: liquidation?.policy ?? usual,
      adlRule: deleverage?.rule ?? 'bitmex',
      mostDeleverages: deleverage?.mostPerSlot ?? usual.mostPerSlot,
      everyMs: (network.jobs.liquidate?.everySeconds ?? usualLookSeconds) * 1_000,
    },
    exchange: exchangeIn(network, world, played),
    costs: {
      gasPerTransaction: BigInt(world.gasPerTransaction),
      gasPerPrice: BigInt(world.gasPerPrice),
      usdPerGas: parseUsd(world.usdPerGas),
    },
    pushLatencyMs: Number(world.pushLatencyMs),
    liquidationDelayMs: Number(world.liquidationDelayMs),
    wrongBps: Number(world.wrongBps),
    slackBps: Number(world.slackBps),
    accounts: Number(world.accounts),
  }
}

/** By the rules of the exchange that is played; by the EVM engine's where there is none. */
function exchangeIn(
  network: Network,
  world: WorldValues,
  { engine, markets }: Played,
): BacktestSetup['exchange'] {
  const common = {
    initialMarginBps: BigInt(world.initialMarginBps),
    maxFundingRate: parseUsd(world.maxFundingRate),
    maxPriceAgeSeconds: Number(world.maxPriceAgeSeconds),
    insuranceFund: inCollateral(world.insuranceFundUsd),
  }
  const found = engine === undefined ? undefined : network.engines[engine]
  if (engine !== undefined && found?.kind === 'starknet-perpetual')
    return {
      kind: 'starknet-perpetual',
      ...common,
      // What runs on a network is asked there; nobody is asked here.
      generation: found.generation === 'detect' ? 'D' : found.generation,
      terms: liquidationSettings(network)[engine]?.terms ?? usualTerms,
      risk: riskIn(world),
      resolution: resolutions(network, engine, markets),
    }
  if (engine !== undefined && found?.kind === 'starkex')
    return {
      kind: 'starkex',
      ...common,
      maxFundingRate: BigInt(found.maxFundingRate),
      // It has none that pays by itself.
      insuranceFund: 0n,
      terms: liquidationSettings(network)[engine]?.terms ?? { ...usualTerms, feeBps: 10n },
      risk: segmentsIn(found, world, markets),
      segmentedBy: found.liquidation?.riskBy ?? 'balance',
      resolution: resolutions(network, engine, markets),
    }
  return {
    kind: 'evm-engine',
    ...common,
    maintenanceMarginBps: BigInt(world.maintenanceMarginBps),
    penaltyBps: BigInt(world.penaltyBps),
    rules: {
      liquidatorShareBps: BigInt(world.liquidatorShareBps),
      closeFactorBps: BigInt(world.closeFactorBps),
      smallPosition: inCollateral(world.smallPositionUsd),
    },
  }
}

/** As the network file has them where it says nothing. */
const usualTerms: CoreTerms = termsOf(coreLiquidation.parse({}))

/** The contract has risk in thousandths. */
function riskIn(world: WorldValues): CoreExchangeRules['risk'] {
  const step = world.tiers === '1' ? 0n : BigInt(world.tierStepBps)
  const first = BigInt(world.maintenanceMarginBps)
  for (const [name, value] of Object.entries({ maintenanceMarginBps: first, tierStepBps: step }))
    if (value % 10n !== 0n)
      throw new WorldSettingError(
        `backtest.${name} is ${value}; expected a multiple of 10, since starknet-perpetual has risk in thousandths`,
      )
  const tiers = Array.from(
    { length: Number(world.tiers) },
    (_, at) => (first + BigInt(at) * step) / 10n,
  )
  const highest = tiers.at(-1) ?? 0n
  if (highest > 1_000n)
    throw new WorldSettingError(
      `backtest.tierStepBps is ${step}; expected at most 10000 bps in the last of ${world.tiers} tiers, which has ${highest * 10n}`,
    )
  return {
    riskFactorTiers: tiers,
    firstTierBoundary: inCollateral(world.firstTierUsd),
    tierSize: inCollateral(world.tierUsd),
  }
}

/** As the network file has them; where it liquidates nobody, the same for all. */
function segmentsIn(
  { liquidation }: Extract<Network['engines'][string], { kind: 'starkex' }>,
  world: WorldValues,
  markets: readonly string[],
): StarkexExchangeRules['risk'] {
  const usual = [
    {
      upperBound: endless,
      riskFactor: (BigInt(world.maintenanceMarginBps) << 32n) / 10_000n,
    },
  ]
  return Object.fromEntries(
    markets.map((market) => {
      const told = liquidation && entry(liquidation.risk, market)
      return [
        market,
        told?.map(({ upTo = endless, factor }) => ({ upperBound: upTo, riskFactor: factor })) ??
          usual,
      ]
    }),
  )
}

const endless = 2n ** 127n

function resolutions(
  network: Network,
  engine: string,
  markets: readonly string[],
): CoreExchangeRules['resolution'] {
  return Object.fromEntries(
    markets.map((market) => {
      const listing = entry(entry(network.markets, market)?.engines ?? {}, engine)
      return [market, listing?.resolutionFactor ?? usualResolution]
    }),
  )
}

/** Of a market that the exchange does not list: a millionth of a coin. */
const usualResolution = 1_000_000n

/** Exchanges' keepers look every one to five seconds. */
const usualLookSeconds = 5

/** Six decimals, rounded down. */
function inCollateral(usd: string): bigint {
  return BigInt(new Decimal(usd).mul(1_000_000).toFixed(0, Decimal.ROUND_DOWN))
}

/**
 * Rounds further apart than the file's slots sample less often: then a slot is a round, and the least number of samples is the
 * same share of them. Undefined where the exchange settles none, or an epoch is no whole number of rounds.
 */
function fundingIn(
  network: Network,
  { engine, markets }: Played,
  everyMs: number,
): FundingSetup | undefined {
  const found = engine === undefined ? undefined : fundingSettings(network)[engine]
  if (!found) return undefined
  const { policy, impactNotional } = found
  const slotSeconds = Math.max(policy.slotSeconds, everyMs / 1_000)
  if (policy.epochSeconds % slotSeconds !== 0) return undefined
  const minSamples = Math.ceil((policy.samples.minSamples * policy.slotSeconds) / slotSeconds)
  const isPlayed = ([market]: readonly [string, unknown]): boolean => markets.includes(market)
  return {
    policy: {
      ...policy,
      slotSeconds,
      samples: { ...policy.samples, minSamples },
      markets: Object.fromEntries(Object.entries(policy.markets).filter(isPlayed)),
    },
    impactNotional: Object.fromEntries(Object.entries(impactNotional).filter(isPlayed)),
  }
}

/** How funding is settled, in words; why not, where it is not. */
export function fundingText(network: Network, played: Played, everySeconds: number): string {
  const { engine } = played
  const found = engine === undefined ? undefined : fundingSettings(network)[engine]
  if (!found) return 'none: the network file settles none'
  const { epochSeconds } = found.policy
  const setup = fundingIn(network, played, everySeconds * 1_000)
  return setup
    ? `every ${epochSeconds} s, sampled every ${setup.policy.slotSeconds} s`
    : `none: an epoch of ${epochSeconds} s is no whole number of rounds of ${everySeconds} s`
}

/** Every source of these feeds, by `venue:INSTRUMENT`. */
export function sourceNames({ markets, legs }: Feeds): ReadonlySet<string> {
  const all: readonly Feed[] = [...markets, ...Object.values(legs)]
  return new Set(all.flatMap(({ sources }) => sources.map(nameOf)))
}

export function nameOf({ venue, instrument }: Source): string {
  return `${venue}:${instrumentName(instrument)}`
}
