import { byId, h, keep, mark, say } from './dom.js'
import { ago, counted, date, span } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['incidents']['open'][number]} Incident
 */

/**
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showIncidents({ incidents, at }, elapsedMs) {
  const now = at + elapsedMs
  const list = byId('incidents')
  list.parentElement?.classList.toggle('quiet', incidents.open.length === 0)
  /** @type {(Incident | undefined)[]} */
  const open = incidents.open.length > 0 ? [...incidents.open] : [undefined]
  keep(list, open, {
    key: (incident) => incident?.key ?? 'none',
    create: () => item(),
    update: (element, incident) => {
      if (incident) update(element, incident, now)
      else say(element, 'Nothing is wrong.')
    },
  })
  const recent = byId('recent-incidents')
  recent.hidden = incidents.recent.length === 0
  const [summary, resolved] = recent.children
  if (!summary || !resolved) return
  say(summary, `Resolved before (${incidents.recent.length})`)
  keep(resolved, incidents.recent, {
    key: ({ key }) => key,
    create: () => item(),
    update: (element, incident) => update(element, incident, now),
  })
}

function item() {
  return h(
    'li',
    {},
    h('span', { class: 'badge' }),
    h(
      'div',
      { class: 'what' },
      h('span'),
      h('p', { class: 'said' }),
      h(
        'details',
        { class: 'more' },
        h('summary'),
        h('ul', { 'aria-label': 'What comes with it' }),
        h('ol', { 'aria-label': 'What happened' }),
      ),
    ),
    h('span', { class: 'when' }),
  )
}

/**
 * @param {Element} element
 * @param {Incident} incident
 * @param {number} now
 */
function update(element, incident, now) {
  const { state, severity, rule, subject, since, resolvedAt } = incident
  mark(
    element,
    'data-severity',
    state === 'resolved' ? 'resolved' : state === 'pending' ? 'pending' : severity,
  )
  mark(element, 'title', `${rule} of ${subject}, since ${date(since)}`)
  const [badge, what, when] = element.children
  if (!badge || !what || !when) return
  say(badge, state === 'open' ? severity : state)
  showWhat(what, incident)
  const lasted =
    resolvedAt === undefined
      ? `for ${span(now - since)}`
      : `${ago(now - resolvedAt)}, lasted ${span(resolvedAt - since)}`
  say(when, [lasted, ...told(incident)].join(' · '))
}

/**
 * @param {Element} what
 * @param {Incident} incident
 */
function showWhat(what, incident) {
  const [text, said, more] = what.children
  if (!text || !said || !(more instanceof HTMLElement)) return
  const { summary, symptoms, timeline } = incident
  say(text, summary)
  say(said, saidOf(incident).join(' · '))
  more.hidden = symptoms.length + timeline.length === 0
  const [label, comes, happened] = more.children
  if (!label || !comes || !happened) return
  say(
    label,
    [
      ...(symptoms.length > 0 ? [`with it ${symptoms.length} more`] : []),
      ...(timeline.length > 0 ? [counted(timeline.length, 'event')] : []),
    ].join(' · '),
  )
  keep(comes, symptoms, {
    key: (one) => `${one.rule} ${one.subject}`,
    create: () => h('li'),
    update: (line, one) => say(line, `with it ${one.rule}: ${one.summary}`),
  })
  // A line is never taken back: its place in the list names it.
  keep(happened, [...timeline.entries()], {
    key: ([place, { at }]) => `${place} ${at}`,
    create: ([, { at }]) => h('li', {}, h('time', {}, date(at)), h('span')),
    update: (line, [, entry]) => {
      const [, words] = line.children
      if (words) say(words, entry.what)
    },
  })
}

/**
 * What people said of it.
 *
 * @param {Incident} incident
 */
function saidOf({ acknowledged, silenced }) {
  return [
    ...(acknowledged
      ? [
          `acknowledged by ${acknowledged.by} until ${date(acknowledged.until)}${because(acknowledged.note)}`,
        ]
      : []),
    ...(silenced
      ? [`silenced by ${silenced.by} until ${date(silenced.until)}${because(silenced.reason)}`]
      : []),
  ]
}

/** @param {string} text */
function because(text) {
  return text === '' ? '' : `: ${text}`
}

/** @param {Incident} incident */
function told({ channels }) {
  const heard = channels
    .filter(({ told: state }) => state !== 'nothing')
    .map(({ channel }) => channel)
  const failing = channels.filter(({ failures }) => failures > 0).map(({ channel }) => channel)
  return [
    ...(heard.length > 0 ? [`told ${heard.join(', ')}`] : []),
    ...(failing.length > 0 ? [`${failing.join(', ')} does not take it`] : []),
  ]
}
