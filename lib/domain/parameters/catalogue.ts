import { type Parameter, watchParameters } from '../watch/parameters.ts'

/** One kind of tunable parameter, by its place in a network file; `*` stands for any name. */
export type Tunable = {
  readonly path: string
  readonly unit: Unit
  /**
   * Which way is careful: fewer wrong prices, fewer or smaller things done. Absent where neither is: such a one is no matter for an
   * emergency.
   */
  readonly safer?: 'lower' | 'higher' | 'fewer'
}

export type Unit =
  | 'ms'
  | 's'
  | 'bps'
  | 'percent'
  | 'ppm'
  | 'USD'
  | 'fraction'
  | 'count'
  | 'times'
  | 'days'
  | 'blocks'
  | 'fee units'
  | 'sources'
  | Parameter['unit']

const aggregation: readonly Tunable[] = [
  { path: 'aggregation.maxQuoteAgeMs', unit: 'ms', safer: 'lower' },
  { path: 'aggregation.maxTradeAgeMs', unit: 'ms', safer: 'lower' },
  { path: 'aggregation.frozenAfterMs', unit: 'ms', safer: 'lower' },
  { path: 'aggregation.frozenMoveBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.maxSpreadBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.floorBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.hardBandBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.pairBandBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.maxDispersionBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.maxJumpBps', unit: 'bps', safer: 'lower' },
  { path: 'aggregation.minDirectUsd', unit: 'count', safer: 'higher' },
  { path: 'aggregation.minFamilies', unit: 'count', safer: 'higher' },
]

const feed: readonly Tunable[] = [
  { path: 'sources', unit: 'sources', safer: 'fewer' },
  { path: 'minSources', unit: 'count', safer: 'higher' },
  ...aggregation,
]

const market: readonly Tunable[] = [
  ...feed,
  { path: 'push.deviationBps', unit: 'bps', safer: 'lower' },
  { path: 'push.heartbeatSeconds', unit: 's', safer: 'lower' },
  { path: 'push.heartbeatJitterPercent', unit: 'percent' },
  { path: 'push.maxAgeSeconds', unit: 's', safer: 'lower' },
  { path: 'funding.rule.interest', unit: 'fraction', safer: 'lower' },
  { path: 'funding.rule.innerClamp', unit: 'fraction' },
  { path: 'funding.rule.periodCap', unit: 'fraction', safer: 'lower' },
  { path: 'funding.rule.periodSeconds', unit: 's' },
  { path: 'funding.rule.defaultFundingPpm', unit: 'ppm', safer: 'lower' },
  { path: 'funding.rule.initialMarginPpm', unit: 'ppm' },
  { path: 'funding.rule.maintenanceMarginPpm', unit: 'ppm' },
  { path: 'funding.rule.clampFactorPpm', unit: 'ppm', safer: 'lower' },
  { path: 'funding.rule.damper', unit: 'fraction' },
  { path: 'funding.maxRate', unit: 'fraction', safer: 'lower' },
  { path: 'funding.fullRangeSeconds', unit: 's', safer: 'higher' },
  { path: 'funding.impactNotional', unit: 'USD' },
]

const leg: readonly Tunable[] = [
  ...feed,
  { path: 'warnBandBps', unit: 'bps', safer: 'lower' },
  { path: 'haltBelow', unit: 'fraction', safer: 'higher' },
]

const engine: readonly Tunable[] = [
  { path: 'quorum', unit: 'count', safer: 'higher' },
  { path: 'funding.late.afterSeconds', unit: 's', safer: 'lower' },
  { path: 'funding.late.maxSeconds', unit: 's', safer: 'lower' },
  { path: 'funding.late.epochs', unit: 'count', safer: 'higher' },
  { path: 'funding.minSamples', unit: 'count', safer: 'higher' },
  { path: 'funding.minVotes', unit: 'count', safer: 'higher' },
  { path: 'liquidation.mostPerSlot', unit: 'count', safer: 'lower' },
  { path: 'liquidation.mostNotionalUsd', unit: 'USD', safer: 'lower' },
  { path: 'liquidation.leastRewardUsd', unit: 'USD' },
  { path: 'liquidation.leastProfitUsd', unit: 'USD' },
  { path: 'liquidation.graceSeconds', unit: 's', safer: 'higher' },
  { path: 'liquidation.stageSeconds', unit: 's', safer: 'higher' },
  { path: 'liquidation.mostWaitSeconds', unit: 's' },
  { path: 'liquidation.maxHeadBlocks', unit: 'blocks', safer: 'lower' },
  { path: 'liquidation.maxIndexLagSeconds', unit: 's', safer: 'lower' },
  { path: 'liquidation.maxPriceAgeSeconds', unit: 's', safer: 'lower' },
  { path: 'liquidation.staggerSeconds', unit: 's' },
  { path: 'liquidation.feeBps', unit: 'bps', safer: 'lower' },
  { path: 'liquidation.discountBps', unit: 'bps', safer: 'lower' },
  { path: 'liquidation.targetBps', unit: 'bps' },
  { path: 'interest.exchangeTimeShare', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.everySeconds', unit: 's' },
  { path: 'interest.payments.leastUsd', unit: 'USD' },
  { path: 'interest.payments.cash.credit', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.cash.debit', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.cash.base', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.cash.kink', unit: 'fraction' },
  { path: 'interest.payments.cash.atKink', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.cash.atFull', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.cash.reserve', unit: 'fraction' },
  { path: 'interest.payments.holdings.*.long', unit: 'fraction', safer: 'lower' },
  { path: 'interest.payments.holdings.*.short', unit: 'fraction', safer: 'lower' },
]

const proving: readonly Tunable[] = [
  { path: 'deadlines.prepare', unit: 's', safer: 'lower' },
  { path: 'deadlines.submit', unit: 's', safer: 'lower' },
  { path: 'deadlines.prove', unit: 's', safer: 'lower' },
  { path: 'deadlines.fact', unit: 's', safer: 'lower' },
  { path: 'deadlines.settle', unit: 's', safer: 'lower' },
  { path: 'deadlines.finalize', unit: 's', safer: 'lower' },
  { path: 'deadlines.feeCap', unit: 's' },
  { path: 'buffer', unit: 'count' },
  { path: 'maxSubmits', unit: 'count', safer: 'lower' },
  { path: 'maxSettles', unit: 'count', safer: 'lower' },
  { path: 'pollMs.least', unit: 'ms' },
  { path: 'pollMs.most', unit: 'ms' },
  { path: 'urgentSeconds', unit: 's' },
]

const alerts: readonly Tunable[] = [
  { path: 'maxPushAgeSeconds', unit: 's', safer: 'lower' },
  { path: 'maxTransactionSeconds', unit: 's', safer: 'lower' },
  { path: 'chainStallFactor', unit: 'times', safer: 'lower' },
  { path: 'gasMoneyDays', unit: 'days', safer: 'higher' },
  { path: 'gasMoneyTransactions', unit: 'count', safer: 'higher' },
  { path: 'noPriceSeconds', unit: 's', safer: 'lower' },
  { path: 'venueDownSeconds', unit: 's', safer: 'lower' },
  { path: 'venueFrozenSeconds', unit: 's', safer: 'lower' },
  { path: 'fundFloorUsd', unit: 'USD', safer: 'higher' },
  { path: 'fundDays', unit: 'days', safer: 'higher' },
  { path: 'missedPercent', unit: 'percent', safer: 'lower' },
  { path: 'booksBehindSeconds', unit: 's', safer: 'lower' },
  { path: 'historyUnpackedSeconds', unit: 's', safer: 'lower' },
  { path: 'plannerSilentSlots', unit: 'count', safer: 'lower' },
  { path: 'oracleMissingRounds', unit: 'count', safer: 'lower' },
]

/** Neither way is careful: what is told sooner is told of more often for nothing. */
const watch: readonly Tunable[] = Object.entries<Parameter>(watchParameters).map(
  ([path, { unit }]) => ({ path, unit }),
)

/**
 * Every parameter that changes in phases. Bounds and reasons are the network file's own. All else in such a file says what there is
 * (chains, addresses, keys), when jobs run and how long they wait for others (what a view has in it: sets decide on the same one),
 * and what an operator pays, and changes with it.
 */
export const catalogue: readonly Tunable[] = [
  ...under('markets.*', market),
  ...under('legs.*', leg),
  ...under('engines.*', engine),
  ...under('proving.*', proving),
  { path: 'uptimeFeeds.*.refreshSeconds', unit: 's' },
  ...under('alerts', alerts),
  ...under('watch', watch),
]

/** What is known of the parameter at a place; undefined where none is. */
export function tunableAt(path: string): Tunable | undefined {
  return byPattern.find(({ matches }) => matches.test(path))?.tunable
}

const byPattern = catalogue.map((tunable) => ({
  tunable,
  matches: new RegExp(`^${tunable.path.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`),
}))

function under(path: string, tunables: readonly Tunable[]): readonly Tunable[] {
  return tunables.map((tunable) => ({ ...tunable, path: `${path}.${tunable.path}` }))
}
