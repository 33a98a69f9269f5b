import { h, keep, mark, say } from './dom.js'
import { clock, date, lasting, words } from './format.js'

/**
 * @typedef {NonNullable<import('./studio-data.js').ParametersView['phases']>} SetPhases
 * @typedef {SetPhases['phases'][number]} Phase
 */

export function phaseList() {
  return h('ol', { class: 'phases', 'aria-label': 'The way of the newest set' })
}

/** @type {Readonly<Record<Phase['state'], string>>} */
const stateWords = {
  done: 'done',
  now: 'now',
  ahead: 'still ahead',
  skipped: 'not asked for',
  cut: 'cut short',
  never: 'never came to it',
}

/**
 * From proposed to confirmed, with the times; and how it ended where it did before.
 *
 * @param {Element} list
 * @param {SetPhases | undefined} way
 * @param {number} now
 */
export function showPhases(list, way, now) {
  if (!(list instanceof HTMLElement)) return
  list.hidden = !way
  const steps = way?.phases.map((phase) => stepOf(phase, now)) ?? []
  const { ended } = way ?? {}
  const end = ended
    ? [
        {
          name: ended.kind,
          state: 'ended',
          when: clock(ended.at),
          at: ended.at,
          note: `by ${ended.by}: ${ended.why}`,
        },
      ]
    : []
  keep(list, [...steps, ...end], {
    key: ({ name }) => name,
    create: () => h('li', {}, h('b'), h('span', { class: 'age' }), h('small')),
    update(item, { name, state, when, at, note }) {
      const [title, time, small] = item.children
      if (!title || !time || !small) return
      mark(item, 'data-state', state)
      mark(item, 'aria-current', state === 'now' ? 'step' : undefined)
      say(title, words(name))
      say(time, when)
      mark(time, 'title', at === undefined ? undefined : date(at))
      say(small, note)
    },
  })
}

/**
 * @param {Phase} phase
 * @param {number} now
 * @returns {{ name: string, state: string, when: string, at: number | undefined, note: string }}
 */
function stepOf({ name, state, at, until, note = '' }, now) {
  return {
    name,
    state,
    when: at === undefined ? stateWords[state] : `${at > now ? 'at ' : ''}${clock(at)}`,
    at,
    note: [note, ...untilText(name, { state, at: at ?? 0, until }, now)]
      .filter(Boolean)
      .join(' · '),
  }
}

/**
 * @param {Phase['name']} name
 * @param {{ state: Phase['state'], at: number, until: number | undefined }} phase
 * @param {number} now
 */
function untilText(name, { state, at, until }, now) {
  if (state === 'cut') return ['cut short']
  if (state === 'ahead' && at > now) return [`in ${lasting(at - now)}`]
  if (state !== 'now' || until === undefined) return []
  if (name === 'shadow')
    return [until > now ? `${lasting(until - now)} more at least` : 'long enough']
  return [until > now ? `${lasting(until - now)} left` : 'over']
}
