import { showBatches } from './batches.js'
import { showCalendar } from './calendar.js'
import { showChains } from './chains.js'
import { showDeleverage } from './deleverage.js'
import { byId } from './dom.js'
import { showFinality } from './finality.js'
import { showFunding } from './funding.js'
import { showHeader, showTrouble } from './header.js'
import { showIncidents } from './incidents.js'
import { showJobs } from './jobs.js'
import { beginKept } from './kept.js'
import { showLegs } from './legs.js'
import { showLiquidation } from './liquidation.js'
import { follow } from './live.js'
import { showMarkets } from './market.js'
import { showBooks, showFunds } from './money.js'
import { beginParameters, showParameters } from './parameters.js'
import { showPositions } from './positions.js'
import { recall, remember } from './price-history.js'
import { showPublishedMarks } from './published-marks.js'
import { showTransactions } from './transactions.js'
import { showWatched } from './watched.js'

/** @typedef {import('../../view/network-view.ts').NetworkView} NetworkView */

/** @type {{ view: NetworkView, receivedAt: number } | undefined} */
let latest
/** @type {string | undefined} */
let problem

// Charts take their colours from the style sheets, which must be there.
if (document.readyState === 'complete') begin()
else addEventListener('load', begin)

function begin() {
  follow({
    everyMs: Number(document.documentElement.dataset['everyMs']),
    onView(view) {
      latest = { view, receivedAt: performance.now() }
      problem = undefined
      remember(view)
      show()
    },
    onProblem(text) {
      problem = text
      show()
    },
  })
  if (document.documentElement.dataset['studio'] === 'yes') {
    beginParameters()
    beginKept()
  }
  // Without its answer charts begin with the next round, as they say.
  recall().then(show, () => {})
  // Ages go on also while nothing comes.
  setInterval(show, 1000)
}

function show() {
  const elapsedMs = latest ? performance.now() - latest.receivedAt : 0
  showTrouble({ problem, problems: latest?.view.problems ?? [] })
  showParameters()
  if (!latest) return
  const { view } = latest
  showHeader(view, { elapsedMs, problem })
  showRole(view)
  showIncidents(view, elapsedMs)
  showMarkets(view, elapsedMs)
  showLegs(view)
  showChains(view, elapsedMs)
  showWatched(view, elapsedMs)
  showFinality(view)
  showCalendar(view, elapsedMs)
  showPublishedMarks(view)
  showFunding(view, elapsedMs)
  showPositions(view, elapsedMs)
  showLiquidation(view, elapsedMs)
  showDeleverage(view, elapsedMs)
  showFunds(view)
  showBooks(view, elapsedMs)
  showBatches(view, elapsedMs)
  showTransactions(view, elapsedMs)
  showJobs(view, elapsedMs)
  byId('footer').textContent = 'Read from the store only. Prices are in USD.'
}

/**
 * Who only watches need not be told section by section what is not kept.
 *
 * @param {NetworkView} view
 */
function showRole({ chains, engines, feeds, watched }) {
  const watchesOnly = watched.length > 0 && chains.length + engines.length === 0
  const hasOracle = feeds.some(({ nodes }) => nodes.length > 0)
  for (const section of document.querySelectorAll('[data-of]'))
    if (section instanceof HTMLElement)
      section.hidden = watchesOnly && (section.dataset['of'] === 'keeper' || !hasOracle)
}
