import { fill, h, keep, mark, row, say, table } from './dom.js'
import { clock, date, short, span, usd, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView['liquidation'][number]} Liquidation
 * @typedef {Liquidation['attempts'][number]} Attempt
 */

const columns = [
  { name: 'When' },
  { name: 'Outcome' },
  { name: 'Account' },
  { name: 'Notional', numeric: true },
  { name: 'Reward', numeric: true },
  { name: 'Took', numeric: true },
]

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

/**
 * A table of the last liquidations, and the words for none.
 *
 * @param {string} engine
 */
export function attemptTable(engine) {
  const { element, body } = table({ label: `Last liquidations on ${engine}`, columns })
  bodies.set(element, body)
  return [element, h('p', { class: 'empty' }, 'Nobody was liquidated in the last days.')]
}

/**
 * @param {Element} card
 * @param {readonly Attempt[]} attempts
 */
export function showAttempts(card, attempts) {
  const element = card.querySelector('.scroll')
  const body = element && bodies.get(element)
  if (!body) return
  card.classList.toggle('none', attempts.length === 0)
  keep(body, attempts, {
    key: ({ key }) => key,
    create: () => {
      const line = row(columns)
      line.children[1]?.append(h('span', { class: 'badge' }), h('small'))
      line.children[2]?.append(h('code'), h('small'))
      line.children[4]?.append(h('span'), h('small'))
      line.children[5]?.append(h('span'), h('small'))
      return line
    },
    update,
  })
}

/**
 * @param {Element} line
 * @param {Attempt} attempt
 */
function update(line, { at, account, market, outcome, why, notional, reward, cover, stages }) {
  fill(line, [clock(at), undefined, undefined, notional === undefined ? '' : usd(notional)])
  mark(line, 'title', date(at))
  const [, first, second, , fourth, fifth] = line.children
  const badge = first?.children[0]
  if (!badge) return
  mark(badge, 'data-state', badgeStates[outcome])
  say(badge, outcome === 'included' ? 'in a block' : outcome)
  two(first, undefined, outcome === 'missed' ? words(why) : why)
  two(second, short(account), market)
  mark(second?.children[0] ?? line, 'title', account)
  two(fourth, rewardText(outcome, reward), coverText(outcome, cover))
  two(fifth, stages.allMs === undefined ? '' : span(stages.allMs), stagesText(stages))
}

/**
 * @param {Element | undefined} cell
 * @param {string | undefined} main undefined leaves it as it is
 * @param {string} small
 */
function two(cell, main, small) {
  const [first, second] = cell?.children ?? []
  if (!first || !second) return
  if (main !== undefined) say(first, main)
  say(second, small)
}

/** @type {Readonly<Record<Attempt['outcome'], string>>} */
const badgeStates = {
  waiting: 'quiet',
  signed: 'signed',
  sent: 'sent',
  included: 'included',
  won: 'settled',
  missed: 'quiet',
  superseded: 'quiet',
  lost: 'failed',
  reverted: 'failed',
  expired: 'failed',
  refused: 'failed',
}

/**
 * What the reward is to us, by how it ended.
 *
 * @type {Readonly<Record<Attempt['outcome'], string>>}
 */
const rewardWords = {
  waiting: ' expected',
  signed: ' expected',
  sent: ' expected',
  included: ' expected',
  won: '',
  missed: ' to others',
  superseded: ' not had',
  lost: ' not had',
  reverted: ' not had',
  expired: ' not had',
  refused: ' not had',
}

/**
 * @param {Attempt['outcome']} outcome
 * @param {string | undefined} reward
 */
function rewardText(outcome, reward) {
  if (reward === undefined) return 'unknown'
  const isMine = outcome === 'won' || Number(reward) > 0
  return isMine ? `${usd(reward)}${rewardWords[outcome]}` : ''
}

/**
 * @param {Attempt['outcome']} outcome
 * @param {string} cover
 */
function coverText(outcome, cover) {
  if (Number(cover) <= 0 || badgeStates[outcome] === 'failed' || outcome === 'superseded') return ''
  return `the fund ${outcome === 'won' || outcome === 'missed' ? 'paid' : 'pays'} ${usd(cover)}`
}

/**
 * How long each part of the way took, as far as it is known.
 *
 * @param {Attempt['stages']} stages
 */
export function stagesText({ signMs, sendMs, blockMs }) {
  return [stage('sign', signMs), stage('send', sendMs), stage('block', blockMs)]
    .filter((text) => text !== '')
    .join(' · ')
}

/**
 * @param {string} what
 * @param {number | undefined} ms
 */
function stage(what, ms) {
  return ms === undefined ? '' : `${what} ${span(ms)}`
}
