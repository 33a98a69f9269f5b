import { fill, h, keep, mark, row, say, table } from './dom.js'
import { figureList, showFigures } from './figures.js'
import { clock, counted, date, fixed, lasting, words } from './format.js'
import { shadowChart } from './shadow-chart.js'
import { asked } from './studio-data.js'

/**
 * @typedef {import('./studio-data.js').ParametersView} ParametersView
 * @typedef {NonNullable<ParametersView['numbers']>} Numbers
 * @typedef {Numbers['markets'][number]} Market
 * @typedef {import('./studio-data.js').StretchCourse} StretchCourse
 */

const columns = [
  { name: 'Market' },
  { name: 'Slots', numeric: true },
  { name: 'Differ', numeric: true },
  { name: 'Furthest', numeric: true },
  { name: 'No price', numeric: true },
  { name: 'Pushes', numeric: true },
]

/** A chart is drawn anew so often at most: it moves by a pixel or two in between. */
const redrawMs = 10_000

/** What the two sets come to that decide beside each other: numbers, and a market as a chart. */
export function comparison() {
  const title = h('h3')
  const figures = figureList('Slots of both sets')
  const { element: scroll, body } = table({ label: 'The two sets by market', columns })
  scroll.classList.add('compared')
  const names = h('div', { class: 'nodes', role: 'group', 'aria-label': 'Market of the chart' })
  const plot = h('div', { class: 'plot twofold', role: 'img' })
  const waiting = h('p', { class: 'empty', role: 'status' })
  const other = h('span', { class: 'line posted' })
  const withheldLegend = h('span', { class: 'line withheld' }, 'not told, too far apart')
  const bandLegend = h('span', { class: 'line band' }, 'probation')
  const legend = h(
    'p',
    { class: 'legend' },
    h('span', { class: 'line' }, 'active'),
    other,
    h('span', {}, '● ○ told by each'),
    h('span', { class: 'line limit' }, 'furthest allowed'),
    bandLegend,
    withheldLegend,
  )
  const element = h(
    'div',
    { class: 'comparison' },
    title,
    figures,
    scroll,
    names,
    legend,
    plot,
    waiting,
  )
  const chart = shadowChart(plot)
  /** @type {string | undefined} */
  let market
  /** @type {ParametersView | undefined} */
  let latest
  let drawnAt = -Infinity

  const draw = async () => {
    const view = latest
    if (!view?.numbers || market === undefined) return
    drawnAt = performance.now()
    const wanted = market
    try {
      const course = /** @type {StretchCourse} */ (
        await asked('parameters/course', { market: wanted })
      )
      if (wanted !== market) return
      const bands = bandsOf(view)
      chart.update({ course, bands, mostBps: view.rules.mostBps })
      mark(plot, 'aria-label', chartText(course))
      bandLegend.hidden = bands.length === 0 || course.kind === 'candidate'
      withheldLegend.hidden = course.withheld.length === 0
      say(waiting, '')
    } catch (error) {
      say(waiting, `The chart cannot be drawn: ${error instanceof Error ? error.message : ''}.`)
    }
  }

  return {
    element,
    /** @param {ParametersView} view */
    update(view) {
      latest = view
      const { numbers } = view
      element.hidden = !numbers
      if (!numbers) return
      say(title, titleOf(numbers))
      say(other, numbers.kind === 'candidate' ? 'candidate' : 'the set before')
      showFigures(figures, figuresOf(numbers))
      keep(body, numbers.markets, {
        key: ({ market: name }) => name,
        create: () => {
          const line = row(columns)
          for (const place of [3, 4, 5]) line.children[place]?.append(h('span'), h('small'))
          return line
        },
        update: (line, one) => showMarket(line, one, view),
      })
      const known = numbers.markets.map(({ market: name }) => name)
      if (market === undefined || !known.includes(market)) [market] = known
      plot.hidden = known.length === 0
      legend.hidden = known.length === 0
      if (known.length === 0) say(waiting, 'No round of prices was decided by both sets yet.')
      showNames(known)
      if (performance.now() - drawnAt > redrawMs) void draw()
    },
  }

  /** @param {readonly string[]} known */
  function showNames(known) {
    keep(names, known, {
      key: (name) => name,
      create: (name) => {
        const button = h('button', { type: 'button' }, name)
        button.addEventListener('click', () => {
          market = name
          showNames(known)
          void draw()
        })
        return button
      },
      update: (button, name) => mark(button, 'aria-pressed', String(name === market)),
    })
  }
}

/** @param {Numbers} numbers */
function titleOf({ kind, from, to, isOver }) {
  const what =
    kind === 'candidate'
      ? 'The candidate in shadow beside the active set'
      : 'The active set on probation beside the one before'
  return `${what}, ${isOver ? `${clock(from)} to ${clock(to)}` : `the last ${lasting(to - from)}`}`
}

/**
 * @param {Numbers} numbers
 * @returns {import('./figures.js').Figure[]}
 */
function figuresOf({ slots, differ, failed, withheld, activeMs, candidateMs }) {
  return [
    { name: 'Rounds of both', value: slots.toLocaleString('en') },
    { name: 'Prices differ in', value: counted(differ, 'round') },
    {
      name: 'Could not decide',
      value: counted(failed, 'round'),
      ...(failed > 0 && { state: /** @type {const} */ ('critical') }),
    },
    {
      name: 'Not told',
      value: counted(withheld.slots, 'slot'),
      note: withheld.why ?? '',
      ...(withheld.slots > 0 && { state: /** @type {const} */ ('critical') }),
    },
    {
      name: 'Time to decide beside',
      value: activeMs === 0 ? '–' : `${Math.round((candidateMs / activeMs) * 100)} %`,
      note: 'of what the active set takes',
    },
  ]
}

/**
 * @param {Element} line
 * @param {Market} one
 * @param {ParametersView} view
 */
function showMarket(
  line,
  { market, compared, differ, medianBps, worst, refusals, pushes },
  { rules },
) {
  fill(line, [market, compared.toLocaleString('en'), differ.toLocaleString('en')])
  const isFar = worst !== null && Math.abs(worst.bps) > rules.mostBps
  mark(line.children[3] ?? line, 'data-state', isFar ? 'critical' : undefined)
  two(line.children[3], furthest({ worst, medianBps }), [
    medianBps === null || worst === null ? '' : `half within ${bps(medianBps, 'never')}`,
    worst === null ? '' : `at ${clock(worst.at)}`,
  ])
  if (worst !== null) mark(line.children[3] ?? line, 'title', date(worst.at))
  two(line.children[4], `${total(refusals.active)} → ${total(refusals.candidate)}`, [
    Object.entries(refusals.candidate)
      .map(([reason, count]) => `${words(reason)} ${count}`)
      .join(', '),
  ])
  two(line.children[5], `${pushes.active.count} → ${pushes.candidate.count}`, [])
}

/** @param {Pick<Market, 'worst' | 'medianBps'>} of */
function furthest({ worst, medianBps }) {
  if (worst !== null) return bps(worst.bps)
  return medianBps === null ? '–' : 'the same'
}

/**
 * @param {Element | undefined} cell
 * @param {string} main
 * @param {readonly string[]} rest
 */
function two(cell, main, rest) {
  const [one, other] = cell?.children ?? []
  if (one) say(one, main)
  if (other) say(other, rest.filter(Boolean).join(' · '))
}

/** @param {Readonly<Record<string, number>>} refusals */
function total(refusals) {
  return sum(Object.values(refusals))
}

/** @param {readonly number[]} counts */
function sum(counts) {
  return counts.reduce((all, one) => all + one, 0)
}

/**
 * @param {number} size
 * @param {'exceptZero' | 'never'} [sign]
 */
function bps(size, sign = 'exceptZero') {
  const text = fixed(Math.abs(size).toFixed(2), 2)
  const before = sign === 'never' || size === 0 ? '' : size < 0 ? '−' : '+'
  return `${before}${text} bps`
}

/**
 * From when a set was active until its probation ended, or it was taken back.
 *
 * @param {ParametersView} view
 */
function bandsOf({ events }) {
  return events.flatMap((event) => {
    if (event.kind !== 'activated' || event.until === undefined) return []
    const back = events.find(
      ({ kind, set, at }) =>
        kind === 'roll-back' && set?.number === event.set?.number && at >= event.at,
    )
    return [{ from: event.at, until: Math.min(event.until, back?.from ?? Infinity) }]
  })
}

/** @param {StretchCourse} course */
function chartText({ market, kind, course: { deviationBps, pushes } }) {
  const most = deviationBps.reduce((one, other) => Math.max(one ?? 0, Math.abs(other ?? 0)), 0)
  const other = kind === 'candidate' ? 'the candidate' : 'the set before'
  return `${market}: ${other} is ${bps(most ?? 0, 'never')} from the active set at most; told ${sum(pushes.active)} times by the active set and ${sum(pushes.candidate)} times by ${other}`
}
