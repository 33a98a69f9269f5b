import { byId, fill, h, keep, mark, row, say, sayBoth, table } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { ago, counted, date, short, span, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['proving'][number]} Lane
 * @typedef {Lane['onTheWay'][number]} Batch
 */

const columns = [
  { name: 'Batch' },
  { name: 'Way' },
  { name: 'In it for', numeric: true },
  { name: 'Deadline', numeric: true },
  { name: 'Prover' },
  { name: 'Fact, transaction' },
  { name: 'Why it waits' },
]

/** From planned to final. */
const steps = 10

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

/**
 * One table per proving lane: batches on their way, then those that ended last.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showBatches({ proving, at }, elapsedMs) {
  byId('batches-section').hidden = proving.length === 0
  keep(byId('batches'), proving, {
    key: ({ lane }) => lane,
    create({ lane }) {
      const { element, body } = table({ label: `Batches of the lane ${lane}`, columns })
      element.classList.add('batches')
      const none = h('p', { class: 'empty' }, 'No batch was closed yet.')
      const made = exchangeCard('Batches of', lane, element, none)
      bodies.set(made, body)
      return made
    },
    update: (card, lane) => updateLane(card, lane, at + elapsedMs),
  })
}

/**
 * @param {Element} card
 * @param {Lane} lane
 * @param {number} now
 */
function updateLane(card, lane, now) {
  const { onTheWay, ended, hold, suspect, stranded } = lane
  const body = bodies.get(card)
  if (!body) return
  sayOf(card, {
    text: laneText(lane, now),
    ...(suspect && { severity: 'critical', badge: 'suspect' }),
    ...(!suspect && hold && { severity: 'warning', badge: 'held' }),
    ...(stranded !== undefined && { severity: 'critical', badge: 'stranded' }),
  })
  card.classList.toggle('none', onTheWay.length + ended.length === 0)
  keep(body, [...onTheWay, ...ended], {
    key: ({ number }) => String(number),
    create: () => {
      const line = row(columns)
      const [batch, way, , left, prover, hashes, why] = line.children
      batch?.append(h('span'), h('small'))
      way?.append(wayBar(), h('span', { class: 'badge' }))
      left?.append(h('span'), h('small'))
      prover?.append(h('span'), h('small'))
      hashes?.append(h('code'), h('small'))
      why?.append(h('span', { class: 'why' }), h('small'))
      return line
    },
    update: (line, batch) => updateBatch(line, batch, now),
  })
}

/**
 * @param {Lane} lane
 * @param {number} now
 */
function laneText({ reach, onTheWay, more, hold, suspect, stranded, unsettledSince }, now) {
  if (!reach) return 'nothing was closed yet'
  const parts = [
    `${counted(onTheWay.length, 'batch', 'batches')} on the way`,
    ...(more > 0 ? [`${more} more behind them`] : []),
    ...(unsettledSince === undefined ? [] : [`unsettled for ${span(now - unsettledSince)}`]),
    ...(suspect ? [`a prover refused batch ${suspect.batch}: ${suspect.reason}`] : []),
    ...(stranded === undefined ? [] : [stranded]),
    ...(hold ? [heldText(hold, now)] : []),
  ]
  return parts.join(' · ')
}

/**
 * @param {NonNullable<Batch['hold']>} hold
 * @param {number} now
 */
function heldText({ by, reason, at }, now) {
  return `held by ${by} for ${span(now - at)}: ${reason}`
}

function wayBar() {
  return h('ol', { class: 'way' }, ...Array.from({ length: steps }, () => h('li')))
}

/**
 * @param {Element} line
 * @param {Batch} batch
 * @param {number} now
 */
function updateBatch(line, batch, now) {
  const { number, name, size, state, since, prover, fact, transaction, closedAt } = batch
  const [first, way, , left, by, hashes, why] = line.children
  if (!first || !way || !left || !by || !hashes || !why) return
  const isEnded = state === 'finalized' || state === 'superseded'
  mark(line, 'data-severity', severityOf(batch))
  mark(line, 'data-ended', isEnded ? '' : undefined)
  mark(line, 'title', `closed ${date(closedAt)}, in this state since ${date(since)}`)
  sayBoth(first, String(number), `${name} · ${counted(size, 'transition')}`)
  showWay(way, batch)
  fill(line, [undefined, undefined, isEnded ? ago(now - since) : span(now - since)])
  showLeft(left, batch, now)
  sayBoth(by, prover?.name ?? '', stageText(prover?.stage ?? ''))
  sayBoth(hashes, fact ? short(fact) : '', transaction ? `in ${short(transaction)}` : '')
  mark(hashes, 'title', [fact, transaction].filter((hash) => hash !== undefined).join(' '))
  sayBoth(why, whyText(batch, now), batch.trouble ? troubleText(batch.trouble, now) : '')
}

/**
 * A prover's own word, such as `PROOF_GENERATION`.
 *
 * @param {string} stage
 */
function stageText(stage) {
  return words(stage.replaceAll('_', '-').toLowerCase())
}

/**
 * @param {Element} cell
 * @param {Batch} batch
 */
function showWay(cell, { state, step, hold }) {
  const [bar, badge] = cell.children
  if (!bar || !badge) return
  mark(bar, 'aria-label', `step ${step + 1} of ${steps}`)
  for (const [place, item] of [...bar.children].entries())
    mark(item, 'data-at', place < step ? 'done' : place === step ? 'here' : undefined)
  say(badge, hold ? `${words(state)}, held` : words(state))
}

/** @param {Batch} batch */
function severityOf({ state, hold }) {
  if (state === 'needs-human') return 'critical'
  if (hold || state.startsWith('held')) return 'warning'
  if (state === 'superseded') return 'pending'
  return state === 'finalized' || state === 'settled' ? 'resolved' : 'info'
}

/**
 * Until the state must be left, and until the contract takes it no more.
 *
 * @param {Element} cell
 * @param {Batch} batch
 * @param {number} now
 */
function showLeft(cell, { deadline, settleBefore, closedAt, state }, now) {
  const [own, contract] = cell.children
  if (!own || !contract) return
  say(own, deadline ? leftText(deadline.at - now) : '')
  mark(own, 'data-state', deadline && urgency(1 - (deadline.at - now) / deadline.ofMs, 0.5, 1))
  const isOver = state === 'settled' || state === 'finalized' || state === 'superseded'
  const before = isOver ? undefined : settleBefore
  say(contract, before === undefined ? '' : `contract: ${leftText(before - now)}`)
  const used = before === undefined ? 0 : (now - closedAt) / Math.max(1, before - closedAt)
  mark(contract, 'data-state', urgency(used, 0.5, 0.8))
}

/**
 * @param {number} used the share that is gone
 * @param {number} warnAt
 * @param {number} pageAt
 */
function urgency(used, warnAt, pageAt) {
  if (used >= pageAt) return 'critical'
  return used >= warnAt ? 'warning' : undefined
}

/** @param {number} ms */
function leftText(ms) {
  return ms >= 0 ? `${span(ms)} left` : `${span(-ms)} over`
}

/**
 * @param {Batch} batch
 * @param {number} now
 */
function whyText({ waitsFor, hold }, now) {
  return [
    ...(waitsFor === undefined ? [] : [waitsFor]),
    ...(hold ? [heldText(hold, now)] : []),
  ].join(' · ')
}

/**
 * @param {NonNullable<Batch['trouble']>} trouble
 * @param {number} now
 */
function troubleText({ at, text }, now) {
  return `${text} (${ago(now - at)})`
}
