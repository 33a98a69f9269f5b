import { byId, h, keep, mark, say } from './dom.js'
import { clock, counted, date } from './format.js'
import { slotParts } from './kept-slot.js'
import { asked } from './studio-data.js'

/**
 * @typedef {import('./studio-data.js').KeptList} KeptList
 * @typedef {KeptList['slots'][number]} KeptMark
 * @typedef {import('./studio-data.js').SlotView} SlotView
 * @typedef {{ keeper: string, subject: string }} Subject
 */

/** So much is listed at a time. */
const spanMs = 60 * 60_000

/** A slider that is drawn along asks only where it rests. */
const restMs = 120

/** What is watched first where it is kept. */
const first = 'publish-prices'

const job = h('select', { id: 'kept-job' })
const until = h('input', { id: 'kept-until', type: 'datetime-local', step: '1' })
const earlier = h('button', { type: 'button' }, 'An hour earlier')
const later = h('button', { type: 'button' }, 'An hour later')
const newest = h('button', { type: 'button' }, 'Newest')
const strip = h('ol', { class: 'kept-strip', 'aria-hidden': 'true' })
const slider = h('input', {
  id: 'kept-slider',
  type: 'range',
  min: '0',
  step: '1',
  'aria-label': 'Kept slot',
})
const back = h('button', { type: 'button', 'aria-label': 'The slot before' }, '‹')
const forth = h('button', { type: 'button', 'aria-label': 'The slot after' }, '›')
const otherwise = h('button', { type: 'button' }, 'Next that differs')
const said = h('p', { class: 'under', role: 'status' })
const scrubber = h(
  'div',
  { class: 'scrubber' },
  h('div', { class: 'along' }, strip, slider),
  h('p', { class: 'buttons' }, back, forth, otherwise),
)
const shown = h('div', { class: 'kept-slot' })

/** @type {readonly Subject[]} */
let subjects = []
/** @type {readonly KeptMark[]} */
let slots = []
let end = Date.now()
/** The newest question counts: answers may come in another order. */
let turn = 0
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting

/** Nothing is asked for before somebody looks at it. */
export function beginKept() {
  byId('kept-section').hidden = false
  const look = h(
    'details',
    { class: 'exchange' },
    h('summary', {}, 'Look at what was decided, slot by slot'),
    h(
      'div',
      { class: 'choose' },
      h('p', { class: 'field' }, h('label', { for: 'kept-job' }, 'Job'), job),
      h('p', { class: 'field' }, h('label', { for: 'kept-until' }, 'The hour until'), until),
      h('p', { class: 'buttons' }, earlier, later, newest),
    ),
    scrubber,
    said,
    shown,
  )
  byId('kept').append(look)
  scrubber.hidden = true
  look.addEventListener('toggle', () => {
    if (look.open && subjects.length === 0) void begin()
  })
  job.addEventListener('change', () => void readHour())
  until.addEventListener('change', () => {
    const at = new Date(until.value).getTime()
    if (Number.isFinite(at)) goTo(at)
  })
  earlier.addEventListener('click', () => goTo(end - spanMs))
  later.addEventListener('click', () => goTo(Math.min(Date.now(), end + spanMs)))
  newest.addEventListener('click', () => goTo(Date.now()))
  slider.addEventListener('input', () => rest())
  back.addEventListener('click', () => step(-1))
  forth.addEventListener('click', () => step(1))
  otherwise.addEventListener('click', () => {
    const next = nextOtherwise()
    if (next >= 0) put(next)
  })
}

async function begin() {
  try {
    subjects = /** @type {readonly Subject[]} */ (await asked('kept/subjects'))
  } catch (error) {
    say(said, sentence(error))
    return
  }
  if (subjects.length === 0) {
    say(said, 'No slot was kept yet.')
    return
  }
  job.replaceChildren(
    ...subjects.map(({ keeper, subject }, place) =>
      h('option', { value: String(place) }, `${keeper} · ${subject}`),
    ),
  )
  const wanted = subjects.findIndex(({ keeper }) => keeper === first)
  job.value = String(Math.max(0, wanted))
  // Somebody may have said which hour meanwhile.
  goTo(until.value === '' ? Date.now() : end)
}

/** @param {number} at */
function goTo(at) {
  end = at
  until.value = localText(at)
  void readHour()
}

async function readHour() {
  const of = subjects[Number(job.value)]
  if (!of) return
  turn += 1
  const mine = turn
  const from = Math.max(0, end - spanMs)
  say(said, 'Reading …')
  try {
    const list = /** @type {KeptList} */ (
      await asked('kept', { job: of.keeper, subject: of.subject, from, to: end })
    )
    if (mine !== turn) return
    slots = list.slots
    showHour(list, of)
  } catch (error) {
    if (mine === turn) say(said, sentence(error))
  }
}

/**
 * @param {KeptList} list
 * @param {Subject} of
 */
function showHour({ isCut }, { keeper, subject }) {
  scrubber.hidden = slots.length === 0
  otherwise.hidden = !slots.some(({ shadow }) => shadow === 'otherwise')
  if (slots.length === 0) {
    shown.replaceChildren()
    say(said, `Nothing of ${keeper} for ${subject} is kept of the hour until ${date(end)}.`)
    return
  }
  say(said, `${counted(slots.length, 'slot')}${isCut ? ', the newest of that hour' : ''}`)
  keep(strip, slots, {
    key: ({ at }) => String(at),
    create: () => h('li'),
    update(item, { outcome, shadow }) {
      mark(item, 'data-outcome', outcome)
      mark(item, 'data-shadow', shadow)
    },
  })
  slider.max = String(slots.length - 1)
  put(slots.length - 1)
}

/** @param {number} by */
function step(by) {
  put(Math.min(slots.length - 1, Math.max(0, Number(slider.value) + by)))
}

/** @param {number} place */
function put(place) {
  slider.value = String(place)
  rest()
}

function rest() {
  const one = slots[Number(slider.value)]
  if (!one) return
  mark(
    slider,
    'aria-valuetext',
    `slot ${one.slot} at ${clock(one.at)}, ${one.outcome}${one.shadow === 'otherwise' ? ', the second set decided otherwise' : ''}`,
  )
  back.disabled = Number(slider.value) === 0
  forth.disabled = Number(slider.value) === slots.length - 1
  otherwise.disabled = nextOtherwise() < 0
  clearTimeout(resting)
  resting = setTimeout(() => void readSlot(one), restMs)
}

function nextOtherwise() {
  const here = Number(slider.value)
  const after = slots.findIndex(({ shadow }, place) => place > here && shadow === 'otherwise')
  // From the beginning again, as a search does.
  return after >= 0
    ? after
    : slots.findIndex(({ shadow }, place) => place < here && shadow === 'otherwise')
}

/** @param {KeptMark} one */
async function readSlot({ at }) {
  const of = subjects[Number(job.value)]
  if (!of) return
  turn += 1
  const mine = turn
  try {
    const slot = /** @type {SlotView} */ (
      await asked('kept/slot', { job: of.keeper, subject: of.subject, at })
    )
    if (mine === turn) shown.replaceChildren(...slotParts(slot))
  } catch (error) {
    if (mine === turn) shown.replaceChildren(h('p', { class: 'empty' }, sentence(error)))
  }
}

/**
 * As an input of this kind has it: the reader's own time.
 *
 * @param {number} at
 */
function localText(at) {
  const zone = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - zone).toISOString().slice(0, 19)
}

/** @param {unknown} error */
function sentence(error) {
  return error instanceof Error ? `${error.message}.` : 'There is no answer.'
}
