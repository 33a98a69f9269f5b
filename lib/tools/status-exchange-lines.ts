import { Decimal } from '../domain/decimal.ts'
import type { NetworkView } from '../runtime/view/network-view.ts'
import { durationText } from './duration.ts'

type Line = readonly [first: string, second: string, rest: string]

/** Funding of each exchange: when, and each market's rate so far and settled last. */
export function fundingLines({ funding, at }: NetworkView): readonly Line[] {
  return funding.flatMap(
    ({ engine, nextAt, settledAt, late, newest, markets }): readonly Line[] => {
      const when = settledAt === undefined ? 'never settled' : `settled ${ago(at - settledAt)}`
      const state = late === undefined ? (newest?.reason ?? 'has not run yet') : 'late'
      return [
        [
          engine,
          state,
          `${when}, the next epoch begins in ${durationText(Math.max(0, nextAt - at))}`,
        ],
        ...markets.map(({ market, now, last, owedSeconds }): Line => {
          const owed = owedSeconds > 0 ? `, ${durationText(owedSeconds * 1000)} are owed` : ''
          return [
            '',
            market,
            `so far ${now ? percent(now.rate) : 'no sample'}, last ${last ? percent(last.paid) : 'none'}${owed}`,
          ]
        }),
      ]
    },
  )
}

/** How well accounts of each exchange are known. */
export function positionLines({ positions, at }: NetworkView): readonly Line[] {
  return positions.map(({ engine, seen, check, apart, doubts }): Line => {
    if (!seen) return [engine, 'no accounts', 'nobody has looked yet']
    const { accounts, block, head } = seen
    const { allSince, slots } = check
    return [
      engine,
      accounts === undefined ? 'indexed' : `${accounts} indexed`,
      [
        block < head ? `block ${block}, ${head - block} behind` : `block ${block}`,
        allSince === undefined
          ? `each compared once in ${slots} slots`
          : `all compared within ${durationText(at - allSince)}`,
        `${apart.count} mismatches`,
        ...(doubts > 0 ? [`${doubts} cannot be told yet`] : []),
      ].join(', '),
    ]
  })
}

/** Who is below, what is done about it, the fund and today's books. */
export function liquidationLines({ liquidation, at }: NetworkView): readonly Line[] {
  return liquidation.flatMap((one): readonly Line[] => {
    const { engine, newest, middle, deleverage } = one
    const last: Line = newest
      ? [engine, newest.reason, `${ago(at - newest.at)}, ${belowText(newest)}`]
      : [engine, 'no slot', 'liquidate has not run yet']
    const took: readonly Line[] =
      middle.allMs === undefined
        ? []
        : [
            [
              '',
              'took',
              `${durationText(middle.allMs)} from decided to a block, middle of ${middle.of}`,
            ],
          ]
    const shared = deleverage.newest
    const adl: readonly Line[] = shared
      ? [['', 'deleverage', `${shared.reason}, ${ago(at - shared.at)}`]]
      : []
    return [last, ...took, ...adl, ...fundLine(one), ...bookLines(one, at)]
  })
}

function belowText({
  candidates,
  below,
  bankrupt,
  inFlight,
  budgetPermille,
  skipped,
}: NonNullable<NetworkView['liquidation'][number]['newest']>): string {
  return [
    `${candidates} candidates`,
    `${below} liquidatable`,
    `${bankrupt} bankrupt`,
    `${inFlight} in flight`,
    ...skipped.map(({ why, count }) => `${count} not: ${why}`),
    ...(budgetPermille === undefined || budgetPermille === 1_000
      ? []
      : [`budget ${budgetPermille / 10} %`]),
  ].join(', ')
}

function fundLine({ fund }: NetworkView['liquidation'][number]): readonly Line[] {
  if (!fund) return []
  const { balance, inToday, outToday, lastsDays } = fund
  const lasts = lastsDays === undefined ? 'does not shrink' : `lasts ${lastsDays} days`
  return [['', 'fund', `${balance} USD, today ${inToday} in, ${outToday} out, ${lasts}`]]
}

function bookLines({ today }: NetworkView['liquidation'][number], at: number): readonly Line[] {
  if (!today) return [['', 'books', 'nothing is booked yet']]
  const { won, reward, fees, net, noEffect, missed, missedReward, missedWhy, upTo, bookedAt } =
    today
  const why = missedWhy.map(({ why: word, count }) => `${count} ${word}`).join(', ')
  return [
    [
      '',
      'today',
      `${won} won, ${reward} USD, fees ${fees}, net ${net}; ${noEffect} without effect`,
    ],
    ['', 'missed', missed === 0 ? 'none' : `${missed} worth ${missedReward} USD: ${why}`],
    ['', 'booked', `up to ${upTo.unit} ${upTo.number}, ${ago(at - bookedAt)}`],
  ]
}

/** Three digits tell what a rate is. */
function percent(fraction: string): string {
  return `${new Decimal(fraction).mul(100).toSD(3).toString()} %`
}

function ago(ms: number): string {
  return `${durationText(Math.max(0, ms))} ago`
}
