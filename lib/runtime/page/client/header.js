import { byId, keep, h, mark, say } from './dom.js'
import { ago, clock } from './format.js'

/** @typedef {import('../../view/network-view.ts').NetworkView} NetworkView */

/**
 * @param {NetworkView} view
 * @param {{ elapsedMs: number, problem: string | undefined }} now
 */
export function showHeader({ network, overall, at }, { elapsedMs, problem }) {
  document.title = `${overall.state === 'ok' ? '' : '● '}${network} · Starkeep`
  say(byId('network'), network)
  const state = byId('overall')
  mark(state, 'data-state', overall.state)
  say(state, overall.text)
  const connection = byId('connection')
  mark(connection, 'data-state', problem === undefined ? 'live' : 'lost')
  mark(connection, 'title', `read at ${clock(at)}`)
  say(connection, problem === undefined && elapsedMs < 10_000 ? 'live' : `as of ${ago(elapsedMs)}`)
}

/** @param {{ problem: string | undefined, problems: NetworkView['problems'] }} trouble */
export function showTrouble({ problem, problems }) {
  const box = byId('trouble')
  const texts = [
    ...(problem === undefined ? [] : [sentence(problem)]),
    ...problems.map(({ where, problem: why }) => `${sentence(where)}: ${why}`),
  ]
  box.hidden = texts.length === 0
  keep(box, texts, {
    key: (text) => text,
    create: (text) => h('p', {}, text),
    update: () => {},
  })
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
