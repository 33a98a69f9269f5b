import { h, mark, say } from './dom.js'

/**
 * A card of one exchange: its name, a line, and whatever belongs below.
 *
 * @param {string} label
 * @param {string} engine
 * @param {...Node} below
 */
export function exchangeCard(label, engine, ...below) {
  return h(
    'div',
    { class: 'exchange', role: 'group', 'aria-label': `${label} ${engine}` },
    h('p', { class: 'lane-head' }, h('b', {}, engine), h('span', { class: 'badge' }), h('span')),
    ...below,
  )
}

/**
 * @param {Element} card
 * @param {{ severity?: string | undefined, badge?: string, text: string, hint?: string | undefined }} line
 */
export function sayOf(card, { severity, badge = '', text, hint }) {
  const [, mark1, line] = card.querySelector('.lane-head')?.children ?? []
  if (!(mark1 instanceof HTMLElement) || !line) return
  mark(card, 'data-severity', severity)
  mark1.hidden = badge === ''
  say(mark1, badge)
  say(line, text)
  mark(line, 'title', hint)
}
