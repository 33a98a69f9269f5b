import { byId, fill, h, keep, mark, row, say, table } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { ago, clock, date, short, usd, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['liquidation'][number]['deleverage']} Deleverage
 */

const columns = [
  { name: 'When' },
  { name: 'State' },
  { name: 'Account' },
  { name: 'Against' },
  { name: 'Loss to them', numeric: true },
]

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

/**
 * Accounts with less than nothing that are closed against others.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showDeleverage({ liquidation, at }, elapsedMs) {
  byId('deleverage-section').hidden = liquidation.length === 0
  keep(byId('deleverage'), liquidation, {
    key: ({ engine }) => engine,
    create: ({ engine }) => {
      const { element, body } = table({ label: `Deleveraged on ${engine}`, columns })
      const none = h('p', { class: 'empty' }, 'Nobody was deleveraged in the last days.')
      const card = exchangeCard('Deleverage on', engine, element, none)
      bodies.set(card, body)
      return card
    },
    update: (card, { deleverage }) => update(card, deleverage, at + elapsedMs),
  })
}

/**
 * @param {Element} card
 * @param {Deleverage} deleverage
 * @param {number} now
 */
function update(card, { newest, parts }, now) {
  const isWrong = newest?.kind !== undefined && newest.kind !== 'done'
  sayOf(card, {
    severity: isWrong ? 'warning' : undefined,
    badge: isWrong ? newest.kind : '',
    text: newest
      ? `${words(newest.reason)} · ${newest.detail} · ${ago(now - newest.at)}`
      : 'nobody has looked yet',
  })
  card.classList.toggle('none', parts.length === 0)
  const body = bodies.get(card)
  if (!body) return
  keep(body, parts, {
    key: ({ key }) => key,
    create: () => {
      const line = row(columns)
      line.children[1]?.append(h('span', { class: 'badge' }), h('small'))
      line.children[2]?.append(h('code'), h('small'))
      line.children[3]?.append(h('code'))
      return line
    },
    update: updatePart,
  })
}

/**
 * @param {Element} line
 * @param {Deleverage['parts'][number]} part
 */
function updatePart(line, { at, state, why, account, counterparty, market, loss }) {
  fill(line, [
    clock(at),
    undefined,
    undefined,
    undefined,
    loss === undefined ? 'unknown' : usd(loss),
  ])
  mark(line, 'title', date(at))
  const [badge, reason] = line.children[1]?.children ?? []
  const [who, where] = line.children[2]?.children ?? []
  const [other] = line.children[3]?.children ?? []
  if (!badge || !reason || !who || !where || !other) return
  mark(badge, 'data-state', state === 'booked' ? 'settled' : state)
  say(badge, state === 'included' ? 'in a block' : state)
  say(reason, why)
  say(who, short(account))
  mark(who, 'title', account)
  say(where, market)
  say(other, short(counterparty))
  mark(other, 'title', counterparty)
}
