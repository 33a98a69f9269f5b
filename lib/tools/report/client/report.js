import { byId, mark, say } from '../../../runtime/page/client/dom.js'
import { dateText } from './axes.js'
import { lanesChart } from './lanes.js'
import { linesChart } from './lines.js'
import {
  beginWith,
  isWhole,
  onShownTime,
  shift,
  shownTime,
  showTime,
  showWhole,
  widen,
} from './shown-time.js'

/**
 * @typedef {import('../parts.ts').Lines | import('../parts.ts').Lanes} Drawn
 */

const { from, to, charts } = /** @type {{ from: number, to: number, charts: Drawn[] }} */ (
  JSON.parse(byId('charts').textContent ?? '')
)
document.body.classList.add('scripted')
beginWith({ from, to })
for (const element of document.querySelectorAll('[data-chart]')) {
  const chart = charts[Number(element.getAttribute('data-chart'))]
  if (!chart || !(element instanceof HTMLElement)) continue
  if (chart.kind === 'lines') linesChart(element, chart)
  else lanesChart(element, chart)
}
followTime()
chooseMarkets()

/** What is shown of the whole time, and the ways to change it. */
function followTime() {
  /** @type {Readonly<Record<string, () => void>>} */
  const ways = {
    whole: showWhole,
    in: () => widen(0.5),
    out: () => widen(2),
    earlier: () => shift(-0.5),
    later: () => shift(0.5),
  }
  for (const button of document.querySelectorAll('button[data-time]'))
    button.addEventListener('click', () => ways[button.getAttribute('data-time') ?? '']?.())
  for (const button of document.querySelectorAll('button[data-from]'))
    button.addEventListener('click', () => {
      const [first, last] = [
        Number(button.getAttribute('data-from')),
        Number(button.getAttribute('data-to')),
      ]
      // What led to it and what followed is seen too.
      const room = Math.max((last - first) * 0.5, 60_000)
      showTime({ from: first - room, to: last + room })
    })
  if (!document.getElementById('shown-time')) return
  onShownTime(tellTime)
  tellTime()
}

function tellTime() {
  const { from: first, to: last } = shownTime()
  say(byId('shown-time'), `${dateText(first)} to ${dateText(last)}`)
  for (const button of document.querySelectorAll('button[data-time]'))
    if (button.getAttribute('data-time') !== 'in')
      mark(button, 'disabled', isWhole() ? '' : undefined)
}

/** One market at a time, or all. */
function chooseMarkets() {
  const buttons = [...document.querySelectorAll('button[data-choose]')]
  const choose = (/** @type {string} */ market) => {
    for (const button of buttons)
      mark(button, 'aria-pressed', String(button.getAttribute('data-choose') === market))
    for (const section of document.querySelectorAll('[data-market]'))
      if (section instanceof HTMLElement)
        section.hidden = market !== '' && section.getAttribute('data-market') !== market
  }
  for (const button of buttons)
    button.addEventListener('click', () => choose(button.getAttribute('data-choose') ?? ''))
  const [first] = buttons
  if (first) choose(first.getAttribute('data-choose') ?? '')
}
