import { h, keep, mark, say } from './dom.js'
import { date, span } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView['lanes'][number]} Lane
 * @typedef {{ key: string, severity: string, badge: string, what: string, why: string, since: number }} Trouble
 */

/**
 * What an account cannot pay, and what its pushes go without.
 *
 * @param {Element} list
 * @param {Lane} lane
 * @param {number} now
 */
export function showTroubles(list, lane, now) {
  keep(list, troublesOf(lane), {
    key: ({ key }) => key,
    create: () =>
      h(
        'li',
        {},
        h('span', { class: 'badge' }),
        h('b'),
        h('span', { class: 'why' }),
        h('span', { class: 'age' }),
      ),
    update(line, { severity, badge, what, why, since }) {
      mark(line, 'data-severity', severity)
      mark(line, 'title', `since ${date(since)}`)
      for (const [place, text] of [badge, what, why, `for ${span(now - since)}`].entries()) {
        const child = line.children[place]
        if (child) say(child, text)
      }
    },
  })
}

/**
 * @param {Lane} lane
 * @returns {readonly Trouble[]}
 */
function troublesOf({ refused, noFunds }) {
  const poor = noFunds && {
    key: 'money',
    severity: 'critical',
    badge: 'cannot pay',
    what: '',
    why: `it needs ${noFunds.need} of the fee token’s smallest unit`,
    since: noFunds.since,
  }
  const without = refused.map(({ engine, market, reason, since }) => ({
    key: `${engine} ${market}`,
    severity: 'warning',
    badge: 'left out',
    what: `${market} on ${engine}`,
    why: reason,
    since,
  }))
  return [...(poor ? [poor] : []), ...without]
}
