import { byId, h, keep, mark, row, say, sayBoth, table } from './dom.js'
import { ago, date, lasting } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['watched'][number]['changes'][number] & { system: string }} Change
 */

const columns = [
  { name: 'When' },
  { name: 'System' },
  { name: 'What changes' },
  { name: 'It touches' },
  { name: 'State' },
]

/** What a keeper reckons with: whoever changes it changes what is due. */
const keen = /^(?:margin|oracle|liquidation|funding|prices|markets?|market:.*|asset:.*)$/

/** @type {HTMLTableSectionElement | undefined} */
let body

/**
 * What changes on any watched system, the next first; then what took effect, the newest first.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showCalendar({ watched, at }, elapsedMs) {
  const all = watched.flatMap(({ system, changes }) =>
    changes.map((change) => ({ ...change, system })),
  )
  byId('calendar-section').hidden = all.length === 0
  if (!body) {
    const made = table({ label: 'Governance calendar', columns })
    made.element.classList.add('stacked', 'calendar')
    byId('calendar').append(made.element)
    body = made.body
  }
  keep(body, inOrder(all), {
    key: ({ system, id }) => `${system} ${id}`,
    create,
    update: (line, change) => update(line, change, at + elapsedMs),
  })
}

/** @param {readonly Change[]} changes */
function inOrder(changes) {
  const ahead = changes.filter((change) => !isOver(change))
  const over = changes.filter(isOver)
  return [
    ...ahead.toSorted((one, other) => order(one.effectiveAt, other.effectiveAt)),
    ...over.toSorted((one, other) => order(other.tookEffect?.at, one.tookEffect?.at)),
  ]
}

/**
 * @param {number | undefined} one
 * @param {number | undefined} other
 */
function order(one = Infinity, other = Infinity) {
  return one === other ? 0 : one - other
}

/** @param {Change} change */
function isOver({ state }) {
  return state === 'done' || state === 'dropped'
}

/** @param {Change} change */
function create({ system }) {
  const line = row(columns)
  const [when, name, what, touches, state] = line.children
  when?.append(h('b'), h('small'))
  name?.append(system)
  what?.append(
    h('span'),
    h('small'),
    h('p', { class: 'compared' }),
    h('details', {}, h('summary', {}, 'as it is to be'), h('dl')),
  )
  touches?.append(h('ul', { class: 'touches' }))
  state?.append(h('span', { class: 'badge' }))
  return line
}

/**
 * @param {Element} line
 * @param {Change} change
 * @param {number} now
 */
function update(line, change, now) {
  const { title, kind, state, touches, announces, differs } = change
  const [when, , what, touched, badge] = line.children
  if (!when || !what || !touched || !badge) return
  mark(line, 'data-ended', isOver(change) ? '' : undefined)
  mark(line, 'data-severity', severityOf(change, now))
  sayBoth(when, ...whenTexts(change, now))
  sayBoth(what, title, kind)
  const [, , otherwise, more] = what.children
  if (otherwise) {
    mark(otherwise, 'data-state', differs === undefined ? undefined : 'critical')
    say(otherwise, comparison(change))
  }
  if (more instanceof HTMLElement) showAnnounced(more, Object.entries(announces))
  const [list] = touched.children
  if (list)
    keep(list, touches, {
      key: (one) => one,
      create: (one) => h('li', { 'data-keen': keen.test(one) ? '' : undefined }, one),
      update: () => {},
    })
  const [word] = badge.children
  if (word) say(word, differs === undefined ? state : 'differs')
}

/**
 * @param {HTMLElement} more
 * @param {readonly (readonly [string, string])[]} announced
 */
function showAnnounced(more, announced) {
  more.hidden = announced.length === 0
  const [, list] = more.children
  if (!list) return
  keep(list, announced, {
    key: ([name]) => name,
    create: ([name]) => h('div', {}, h('dt', {}, name), h('dd')),
    update: (item, [, value]) => {
      const [, shown] = item.children
      if (shown) say(shown, value)
    },
  })
}

/**
 * Whether what took effect is what was announced.
 *
 * @param {Change} change
 */
function comparison({ state, announces, differs, asAnnounced }) {
  if (differs !== undefined) return `not as announced: ${differs}`
  if (asAnnounced === true) return 'as announced'
  const saysWhat = state === 'done' && Object.keys(announces).length > 0
  return saysWhat ? 'whether it is as announced cannot be seen' : ''
}

const dayMs = 24 * 3_600_000

/**
 * @param {Change} change
 * @param {number} now
 */
function severityOf({ state, effectiveAt, differs }, now) {
  if (differs !== undefined) return 'critical'
  if (state === 'done') return 'resolved'
  if (state === 'dropped' || effectiveAt === undefined) return 'pending'
  return effectiveAt - now <= dayMs && effectiveAt > now ? 'warning' : 'info'
}

/**
 * The countdown, and the time in UTC.
 *
 * @param {Change} change
 * @param {number} now
 * @returns {[string, string]}
 */
function whenTexts({ state, effectiveAt, tookEffect }, now) {
  if (state === 'done') {
    if (!tookEffect) return ['done', '']
    const sure = tookEffect.isEarliest ? ' at the earliest' : ''
    return [ago(now - tookEffect.at), `${date(tookEffect.at)}${sure}`]
  }
  if (state === 'dropped') return ['dropped', '']
  if (effectiveAt === undefined) return ['–', 'nobody can tell yet']
  const sure = state === 'decided' ? '' : ' at the earliest'
  return effectiveAt > now
    ? [`in ${lasting(effectiveAt - now)}`, `${date(effectiveAt)}${sure}`]
    : ['at any time', `since ${date(effectiveAt)}`]
}
