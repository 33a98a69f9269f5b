import { byId, h, keep, mark, say } from './dom.js'
import { ago, date, span } from './format.js'

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
    h('span', { class: 'what' }),
    h('span', { class: 'when' }),
  )
}

/**
 * @param {Element} element
 * @param {Incident} incident
 * @param {number} now
 */
function update(element, incident, now) {
  const { state, severity, summary, rule, subject, since, resolvedAt } = incident
  mark(
    element,
    'data-severity',
    state === 'resolved' ? 'resolved' : state === 'pending' ? 'pending' : severity,
  )
  mark(element, 'title', `${rule} of ${subject}, since ${date(since)}`)
  const [badge, what, when] = element.children
  if (!badge || !what || !when) return
  say(badge, state === 'open' ? severity : state)
  say(what, summary)
  const lasted =
    resolvedAt === undefined
      ? `for ${span(now - since)}`
      : `${ago(now - resolvedAt)}, lasted ${span(resolvedAt - since)}`
  say(when, [lasted, ...told(incident)].join(' · '))
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
