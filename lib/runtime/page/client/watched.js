import { byId, h, keep, mark, say } from './dom.js'
import { exchangeCard, sayOf } from './exchange-card.js'
import { figureList, showFigures } from './figures.js'
import { ago, counted, lasting, span, words } from './format.js'
import { deadlineList, showDeadlines } from './watched-deadlines.js'
import { progressList, showProgress } from './watched-progress.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['watched'][number]} Watched
 * @typedef {Watched['chains'][number]} Chain
 * @typedef {{ key: string, kind: string, name: string, block: string, age: string, usual: string, state: string | undefined }} Head
 * @typedef {{ why: Element, heads: Element, progress: Element, levels: Element, deadlines: Element, unseen: Element }} Parts
 */

/** @type {WeakMap<Element, Parts>} */
const partsOf = new WeakMap()

/**
 * A card for each system that is only watched: whether it goes on, and how.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showWatched({ watched, at }, elapsedMs) {
  byId('watched-section').hidden = watched.length === 0
  keep(byId('watched'), watched, {
    key: ({ system }) => system,
    create({ system }) {
      const parts = {
        why: h('p', { class: 'why' }),
        heads: h('ul', { class: 'heads', 'aria-label': `Blocks of ${system}` }),
        progress: progressList(system),
        levels: figureList(`Levels of ${system}`),
        deadlines: deadlineList(system),
        unseen: h('ul', { class: 'not-seen', 'aria-label': `What of ${system} is not seen` }),
      }
      const card = exchangeCard('Watched', system, ...Object.values(parts))
      card.classList.add('watched')
      partsOf.set(card, parts)
      return card
    },
    update: (card, system) => update(card, system, { now: at + elapsedMs, elapsedMs }),
  })
}

const badges = { up: 'up', warning: 'warning', critical: 'critical', unknown: 'not known' }
const severities = { up: 'resolved', warning: 'warning', critical: 'critical', unknown: 'pending' }

/**
 * @param {Element} card
 * @param {Watched} system
 * @param {{ now: number, elapsedMs: number }} time
 */
function update(card, system, { now, elapsedMs }) {
  const parts = partsOf.get(card)
  if (!parts) return
  const { kind, lookedAt, state, why, alerts, marks } = system
  sayOf(card, {
    severity: severities[state],
    badge: badges[state],
    text: [
      words(kind),
      ...(marks.length === 0 ? [] : [`${counted(marks.length, 'mark')}, see below`]),
      ...(lookedAt === undefined ? [] : [`looked at ${ago(now - lookedAt)}`]),
    ].join(' · '),
  })
  say(parts.why, alerts > 1 ? `${why} (and ${alerts - 1} more)` : why)
  showHeads(parts.heads, system.chains, elapsedMs)
  showProgress(parts.progress, system.progress, elapsedMs)
  showFigures(parts.levels, levelFigures(system.levels))
  showDeadlines(parts.deadlines, system.deadlines, now)
  keep(parts.unseen, system.unseen, {
    key: ({ part }) => part,
    create: () => h('li'),
    update: (item, { part, since, reason }) =>
      say(item, `${part} not seen for ${lasting(now - since)}: ${reason}`),
  })
}

/**
 * The newest block of each chain, then what each place that was asked has.
 *
 * @param {Element} list
 * @param {readonly Chain[]} chains
 * @param {number} elapsedMs
 */
function showHeads(list, chains, elapsedMs) {
  const heads = chains.flatMap((chain) => [
    chainHead(chain, elapsedMs),
    // One place is the chain itself, as long as it answers.
    ...(isOnePlace(chain) ? [] : chain.places.map((place) => placeHead(chain, place, elapsedMs))),
  ])
  keep(list, heads, {
    key: ({ key }) => key,
    create: ({ kind }) =>
      h('li', { class: kind }, h('b'), h('span'), h('span', { class: 'age' }), h('small')),
    update(item, { name, block, age, usual, state }) {
      mark(item, 'data-state', state)
      for (const [place, text] of [name, block, age, usual].entries()) {
        const child = item.children[place]
        if (child) say(child, text)
      }
    },
  })
}

/**
 * @param {Chain} seen
 * @param {number} elapsedMs
 * @returns {Head}
 */
function chainHead(seen, elapsedMs) {
  const { chain, number, ageMs, usualMs, warnMs, late, places } = seen
  const at = isOnePlace(seen) ? `, at ${places[0]?.place}` : ''
  const pace =
    usualMs === undefined
      ? 'no pace known yet'
      : `a block every ${span(usualMs).replace('.0 s', ' s')}`
  return {
    key: chain,
    kind: 'chain',
    name: chain,
    block: number === undefined ? 'no block seen' : `block ${number.toLocaleString('en')}`,
    age: ageMs === undefined ? '' : ago(ageMs + elapsedMs),
    usual: `${pace}, told after ${lasting(warnMs)}${at}`,
    state: late ? 'late' : undefined,
  }
}

/** @param {Chain} chain */
function isOnePlace({ places }) {
  return places.length === 1 && places[0]?.trouble === undefined
}

/**
 * @param {Chain} chain
 * @param {Chain['places'][number]} place
 * @param {number} elapsedMs
 * @returns {Head}
 */
function placeHead({ chain, number: newest }, { place, number, ageMs, trouble }, elapsedMs) {
  const behind = newest === undefined || number === undefined ? 0 : newest - number
  const apart = behind === 0 ? '' : `, ${behind.toLocaleString('en')} behind`
  return {
    key: `${chain} ${place}`,
    kind: 'place',
    name: place,
    block: number === undefined ? '–' : `${number.toLocaleString('en')}${apart}`,
    age: ageMs === undefined ? '' : ago(ageMs + elapsedMs),
    usual: trouble === undefined ? '' : `no answer: ${trouble}`,
    state: trouble === undefined ? undefined : 'trouble',
  }
}

/** More of one kind than these are too many to read. */
const mostLevels = 4

/**
 * Levels of one kind are `funding-index:BTC-6` and the like: of many only those out of bounds are shown one by one.
 *
 * @param {Watched['levels']} levels
 */
function levelFigures(levels) {
  const kinds = Map.groupBy(levels, ({ name }) => name.split(':')[0] ?? name)
  return [...kinds].flatMap(([kind, some]) => {
    if (some.length <= mostLevels) return some.map(levelFigure)
    const within = some.filter(({ out }) => !out).length
    return [
      ...some.filter(({ out }) => out).map(levelFigure),
      { name: words(kind), value: `${within} markets`, note: 'within bounds' },
    ]
  })
}

/**
 * @param {Watched['levels'][number]} level
 * @returns {import('./figures.js').Figure}
 */
function levelFigure({ name, value, unit, floor, ceiling, out }) {
  const size = (/** @type {number} */ bound) =>
    unit === 's' ? lasting(bound * 1000) : bound.toLocaleString('en')
  const bounds = [
    ...(floor === undefined ? [] : [`at least ${size(floor)}`]),
    ...(ceiling === undefined ? [] : [`at most ${size(ceiling)}`]),
  ]
  return {
    name: words(name),
    value: unit === 's' ? size(value) : `${size(value)} ${unit}`,
    note: bounds.join(', '),
    ...(out && { state: /** @type {const} */ ('warning') }),
  }
}
