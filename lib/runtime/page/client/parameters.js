import { comparison } from './compared.js'
import { byId, h, keep, mark, say } from './dom.js'
import { ago, clock, date, lasting, short, words } from './format.js'
import { changeTable, showChanges } from './parameter-changes.js'
import { parameterList } from './parameter-list.js'
import { stepButtons, stepsNow, waitsFor } from './parameter-steps.js'
import { phaseList, showPhases } from './phases.js'
import { stepForm } from './step-form.js'
import { asked, mayAct } from './studio-data.js'

/**
 * @typedef {import('./studio-data.js').ParametersView} ParametersView
 * @typedef {import('./studio-data.js').KnownParameter} KnownParameter
 * @typedef {import('./step-form.js').Step} Step
 */

const everyMs = Math.max(3_000, Number(document.documentElement.dataset['everyMs']))

/** @type {{ view: ParametersView, receivedAt: number } | undefined} */
let latest
/** @type {readonly KnownParameter[]} */
let known = []
/** Of which set `known` is. */
let knownOf = ''

const badge = h('span', { class: 'badge' })
const name = h('b')
const hash = h('code')
const line = h('span')
const lines = h('ul', { class: 'standing' })
const phases = phaseList()
const changes = changeTable()
const trouble = h('p', { class: 'against', role: 'status' })
const waits = h('p', { class: 'under' })
const hint = h('p', { class: 'under' })
const compared = comparison()
const events = h('ol', { class: 'events', 'aria-label': 'Every step, the newest first' })
const noEvents = h(
  'p',
  { class: 'empty' },
  'Nobody has changed anything yet: the network file’s own parameters hold.',
)
const happened = h('details', { class: 'more' }, h('summary'), events)

const form = stepForm({
  parameters: () => known,
  onTaken: () => void read(),
})
const buttons = stepButtons((step) => void openStep(step))
const list = parameterList({
  onOpen: () => void readKnown(),
  onChange(parameter) {
    const steps = latest ? stepsNow(latest.view, nowAt()) : []
    const step = steps.find(({ name: one }) => one === 'propose')
    if (step) form.open(step, parameter)
    else list.say('A set is proposed already, or about to become active; withdraw it first.')
  },
})

/** Asked for as long as somebody looks. */
export function beginParameters() {
  byId('parameters-section').hidden = false
  byId('parameters').append(
    h(
      'div',
      { class: 'exchange' },
      h('p', { class: 'lane-head' }, name, hash, badge, line),
      lines,
      phases,
      changes,
      trouble,
      waits,
      buttons.element,
      hint,
      form.element,
      compared.element,
      noEvents,
      happened,
      list.element,
    ),
  )
  say(
    hint,
    mayAct
      ? ''
      : 'This page only shows. Each step is a command, on a machine that may write to the network’s table.',
  )
  void follow()
}

async function follow() {
  for (;;) {
    if (!document.hidden) await read()
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

async function read() {
  try {
    const view = /** @type {ParametersView} */ (await asked('parameters'))
    latest = { view, receivedAt: performance.now() }
    showParameters()
    compared.update(view)
    if (list.element.open || form.isOpen()) await readKnown()
  } catch (error) {
    say(line, `cannot be shown: ${error instanceof Error ? error.message : 'no answer'}`)
  }
}

/** Only where somebody looks at it, and again where another set is active. */
async function readKnown() {
  const of = latest?.view.active.hash ?? ''
  if (known.length > 0 && knownOf === of) return
  try {
    known = /** @type {readonly KnownParameter[]} */ (await asked('parameters/known'))
    knownOf = of
    list.update(known)
  } catch (error) {
    list.say(error instanceof Error ? error.message : 'no answer')
  }
}

/** @param {Step} step */
async function openStep(step) {
  await readKnown()
  form.open(step)
}

function nowAt() {
  return latest ? latest.view.at + performance.now() - latest.receivedAt : 0
}

/** Once a second, since times go on. */
export function showParameters() {
  if (!latest) return
  const { view } = latest
  const now = nowAt()
  showHead(view, now)
  keep(lines, standing(view, now), {
    key: ({ key }) => key,
    create: () => h('li', {}, h('b'), h('span')),
    update(item, { title, text }) {
      const [one, other] = item.children
      if (one) say(one, title)
      if (other) say(other, text)
    },
  })
  showPhases(phases, view.phases, now)
  showChanges(changes, view.changes)
  trouble.hidden = view.against === undefined
  say(
    trouble,
    view.against === undefined ? '' : `Its shadow run speaks against it: ${view.against}.`,
  )
  const waiting = waitsFor(view, now)
  waits.hidden = waiting === ''
  say(waits, waiting)
  buttons.update(stepsNow(view, now))
  showEvents(view)
}

/**
 * @param {ParametersView} view
 * @param {number} now
 */
function showHead({ active, emergency, probation, next, candidate }, now) {
  say(name, setName(active.number))
  say(hash, short(active.hash))
  mark(hash, 'title', active.hash)
  const state = emergency
    ? { text: 'emergency', of: 'failed' }
    : next?.how === 'roll-back'
      ? { text: 'being rolled back', of: 'failed' }
      : probation
        ? { text: 'on probation', of: 'degraded' }
        : candidate?.shadowSince !== undefined
          ? { text: 'a candidate is in shadow', of: 'sent' }
          : { text: 'active', of: 'settled' }
  say(badge, state.text)
  mark(badge, 'data-state', state.of)
  say(
    line,
    active.since === undefined
      ? 'holds since the network was begun'
      : `holds since ${clock(active.since)}, ${ago(now - active.since)}`,
  )
  mark(line, 'title', active.since === undefined ? undefined : date(active.since))
}

/**
 * @param {ParametersView} view
 * @param {number} now
 * @returns {{ key: string, title: string, text: string }[]}
 */
function standing({ emergency, probation, next, candidate }, now) {
  return [
    ...(emergency
      ? [
          {
            key: 'emergency',
            title: `Emergency: ${setName(emergency.number).toLowerCase()}`,
            text: `until ${clock(emergency.until)}, ${lasting(emergency.until - now)} left`,
          },
        ]
      : []),
    ...(probation
      ? [
          {
            key: 'probation',
            title: 'On probation',
            text: `until ${clock(probation.until)}, ${lasting(probation.until - now)} left`,
          },
        ]
      : []),
    ...(next
      ? [
          {
            key: 'next',
            title: `${next.how === 'activate' ? 'Next' : 'Back to'}: ${setName(next.number).toLowerCase()}`,
            text: `from ${clock(next.from)}, ${next.from > now ? `in ${lasting(next.from - now)}` : 'now'}`,
          },
        ]
      : []),
    ...(candidate
      ? [
          {
            key: 'candidate',
            title: `Proposed: set ${candidate.number} (${short(candidate.hash)})`,
            text: `by ${candidate.by}, ${ago(now - candidate.at)}: ${candidate.why}`,
          },
          ...candidate.approvals.map(({ by, at }) => ({
            key: `approved ${by}`,
            title: 'Approved',
            text: `by ${by}, ${ago(now - at)}`,
          })),
        ]
      : []),
  ]
}

/** @param {ParametersView} view */
function showEvents({ events: all }) {
  noEvents.hidden = all.length > 0
  happened.hidden = all.length === 0
  const [label] = happened.children
  if (label) say(label, `What happened (${all.length})`)
  keep(events, all, {
    key: ({ version }) => String(version),
    create: ({ at, kind, by, why, set, from, until }) =>
      h(
        'li',
        { 'data-kind': kind },
        h('time', {}, date(at)),
        h(
          'span',
          {},
          h('b', {}, `${words(kind)} ${setName(set?.number ?? 0).toLowerCase()}`),
          ` by ${by}: ${why}`,
          ...(from === undefined ? [] : [`, from ${clock(from)}`]),
          ...(until === undefined ? [] : [`, until ${clock(until)}`]),
        ),
      ),
    update: () => {},
  })
}

/** @param {number} number */
function setName(number) {
  return number === 0 ? 'The network file’s own set' : `Set ${number}`
}
