import { attemptTable, showAttempts, stagesText } from './attempts.js'
import { byId, keep } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { figureList, showFigures } from './figures.js'
import { ago, counted, span, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['liquidation'][number]} Liquidation
 * @typedef {import('./figures.js').Figure} Figure
 */

/**
 * Who is below the requirement, what is done about it, and what became of it.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showLiquidation({ liquidation, at }, elapsedMs) {
  byId('liquidation-none').hidden = liquidation.length > 0
  keep(byId('liquidation'), liquidation, {
    key: ({ engine }) => engine,
    create: ({ engine }) =>
      exchangeCard(
        'Liquidation on',
        engine,
        figureList(`Accounts of ${engine} below`),
        ...attemptTable(engine),
      ),
    update(card, one) {
      const [, figures] = card.children
      if (!figures) return
      sayOf(card, { ...lineOf(one, at + elapsedMs) })
      showFigures(figures, figuresOf(one))
      showAttempts(card, one.attempts)
    },
  })
}

/**
 * @param {Liquidation} liquidation
 * @param {number} now
 */
function lineOf({ newest }, now) {
  if (!newest) return { text: 'nobody has looked yet' }
  const { kind, reason, detail, at } = newest
  const text = `${words(reason)} · ${ago(now - at)}`
  if (kind === 'done') return { text, hint: detail }
  // Whoever may not be liquidated now wants to know why not.
  return { severity: 'warning', badge: kind, text: `${text} · ${detail}`, hint: detail }
}

/**
 * @param {Liquidation} liquidation
 * @returns {readonly Figure[]}
 */
function figuresOf({ newest, middle }) {
  if (!newest) return []
  const { below, bankrupt, taken, inFlight, budgetPermille, skipped, accounts } = newest
  const left = skipped.reduce((sum, { count }) => sum + count, 0)
  return [
    {
      name: 'Below requirement',
      value: String(below),
      note: [
        ...(bankrupt > 0 ? [`${bankrupt} with less than nothing`] : []),
        ...(accounts === undefined ? [] : [`of ${counted(accounts, 'account')}`]),
      ].join(', '),
      ...(bankrupt > 0 && { state: 'critical' }),
      ...(below > 0 && bankrupt === 0 && { state: 'warning' }),
    },
    { name: 'Taken in the last slot', value: String(taken), note: '' },
    { name: 'In flight', value: String(inFlight), note: inFlight > 0 ? 'not in a block yet' : '' },
    {
      name: 'Left alone',
      value: String(left),
      note: skipped.map(({ why, count }) => `${count} ${words(why)}`).join(', '),
    },
    budgetFigure(budgetPermille),
    {
      name: 'Decided to block',
      value: middle.allMs === undefined ? '–' : span(middle.allMs),
      note:
        middle.allMs === undefined
          ? 'none came into a block yet'
          : `${stagesText(middle)} · middle of ${middle.of}`,
    },
  ]
}

/**
 * @param {number | undefined} permille
 * @returns {Figure}
 */
function budgetFigure(permille) {
  const name = 'Budget'
  if (permille === undefined)
    return { name, value: '–', note: 'nobody may be liquidated', state: 'warning' }
  const value = `${permille / 10} %`
  if (permille === 0)
    return { name, value, note: 'people have time to add margin', state: 'warning' }
  return permille < 1000
    ? { name, value, note: 'comes back in stages', state: 'warning' }
    : { name, value, note: 'all of it' }
}
