import { byId, keep } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { figureList, showFigures } from './figures.js'
import { ago, counted, usd, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['liquidation'][number]} Liquidation
 * @typedef {NonNullable<Liquidation['fund']>} Fund
 * @typedef {NonNullable<Liquidation['today']>} Today
 * @typedef {import('./figures.js').Figure} Figure
 */

/** @param {NetworkView} view */
export function showFunds({ liquidation }) {
  const insured = liquidation.filter(({ tellsFund }) => tellsFund)
  byId('funds-section').hidden = insured.length === 0
  keep(byId('funds'), insured, {
    key: ({ engine }) => engine,
    create: ({ engine }) =>
      exchangeCard('Insurance fund of', engine, figureList(`Insurance fund of ${engine}`)),
    update(card, { fund }) {
      const [, figures] = card.children
      if (!figures) return
      sayOf(card, {
        text: fund ? `at block ${fund.block.toLocaleString('en')}` : 'nobody has looked yet',
      })
      showFigures(figures, fund ? fundFigures(fund) : [])
    },
  })
}

/** Fewer days than these leave no time to fill it. */
const fewDays = 7

/**
 * @param {Fund} fund
 * @returns {readonly Figure[]}
 */
function fundFigures({ balance, inToday, outToday, lastsDays, overDays, inPerDay, outPerDay }) {
  const pace = overDays === 1 ? 'today' : `the last ${overDays} days`
  return [
    { name: 'Balance', value: usd(balance), ...(Number(balance) <= 0 && { state: 'critical' }) },
    { name: 'In today', value: usd(inToday), note: 'its part of penalties' },
    { name: 'Out today', value: usd(outToday), note: 'for accounts with less than nothing' },
    {
      name: 'Lasts',
      value: lastsDays === undefined ? '–' : counted(lastsDays, 'day'),
      note: `${lastsDays === undefined ? 'it does not shrink ' : ''}by ${pace}: ${usd(inPerDay)} in, ${usd(outPerDay)} out a day`,
      ...(lastsDays !== undefined && lastsDays < fewDays && { state: 'warning' }),
    },
  ]
}

/**
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showBooks({ liquidation, at }, elapsedMs) {
  byId('books-section').hidden = liquidation.length === 0
  keep(byId('books'), liquidation, {
    key: ({ engine }) => engine,
    create: ({ engine }) =>
      exchangeCard('Books of', engine, figureList(`What liquidations on ${engine} brought today`)),
    update(card, { today }) {
      const [, figures] = card.children
      if (!figures) return
      const now = at + elapsedMs
      sayOf(card, {
        text: today
          ? `${today.day} UTC · up to ${today.upTo.unit} ${today.upTo.number.toLocaleString('en')}, ${ago(now - today.bookedAt)}`
          : 'nothing is booked yet: it must be final first',
      })
      showFigures(figures, today ? figuresOf(today) : [])
    },
  })
}

/**
 * @param {Today} today
 * @returns {readonly Figure[]}
 */
function figuresOf(today) {
  const { won, hitPermille, penalty, reward, fees, feesUnknown, net, noEffect } = today
  const { failureCost, missed, missedReward, missedWhy, deleveraged } = today
  const { exchangeFees, unmarked } = today
  return [
    {
      name: 'Won',
      value: String(won),
      note:
        hitPermille === undefined ? 'none was tried' : `${hitPermille / 10} % of what was tried`,
    },
    {
      name: 'Penalties',
      value: usd(penalty),
      note: [
        `${usd(reward)} of it ours`,
        ...(Number(exchangeFees) > 0 ? [`${usd(exchangeFees)} paid to the exchange`] : []),
        ...(unmarked > 0 ? [`${unmarked} without a known mark`] : []),
      ].join(', '),
    },
    {
      name: 'Fees',
      value: usd(fees),
      note: feesUnknown > 0 ? `and ${feesUnknown} of unknown worth` : '',
    },
    { name: 'Net', value: usd(net), ...(Number(net) < 0 && { state: 'warning' }) },
    {
      name: 'Without effect',
      value: String(noEffect),
      note: noEffect > 0 ? `cost ${usd(failureCost)}` : '',
    },
    {
      name: 'Missed',
      value: String(missed),
      note:
        missed > 0
          ? `${usd(missedReward)} to others: ${missedWhy.map(({ why, count }) => `${count} ${words(why)}`).join(', ')}`
          : '',
      ...(missed > 0 && { state: 'warning' }),
    },
    { name: 'Deleveraged', value: String(deleveraged), note: '' },
  ]
}
