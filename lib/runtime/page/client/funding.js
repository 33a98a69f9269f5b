import { byId, h, keep, mark, row, say, table } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { ago, clock, rate, span, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['funding'][number]} Funding
 * @typedef {Funding['markets'][number]} Market
 */

const columns = [
  { name: 'Market' },
  { name: 'Rate so far', numeric: true },
  { name: 'Settled last', numeric: true },
  { name: 'Owed', numeric: true },
]

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

/**
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showFunding({ funding, at }, elapsedMs) {
  byId('funding-none').hidden = funding.length > 0
  keep(byId('funding'), funding, {
    key: ({ engine }) => engine,
    create: ({ engine }) => {
      const { element, body } = table({ label: `Funding of ${engine}`, columns })
      const card = exchangeCard('Funding of', engine, element)
      bodies.set(card, body)
      return card
    },
    update: (card, one) => update(card, one, at + elapsedMs),
  })
}

/**
 * @param {Element} card
 * @param {Funding} funding
 * @param {number} now
 */
function update(card, funding, now) {
  const { late, newest, markets } = funding
  sayOf(card, {
    severity: late,
    badge: late === undefined ? '' : 'late',
    text: inShort(funding, now),
    hint: newest?.detail,
  })
  const body = bodies.get(card)
  if (!body) return
  keep(body, markets, {
    key: ({ market }) => market,
    create: () => {
      const line = row(columns)
      for (const place of [1, 2]) line.children[place]?.append(h('span'), h('small'))
      return line
    },
    update: (line, market) => updateMarket(line, market, { ...funding, now }),
  })
}

/**
 * @param {Funding} funding
 * @param {number} now
 */
function inShort({ epochSeconds, nextAt, settledAt, onItsWay, newest }, now) {
  const word = newest ? words(newest.reason) : 'no look at it yet'
  return [
    `an epoch is ${span(epochSeconds * 1000)}`,
    now < nextAt ? `the next begins in ${span(nextAt - now)}` : 'the next begins now',
    settledAt === undefined ? 'never settled yet' : `settled ${ago(now - settledAt)}`,
    onItsWay ? 'on its way' : word,
  ].join(' · ')
}

const yearSeconds = 365 * 86_400

/**
 * @param {Element} line
 * @param {Market} market
 * @param {{ epochSeconds: number, now: number }} epoch
 */
function updateMarket(line, { market, now: soFar, last, owedSeconds }, { epochSeconds, now }) {
  const [name, current, before, owed] = line.children
  if (!name || !current || !before || !owed) return
  say(name, market)
  both(current, {
    text: soFar ? rate(soFar.rate) : '–',
    small: soFar
      ? `${rate(String((Number(soFar.rate) * yearSeconds) / epochSeconds))} a year`
      : 'no sample yet',
    title: soFar && `${payer(soFar.rate)}; ${soFar.sampled} of ${soFar.slots} slots have a sample`,
  })
  both(before, {
    text: last ? rate(last.paid) : '–',
    small: last ? ago(now - last.at) : 'never',
    title:
      last &&
      `at ${clock(last.at)}: ${payer(last.paid)}; the rule’s rate for a whole epoch was ${rate(last.rate)}`,
  })
  say(owed, owedSeconds > 0 ? span(owedSeconds * 1000) : '–')
  mark(owed, 'title', owedSeconds > 0 ? 'paid for in later epochs' : 'nothing is owed')
}

/**
 * @param {Element} cell
 * @param {{ text: string, small: string, title: string | undefined }} what
 */
function both(cell, { text, small, title }) {
  const [main, below] = cell.children
  if (!main || !below) return
  say(main, text)
  say(below, small)
  mark(cell, 'title', title)
}

/** @param {string} fraction */
function payer(fraction) {
  const paid = Number(fraction)
  if (paid === 0) return 'nobody pays'
  return paid > 0 ? 'longs pay shorts' : 'shorts pay longs'
}
