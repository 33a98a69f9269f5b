import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { openBrowser } from './browser.ts'
import { setVenueFault } from './faults.ts'
import { runStarkeep } from './running-starkeep.ts'

// Makes the picture in the README: `npm run screenshot` runs a network, spoils two of its venues, and photographs the page.
const picture = fileURLToPath(new URL('../../infra/page.png', import.meta.url))

/** Enough rounds for a line in every chart. */
const roundsMs = 75_000

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
} finally {
  run.signal('SIGINT')
  await run.ended
  await browser.close()
}
process.stdout.write(`wrote ${picture}\n`)
