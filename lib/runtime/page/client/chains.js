import { byId, h, keep, mark, say } from './dom.js'
import { ago, counted, date, lasting, short } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {{ key: string, title: string, kind: string, main: string, state: string, rest: string, hint: string, word?: Word }} Tile
 * @typedef {{ state: string, text: string, hint: string, reason: string }} Word
 */

/**
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showChains({ chains, engines, at }, elapsedMs) {
  const tiles = [
    ...chains.map((chain) => ({
      ...chainTile(chain, elapsedMs),
      ...wordOf(chain, at + elapsedMs),
    })),
    ...engines.map((engine) => engineTile(engine, at + elapsedMs)),
  ]
  keep(byId('chains'), tiles, {
    key: ({ key }) => key,
    create: () =>
      h(
        'div',
        { class: 'tile' },
        h('div', { class: 'tile-head' }, h('h3'), h('span', { class: 'badge' })),
        h('span', { class: 'kind' }),
        h('p', { class: 'main' }),
        h('p', { class: 'rest' }),
        h('p', { class: 'rest' }),
      ),
    update(element, { title, kind, main, state, rest, hint, word }) {
      mark(element, 'data-state', state)
      mark(element, 'title', hint)
      const [head] = element.children
      if (head) showWord(head, title, word)
      for (const [place, text] of [kind, main, rest, word?.reason ?? ''].entries()) {
        const child = element.children[place + 1]
        if (child) say(child, text)
      }
    },
  })
}

/**
 * @param {Element} head
 * @param {string} title
 * @param {Word | undefined} word
 */
function showWord(head, title, word) {
  const [name, badge] = head.children
  if (!name || !(badge instanceof HTMLElement)) return
  say(name, title)
  badge.hidden = word === undefined
  mark(badge, 'data-state', word?.state)
  mark(badge, 'title', word?.hint)
  say(badge, word?.text ?? '')
}

/**
 * What the watch says of a chain: whether it can be relied on, and since when.
 *
 * @param {NetworkView['chains'][number]} chain
 * @param {number} now
 * @returns {{ word?: Word }}
 */
function wordOf({ uptime }, now) {
  if (!uptime) return {}
  const { state, since, reason } = uptime
  const hint = `since ${date(since)}, by the watch`
  return { word: { state, text: `${state} for ${lasting(now - since)}`, hint, reason } }
}

/**
 * @param {NetworkView['chains'][number]} chain
 * @param {number} elapsedMs
 * @returns {Tile}
 */
function chainTile(
  { chain, kind, head, error, blockSeconds, stalledAfterMs, nodes, seenAt },
  elapsedMs,
) {
  const tile = {
    key: `chain ${chain}`,
    title: chain,
    kind,
    hint: [rhythm(kind, blockSeconds), ...nodes.map(nodeText)].join('\n'),
  }
  if (error !== undefined) return { ...tile, state: 'critical', main: 'unreachable', rest: error }
  if (!head)
    return {
      ...tile,
      state: 'quiet',
      main: '–',
      rest: seenAt ? 'no block seen' : 'not looked at yet',
    }
  const ageMs = head.ageMs + elapsedMs
  return {
    ...tile,
    // The watch looks only now and then: what it saw may be as old as its last look.
    state: ageMs - lookMs(seenAt, head.at, ageMs) > stalledAfterMs ? 'critical' : 'ok',
    main: heightText(kind, head.number),
    rest: `${ago(ageMs)}${nodesText(nodes)}`,
  }
}

/**
 * @param {string} kind
 * @param {number} blockSeconds
 */
function rhythm(kind, blockSeconds) {
  return kind === 'starkex' ? 'a StarkEx gateway' : `a block every ${blockSeconds} s`
}

/**
 * A gateway makes no blocks that people could ask it for: it counts its transactions.
 *
 * @param {string} kind
 * @param {number} height
 */
function heightText(kind, height) {
  return kind === 'starkex'
    ? counted(height, 'transaction')
    : `block ${height.toLocaleString('en')}`
}

/** @param {NetworkView['chains'][number]['nodes']} nodes */
function nodesText(nodes) {
  if (nodes.length < 2) return ''
  const healthy = nodes.filter(({ state }) => state === 'healthy').length
  return ` · ${healthy} of ${nodes.length} nodes`
}

/** @param {NetworkView['chains'][number]['nodes'][number]} node */
function nodeText({ node, state, why, latencyMs }) {
  const took = latencyMs === undefined ? '' : `, ${latencyMs} ms`
  return `${node}: ${state}${took}${why === '' ? '' : `, ${why}`}`
}

/**
 * How much of a head's age passed since the watch looked.
 *
 * @param {number | undefined} seenAt
 * @param {number} headAt
 * @param {number} ageMs
 */
function lookMs(seenAt, headAt, ageMs) {
  return seenAt === undefined ? 0 : Math.max(0, headAt + ageMs - seenAt)
}

/**
 * @param {NetworkView['engines'][number]} engine
 * @param {number} now
 * @returns {Tile}
 */
function engineTile({ engine, kind, chain, address, paused, error, seenAt }, now) {
  const tile = { key: `engine ${engine}`, title: engine, kind, hint: address }
  if (error !== undefined) return { ...tile, state: 'critical', main: 'no answer', rest: error }
  if (seenAt === undefined) return { ...tile, state: 'quiet', main: '–', rest: 'not looked at yet' }
  return {
    ...tile,
    state: paused ? 'warning' : 'ok',
    main: paused ? 'paused' : 'running',
    rest: `${short(address)} on ${chain} · looked at ${ago(now - seenAt)}`,
  }
}
