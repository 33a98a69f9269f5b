import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { openBrowser } from './browser.ts'
import { sent, setVenueFault } from './faults.ts'
import { runStarkeep } from './running-starkeep.ts'

// Makes the pictures in the README: `npm run screenshot` runs a network, spoils two of its venues, photographs the page, lets
// prices fall, and photographs what becomes of accounts.
const picture = fileURLToPath(new URL('../../infra/page.png', import.meta.url))
const crashPicture = fileURLToPath(new URL('../../infra/liquidation.png', import.meta.url))

/** Enough rounds for a line in every chart. */
const roundsMs = 75_000

/** Prices are pushed, accounts liquidated and deleveraged, and blocks final. */
const crashMs = 45_000

const browser = await openBrowser()
if (!browser) {
  process.stderr.write('there is no chromium here; install it, then run this again\n')
  process.exit(1)
}
const run = runStarkeep(['local', '--temporary', '--seed', 'picture'])
try {
  const { page: url = '', venues = '' } = await run.ready()
  const page = await browser.newPage()
  await page.setViewportSize({ width: 1280, height: 1180 })
  await page.goto(url)
  await sleep(roundsMs)
  await setVenueFault(venues, { venue: 'kraken', fault: 'lie', factor: '1.02' })
  await setVenueFault(venues, { venue: 'okx', fault: 'timeout' })
  await sleep(12_000)
  await page.screenshot({ path: picture })

  await sent(`${venues}/scenarios`, 'POST', { kind: 'crash', by: 0.3, withinMs: 20_000 })
  await sleep(crashMs)
  // Below the header, which stays where it is.
  await page.evaluate(
    `scrollTo(0, document.getElementById('positions-title').getBoundingClientRect().top + scrollY - 60)`,
  )
  await page.screenshot({ path: crashPicture })
} finally {
  run.signal('SIGINT')
  await run.ended
  await browser.close()
}
process.stdout.write(`wrote ${picture} and ${crashPicture}\n`)
