import { byId, keep } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { figureList, showFigures } from './figures.js'
import { ago, counted, span } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['positions'][number]} Positions
 * @typedef {import('./figures.js').Figure} Figure
 */

/**
 * How well the accounts of each exchange are known.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showPositions({ positions, at }, elapsedMs) {
  byId('positions-none').hidden = positions.length > 0
  keep(byId('positions'), positions, {
    key: ({ engine }) => engine,
    create: ({ engine }) =>
      exchangeCard('Accounts of', engine, figureList(`How well accounts of ${engine} are known`)),
    update(card, one) {
      const [, figures] = card.children
      if (!figures) return
      const { seen } = one
      const now = at + elapsedMs
      sayOf(card, { text: seen ? `looked at ${ago(now - seen.at)}` : 'nobody has looked yet' })
      showFigures(figures, seen ? figuresOf(one, seen, now) : [])
    },
  })
}

/**
 * @param {Positions} positions
 * @param {NonNullable<Positions['seen']>} seen
 * @param {number} now
 * @returns {readonly Figure[]}
 */
function figuresOf({ apart, doubts, check }, { accounts, block, head }, now) {
  const { allSince, full, slots, stopped } = check
  const behind = head - block
  return [
    {
      name: 'Accounts',
      value: accounts === undefined ? '–' : accounts.toLocaleString('en'),
      note: doubts > 0 ? `${doubts} of them cannot be told yet` : '',
      ...(doubts > 0 && { state: 'warning' }),
    },
    {
      name: 'At block',
      value: block.toLocaleString('en'),
      note: behind > 0 ? `${counted(behind, 'block')} behind` : 'the newest',
      ...(behind > 0 && { state: 'warning' }),
    },
    {
      name: 'All compared within',
      value: allSince === undefined ? counted(slots, 'look') : span(now - allSince),
      note: fullText(full, stopped, now),
      ...(stopped !== undefined && { state: 'warning' }),
    },
    {
      name: 'Mismatches',
      value: String(apart.count),
      note: apart.count === 0 ? 'with the contract' : `put right: ${apart.first.join('; ')}`,
      ...(apart.count > 0 && { state: 'warning' }),
    },
  ]
}

/**
 * @param {Positions['check']['full']} full
 * @param {string | undefined} stopped
 * @param {number} now
 */
function fullText(full, stopped, now) {
  if (stopped !== undefined) return `no more could be: ${stopped}`
  return full ? `all at once ${ago(now - full.at)}: ${full.why}` : 'in turn'
}
