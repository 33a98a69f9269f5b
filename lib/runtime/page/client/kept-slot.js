import { h } from './dom.js'
import { clock, counted, date, price, short, words } from './format.js'

/**
 * @typedef {import('./studio-data.js').SlotView} SlotView
 * @typedef {SlotView['own']} Decided
 * @typedef {NonNullable<Decided['feeds']>[number]} Feed
 * @typedef {NonNullable<Decided['offers']>[number]} Offer
 */

/**
 * One kept slot, and beside it what the second set decided, where one did.
 *
 * @param {SlotView} slot
 * @returns {Node[]}
 */
export function slotParts({ slot, at, parameters, code, own, shadow }) {
  return [
    h(
      'p',
      { class: 'under' },
      `slot ${slot} · ${date(at)} · parameters `,
      h('code', { title: parameters }, short(parameters)),
      ` · code ${code}`,
    ),
    h(
      'div',
      { class: 'two-sets' },
      decidedPart(shadow ? 'What was done' : 'What was decided', own, shadow),
      shadow
        ? decidedPart('What the second set decided', shadow, own, shadow.parameters)
        : h('p', { class: 'empty' }, 'No second set decided this slot.'),
    ),
  ]
}

/**
 * @param {string} title
 * @param {Decided} decided
 * @param {Decided | undefined} other
 * @param {string} [parameters]
 */
function decidedPart(title, { outcome, actions, feeds, offers }, other, parameters) {
  const done = actions.map(({ kind, count }) => `${words(kind)}${count > 1 ? ` × ${count}` : ''}`)
  return h(
    'section',
    { class: 'decided', 'aria-label': title },
    h('h3', {}, title),
    ...(parameters === undefined
      ? []
      : [
          h(
            'p',
            { class: 'under' },
            'parameters ',
            h('code', { title: parameters }, short(parameters)),
          ),
        ]),
    h(
      'p',
      {},
      h('span', { class: 'badge', 'data-state': badges[outcome.kind] ?? 'failed' }, outcome.kind),
      ` ${words(outcome.reason)}${outcome.detail === '' ? '' : `: ${outcome.detail}`}`,
    ),
    h('p', { class: 'under' }, done.length === 0 ? 'nothing to do' : done.join(', ')),
    ...(feeds ?? []).map((feed) => feedPart(feed, feedOf(other, feed))),
    ...(offers ? [offerList(offers, other?.offers)] : []),
  )
}

/** @type {Readonly<Record<string, string>>} */
const badges = { done: 'settled', refused: 'degraded', failed: 'failed' }

/**
 * @param {Decided | undefined} other
 * @param {Feed} feed
 */
function feedOf(other, { feed, role }) {
  return other?.feeds?.find((one) => one.feed === feed && one.role === role)
}

/**
 * @param {Feed} feed
 * @param {Feed | undefined} other
 */
function feedPart(feed, other) {
  const isOtherwise = other !== undefined && resultOf(other) !== resultOf(feed)
  const agree = feed.sources.filter(({ verdict }) => verdict === 'agrees').length
  return h(
    'details',
    { class: 'more', ...(isOtherwise && { 'data-otherwise': '' }) },
    h(
      'summary',
      {},
      h('b', {}, feed.feed),
      ` ${resultOf(feed)}`,
      h('small', {}, ` ${agree} of ${counted(feed.sources.length, 'source')} agree`),
    ),
    h(
      'ul',
      { class: 'left-out' },
      ...feed.sources.map(({ venue, instrument, price: said, verdict }) =>
        h(
          'li',
          { 'data-verdict': verdict },
          h('span', { class: 'dot' }),
          h('b', {}, `${venue} ${instrument}`),
          h(
            'span',
            { class: 'why' },
            `${said === undefined ? '' : `${price(said)} `}${words(verdict)}`,
          ),
        ),
      ),
    ),
  )
}

/** @param {Feed} feed */
function resultOf({ price: said, why = '' }) {
  return said === undefined ? why : price(said)
}

/**
 * @param {readonly Offer[]} offers
 * @param {readonly Offer[] | undefined} others
 */
function offerList(offers, others) {
  return h(
    'ul',
    { class: 'left-out', 'aria-label': 'Prices that could be told' },
    ...offers.map(({ market, price: said, observedAt, verdict, why }) => {
      const other = others?.find((one) => one.market === market)
      const isOtherwise = other !== undefined && other.verdict !== verdict
      return h(
        'li',
        { ...(isOtherwise && { 'data-otherwise': '' }) },
        h('b', {}, market),
        h(
          'span',
          { class: 'why' },
          [
            ...(said === undefined ? [] : [price(said)]),
            ...(observedAt === undefined ? [] : [`of ${clock(observedAt)}`]),
            why === '' ? words(verdict) : `${words(verdict)}, ${words(why)}`,
          ].join(' · '),
        ),
      )
    }),
  )
}
