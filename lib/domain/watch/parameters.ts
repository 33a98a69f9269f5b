/** A number that decides when people are told, with what it may be and why it is what it is. */
export type Parameter = {
  readonly value: number
  readonly least: number
  readonly most: number
  readonly unit:
    | 'ms'
    | 'times'
    | 'samples'
    | 'share'
    | 'bps'
    | 'looks'
    | 'blocks'
    | 'USD'
    | 'exchanges'
  readonly reason: string
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Every number of the rules for watched systems. */
export const watchParameters = {
  headWarnTimes: {
    value: 3,
    least: 2,
    most: 100,
    unit: 'times',
    reason:
      'Block times without a block before people are told: sequencers are commonly warned of after three.',
  },
  headWarnMs: {
    value: minute,
    least: 1_000,
    most: hour,
    unit: 'ms',
    reason: 'And never sooner: Starknet’s longest block takes 9.5 s, and nodes lag by a few.',
  },
  headPageTimes: {
    value: 10,
    least: 2,
    most: 1_000,
    unit: 'times',
    reason: 'Block times without a block before somebody is woken.',
  },
  headPageMs: {
    value: 5 * minute,
    least: 1_000,
    most: day,
    unit: 'ms',
    reason: 'And never sooner: 13 slow minutes of July 2025 are to be told, a pause of two is not.',
  },
  headSamples: {
    value: 200,
    least: 30,
    most: 2_000,
    unit: 'samples',
    reason:
      'Looks that the usual block time is taken of: at four a minute, of the last 50 minutes.',
  },
  headFewest: {
    value: 5,
    least: 3,
    most: 200,
    unit: 'samples',
    reason:
      'Of fewer looks no block time is called usual: only what is long for any chain is told then.',
  },
  slowTimes: {
    value: 5,
    least: 2,
    most: 100,
    unit: 'times',
    reason:
      'Blocks that take so many times longer than usual: busy ones take two or three times as long.',
  },
  slowMs: {
    value: 10_000,
    least: 1_000,
    most: hour,
    unit: 'ms',
    reason: 'And longer than this: 9.5 s is the longest that Starknet means to take.',
  },
  slowWindowMs: {
    value: 5 * minute,
    least: minute,
    most: hour,
    unit: 'ms',
    reason: 'The blocks of so long decide: what keepers do at once is late by then.',
  },
  retreatBlocks: {
    value: 10,
    least: 1,
    most: 100,
    unit: 'blocks',
    reason:
      'Behind a load balancer a node may be this far behind the one that answered before it. A shorter way back shows as another block at the same height.',
  },
  retreatToldMs: {
    value: 30 * minute,
    least: minute,
    most: day,
    unit: 'ms',
    reason:
      'How long a head that went back is told of: the first minutes after a restart are the dangerous ones.',
  },
  retreatDownMs: {
    value: minute,
    least: 10_000,
    most: hour,
    unit: 'ms',
    reason:
      'So long after blocks were undone nothing is done on a chain: the next ones may go the same way.',
  },
  recoverMs: {
    value: 10 * minute,
    least: minute,
    most: day,
    unit: 'ms',
    reason:
      'A chain that was down is said to recover for so long: prices, funding and a ramp fit into it.',
  },
  apartBlocks: {
    value: 20,
    least: 2,
    most: 10_000,
    unit: 'blocks',
    reason:
      'Nodes that differ by more than this do not see the same chain: 40 s of Starknet, 4 min of Ethereum.',
  },
  apartPageMs: {
    value: 15 * minute,
    least: minute,
    most: day,
    unit: 'ms',
    reason: 'A node that is restarted catches up within this.',
  },
  emptyWarnMs: {
    value: 3 * minute,
    least: minute,
    most: day,
    unit: 'ms',
    reason: 'Blocks without a transaction while ours wait: a quiet chain has some, but takes ours.',
  },
  emptyPageMs: {
    value: 10 * minute,
    least: minute,
    most: day,
    unit: 'ms',
    reason: 'The same before somebody is woken.',
  },
  baselineMs: {
    value: 30 * day,
    least: day,
    most: 90 * day,
    unit: 'ms',
    reason: 'What is usual is taken of a month, as l2beat does.',
  },
  baselineSamples: {
    value: 30,
    least: 8,
    most: 1_000,
    unit: 'samples',
    reason: 'Of fewer nothing is called usual: only absolute limits count then.',
  },
  shortBaselineMs: {
    value: day,
    least: hour,
    most: 7 * day,
    unit: 'ms',
    reason: 'A new cadence is seen within a day.',
  },
  shortBaselineSamples: {
    value: 12,
    least: 4,
    most: 100,
    unit: 'samples',
    reason:
      'The fewest that a new cadence is believed by: of eight, chance made a new one of widely varying intervals too often.',
  },
  cadenceTimes: {
    value: 1.5,
    least: 1.2,
    most: 10,
    unit: 'times',
    reason:
      'A usual interval so many times the one before, or that part of it, is a new cadence: nights and weekdays differ by less over a whole day.',
  },
  cadenceShare: {
    value: 0.95,
    least: 0.5,
    most: 1,
    unit: 'share',
    reason:
      'Of the intervals of a new cadence that must be within its own limit: what is caught up with after a stall comes fast, and is none.',
  },
  slowerSamples: {
    value: 5,
    least: 3,
    most: 100,
    unit: 'samples',
    reason:
      'Of so many in a row the middle one shows that steps come more slowly: a night has two or three, and is no new cadence.',
  },
  unsureTimes: {
    value: 3,
    least: 1,
    most: 10,
    unit: 'times',
    reason:
      'The slowest new cadence, in usual intervals, that one long interval is taken for until a usual one follows: so that a new pace is told once, and two stalls in a row are not both missed for long.',
  },
  lateDeviations: {
    value: 8,
    least: 3,
    most: 30,
    unit: 'times',
    reason:
      'Of 1.4826 median absolute deviations: three false alarms a year where intervals vary by half of their mean, and stalls of hours are told within one more interval.',
  },
  lateTimes: {
    value: 2.8,
    least: 1.5,
    most: 20,
    unit: 'times',
    reason:
      'Of the usual interval, where they vary: nights and gas spikes make 2.7 of it in bad luck, and a stall of two usual intervals makes three.',
  },
  lateLeastTimes: {
    value: 2,
    least: 1.1,
    most: 20,
    unit: 'times',
    reason:
      'Of the usual interval, at least: where all are nearly the same, one that is left out is a stall, and a small delay is none.',
  },
  lateLongestTimes: {
    value: 1.5,
    least: 1,
    most: 10,
    unit: 'times',
    reason: 'Of the longest that was none: what is half as long again has never been seen.',
  },
  lateKnownMs: {
    value: 14 * day,
    least: day,
    most: 30 * day,
    unit: 'ms',
    reason: 'How long intervals must be known before the longest of them counts: two of each day.',
  },
  hourWindowMs: {
    value: 3 * hour,
    least: hour,
    most: 12 * hour,
    unit: 'ms',
    reason:
      'Intervals of other weeks that began this much earlier or later show what is usual at this time: lulls and spikes last for hours.',
  },
  hourSamples: {
    value: 6,
    least: 3,
    most: 100,
    unit: 'samples',
    reason: 'The fewest of these that show anything: two of each of three weeks.',
  },
  hourQuantile: {
    value: 0.75,
    least: 0.5,
    most: 1,
    unit: 'share',
    reason:
      'Of these that are not longer than what counts as usual then: half of them may have begun before the spike did.',
  },
  hourShare: {
    value: 0.8,
    least: 0.5,
    most: 1.5,
    unit: 'times',
    reason:
      'How many of the times that count at any hour: three of four are shorter already, and a stall at night is to be told too.',
  },
  latePageTimes: {
    value: 2,
    least: 1,
    most: 20,
    unit: 'times',
    reason: 'Of the limit before somebody is woken, where no other limit is given.',
  },
  growthWindows: {
    value: 3,
    least: 2,
    most: 24,
    unit: 'times',
    reason:
      'How often in a row what waits at least must have grown, each time over an hour or two usual intervals.',
  },
  growthShare: {
    value: 0.1,
    least: 0.01,
    most: 1,
    unit: 'share',
    reason: 'By how much each time: less is traffic.',
  },
  growthWindowMs: {
    value: hour,
    least: 5 * minute,
    most: day,
    unit: 'ms',
    reason: 'The shortest time over which what waits is compared.',
  },
  jumpShare: {
    value: 0.1,
    least: 0,
    most: 1,
    unit: 'share',
    reason:
      'By so much more than its bound a funding index may change: the bound goes with a price, which has moved on since.',
  },
  jumpToldMs: {
    value: hour,
    least: minute,
    most: day,
    unit: 'ms',
    reason:
      'How long a number that jumped is told of: whoever is paid or liquidated by it must be stopped by hand.',
  },
  burstHours: {
    value: 24,
    least: 12,
    most: 46,
    unit: 'samples',
    reason:
      'Hours whose liquidations are known before any number of them is called unusual: a day.',
  },
  burstFewest: {
    value: 20,
    least: 3,
    most: 10_000,
    unit: 'times',
    reason: 'In an hour, that are told of nowhere: one account of many markets makes some.',
  },
  burstTimes: {
    value: 5,
    least: 2,
    most: 100,
    unit: 'times',
    reason: 'Of the usual hour, at least: where all hours are alike, a few more are none.',
  },
  burstPageTimes: {
    value: 5,
    least: 1,
    most: 100,
    unit: 'times',
    reason:
      'Of what is told of before somebody is woken: a market that falls makes that many, and so do wrong prices.',
  },
  fundFallMs: {
    value: hour,
    least: 10 * minute,
    most: day,
    unit: 'ms',
    reason: 'The time over which an insurance fund’s fall is measured.',
  },
  fundFallShare: {
    value: 0.1,
    least: 0.01,
    most: 0.9,
    unit: 'share',
    reason: 'Of a fund that may go in that time: ten such hours leave a third of it.',
  },
  fundFallPageShare: {
    value: 0.3,
    least: 0.02,
    most: 1,
    unit: 'share',
    reason: 'Of it that may go before somebody is woken: two more such hours leave a third of it.',
  },
  fundFallLeast: {
    value: 1_000,
    least: 0,
    most: 1_000_000_000,
    unit: 'USD',
    reason: 'A smaller fund is none: one liquidation moves it by tens of percent.',
  },
  deadlineWarnShare: {
    value: 0.5,
    least: 0.05,
    most: 0.95,
    unit: 'share',
    reason: 'Of a contract’s time that may be gone before people are told.',
  },
  deadlinePageShare: {
    value: 0.8,
    least: 0.1,
    most: 0.99,
    unit: 'share',
    reason: 'Of it that may be gone before somebody is woken: 34 hours of a week are left then.',
  },
  changeToldMs: {
    value: day,
    least: hour,
    most: 30 * day,
    unit: 'ms',
    reason: 'How long a setting that changed is told of: whoever comes to work tomorrow sees it.',
  },
  remindFirstMs: {
    value: 7 * day,
    least: day,
    most: 90 * day,
    unit: 'ms',
    reason: 'A week is enough to test with what will be.',
  },
  remindSecondMs: {
    value: day,
    least: hour,
    most: 30 * day,
    unit: 'ms',
    reason: 'A day is enough to change what must change with it.',
  },
  remindLastMs: {
    value: hour,
    least: minute,
    most: day,
    unit: 'ms',
    reason: 'Within an hour somebody should be watching.',
  },
  staleLooks: {
    value: 5,
    least: 2,
    most: 100,
    unit: 'looks',
    reason:
      'So many looks may fail before nothing is said of a system any more: that nobody looks is told then.',
  },
  blindMs: {
    value: 15 * minute,
    least: minute,
    most: day,
    unit: 'ms',
    reason: 'A part that cannot be seen for longer is not watched.',
  },
  clockMs: {
    value: 15_000,
    least: 1_000,
    most: 5 * minute,
    unit: 'ms',
    reason: 'A block may be this far ahead of our clock before one of the two is wrong.',
  },
  markSamples: {
    value: 144,
    least: 30,
    most: 2_000,
    unit: 'samples',
    reason:
      'Of ten minutes each: what is usual between an exchange’s mark and ours is taken of a day.',
  },
  markFloorBps: {
    value: 25,
    least: 1,
    most: 10_000,
    unit: 'bps',
    reason: 'A mark closer than this to ours is never told of: perpetuals trade a basis.',
  },
  markCeilingBps: {
    value: 100,
    least: 1,
    most: 10_000,
    unit: 'bps',
    reason: 'One further away is told of even where nothing is known to be usual.',
  },
  othersFewest: {
    value: 3,
    least: 2,
    most: 20,
    unit: 'exchanges',
    reason:
      'Other exchanges whose median stands in where there is none of ours: of two that differ nobody can tell which one is wrong.',
  },
  othersOldMs: {
    value: 2 * minute,
    least: 10_000,
    most: hour,
    unit: 'ms',
    reason: 'An exchange’s mark that is older says nothing of another one now.',
  },
  markMs: {
    value: 2 * minute,
    least: 10_000,
    most: hour,
    unit: 'ms',
    reason: 'For how long a mark must be away: a fast market leaves one behind for seconds.',
  },
} as const satisfies Readonly<Record<string, Parameter>>

export type WatchParameters = Readonly<Record<keyof typeof watchParameters, number>>

/** The values alone. */
export const watchNumbers: WatchParameters = valuesOf(watchParameters)

function valuesOf(parameters: Readonly<Record<keyof typeof watchParameters, Parameter>>) {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { value }]) => [name, value]),
  ) as WatchParameters
}
