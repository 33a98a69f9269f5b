import { byId, fill, h, keep, mark, row, say, table } from './dom.js'
import { clock, counted, date, short, span, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['lanes'][number]} Lane
 * @typedef {Lane['transactions'][number]} Transaction
 */

const columns = [
  { name: 'Decided' },
  { name: 'State' },
  { name: 'What' },
  { name: 'Nonce', numeric: true },
  { name: 'Hash' },
  { name: 'Took', numeric: true },
]

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

/**
 * One table per sending account.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showTransactions({ lanes, at }, elapsedMs) {
  keep(byId('transactions'), lanes, {
    key: ({ lane }) => lane,
    create: laneTable,
    update: (element, lane) => updateLane(element, lane, at + elapsedMs),
  })
}

/** @param {Lane} lane */
function laneTable({ lane, chain, account }) {
  const { element, body } = table({ label: `Transactions of ${lane}`, columns })
  const made = h(
    'div',
    { class: 'lane' },
    h(
      'p',
      { class: 'lane-head' },
      h('b', {}, chain),
      h('code', { title: account }, short(account)),
      h('span'),
    ),
    element,
    h('p', { class: 'empty' }, 'None yet.'),
  )
  bodies.set(made, body)
  return made
}

/**
 * @param {Element} element
 * @param {Lane} lane
 * @param {number} now
 */
function updateLane(element, { nextNonce, inFlight, transactions, deploying }, now) {
  const body = bodies.get(element)
  const head = element.querySelector('.lane-head span')
  if (!body || !head) return
  const nonce = nextNonce === undefined ? '' : ` · next nonce ${nextNonce}`
  const young = deploying ? `deploying the account, attempt ${deploying.attempts} · ` : ''
  say(head, `${young}${inFlight} in flight${nonce}`)
  element.classList.toggle('none', transactions.length === 0)
  keep(body, transactions, {
    key: ({ id }) => id,
    create: () => {
      const line = row(columns)
      line.children[1]?.append(h('span', { class: 'badge' }))
      line.children[2]?.append(h('span'), h('small'))
      line.children[4]?.append(h('code'))
      return line
    },
    update: (line, transaction) => update(line, transaction, now),
  })
}

/**
 * @param {Element} line
 * @param {Transaction} transaction
 * @param {number} now
 */
function update(line, transaction, now) {
  const { id, state, createdAt, nonce, hash, engine, round, markets, failed } = transaction
  fill(line, [
    clock(createdAt),
    undefined,
    undefined,
    nonce === undefined ? '' : String(nonce),
    undefined,
    took(transaction, now),
  ])
  mark(line, 'title', `${id}, decided ${date(createdAt)}`)
  const badge = line.querySelector('.badge')
  const what = line.querySelector('td span:not(.badge)')
  const small = line.querySelector('small')
  const code = line.querySelector('code')
  if (!badge || !what || !small || !code) return
  mark(badge, 'data-state', state)
  say(badge, failed ? failed.why : state)
  say(what, `${counted(markets.length, 'price')} to ${engine}`)
  mark(what, 'title', markets.join(', '))
  say(small, failed ? failed.reason : detail(transaction, round))
  say(code, hash === undefined ? '' : short(hash))
  mark(code, 'title', hash)
}

/**
 * @param {Transaction} transaction
 * @param {number} round
 */
function detail({ action, block, attempts }, round) {
  return [
    `${words(action)}, round ${round}`,
    ...(block === undefined ? [] : [`block ${block.toLocaleString('en')}`]),
    ...(attempts !== undefined && attempts > 1 ? [`attempt ${attempts}`] : []),
  ].join(' · ')
}

/**
 * From decided to in a block; while that is not so, how long it has been.
 *
 * @param {Transaction} transaction
 * @param {number} now
 */
function took({ state, createdAt, includedAt }, now) {
  if (includedAt !== undefined) return span(includedAt - createdAt)
  return state === 'failed' ? '' : `${span(now - createdAt)} so far`
}
