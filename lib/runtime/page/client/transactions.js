import { byId, fill, h, keep, mark, row, say, table } from './dom.js'
import { clock, counted, date, short, span, words } from './format.js'
import { laneCosts, showCosts } from './lane-costs.js'
import { showTroubles } from './lane-troubles.js'

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
    laneCosts(lane),
    h('ul', { class: 'troubles', 'aria-label': `Troubles of ${lane}` }),
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
function updateLane(element, lane, now) {
  const { nextNonce, inFlight, transactions, deploying } = lane
  const body = bodies.get(element)
  const head = element.querySelector('.lane-head span')
  const troubles = element.querySelector('.troubles')
  /** @type {HTMLElement | null} */
  const costs = element.querySelector('.costs')
  if (!body || !head || !troubles || !costs) return
  showTroubles(troubles, lane, now)
  showCosts(costs, lane.costs)
  const nonce = nextNonce === undefined ? '' : ` · next nonce ${nextNonce}`
  const young = deploying ? `deploying the account, attempt ${deploying.attempts} · ` : ''
  say(head, `${young}${inFlight} in flight${nonce}`)
  element.classList.toggle('none', transactions.length === 0)
  keep(body, transactions, {
    key: ({ id }) => id,
    create: () => {
      const line = row(columns)
      line.children[1]?.append(h('span', { class: 'badge' }))
      line.children[2]?.append(h('span'), h('small'), h('small', { class: 'without' }))
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
  const { id, state, createdAt, nonce, hash, engine, round, failed } = transaction
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
  const without = line.querySelector('.without')
  const code = line.querySelector('code')
  if (!badge || !what || !small || !without || !code) return
  mark(badge, 'data-state', state)
  say(badge, failed ? failed.why : state)
  const carried = carriedBy(transaction)
  say(what, `${told(transaction.action, carried.length)} to ${engine}`)
  mark(what, 'title', carried.join(', '))
  say(small, failed ? failed.reason : detail(transaction, round))
  say(without, withoutText(transaction))
  say(code, hash === undefined ? '' : short(hash))
  mark(code, 'title', hash)
}

/**
 * @param {string} action
 * @param {number} count
 */
function told(action, count) {
  switch (action) {
    case 'settle-funding':
      return `funding of ${counted(count, 'market')}`
    case 'update-exchange-time':
      return 'the exchange’s time'
    case 'apply-interests':
      return `interest of ${counted(count, 'position')}`
    case 'liquidate':
      return counted(count, 'liquidation')
    case 'deleverage':
      return `${counted(count, 'position')} deleveraged`
    case 'settle-batch':
      return 'a batch'
    case 'tell-uptime':
      return 'a chain’s uptime'
    default:
      return counted(count, 'price')
  }
}

/**
 * What its transaction tells. One that failed may have gone without everything, and is known by what it was to tell.
 *
 * @param {Transaction} transaction
 */
function carriedBy({ markets, left }) {
  const carried = markets.filter((market) => !left.some((one) => one.market === market))
  return carried.length === 0 ? markets : carried
}

/**
 * Markets with one reason stand together. Where that is why all of it failed, it has been said.
 *
 * @param {Transaction} transaction
 */
function withoutText({ markets, left }) {
  const byReason = Map.groupBy(left, ({ reason }) => reason)
  const isAll = byReason.size === 1 && left.length === markets.length
  if (left.length === 0 || isAll) return ''
  const parts = [...byReason].map(
    ([reason, all]) => `${all.map(({ market }) => market).join(', ')} (${reason})`,
  )
  return `without ${parts.join(', ')}`
}

/**
 * @param {Transaction} transaction
 * @param {number} round
 */
function detail({ action, block, attempts }, round) {
  return [
    `${words(action)}, ${roundWord(action)} ${round}`,
    ...(block === undefined ? [] : [`block ${block.toLocaleString('en')}`]),
    ...(attempts !== undefined && attempts > 1 ? [`attempt ${attempts}`] : []),
  ].join(' · ')
}

/** @param {string} action */
function roundWord(action) {
  if (action === 'push-prices') return 'round'
  if (action === 'tell-uptime') return 'as of'
  return action === 'settle-funding' ? 'epoch' : 'slot'
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
