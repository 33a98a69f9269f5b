import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { openBrowser } from '../e2e/browser.ts'
import { demoPage } from './demo-page.ts'
import { demoTable } from './demo-table.ts'
import { type Course, playScene } from './play-scene.ts'
import { withoutBitstamp, withoutLeg } from './proposals.ts'
import { crash, depeg } from './recorded-network.ts'
import { isRecorded } from './recorded-venues.ts'
import { caught, good, takenBack } from './scenes.ts'

/**
 * `npm run parameters-demo [-- --out picture.png]`: proposals that are bad and one that is good, brought into a whole deployment
 * just before a recorded crash and the depeg of USDC, and what became of each. With --out, an .html or a .png of three of them.
 */
const { values } = parseArgs({ options: { out: { type: 'string' } } })
const { out } = values
if (out !== undefined && !/\.(html|png)$/.test(out))
  throw new RangeError(`--out is "${out}"; expected a file whose name ends in .html or .png`)
const missing = [depeg, crash].filter(({ play }) => !isRecorded(play.file))
if (missing.length > 0) {
  const names = missing.map(({ play }) => play.file).join(', ')
  process.stderr.write(`there is no ${names} in ../shared/data/prices; nothing can be played\n`)
  process.exit(1)
}

const courses: Course[] = []
for (const scene of [...caught, ...takenBack, ...good]) {
  courses.push(await playScene(scene))
  process.stderr.write('.')
}
process.stderr.write('\n')
process.stdout.write(`${demoTable(courses)}\n`)
if (out !== undefined) await draw(out)

/** The three that say most: a leg that loses its peg, a crash that two sources see otherwise, and one that is confirmed. */
async function draw(file: string): Promise<void> {
  const ofThem = [
    takenBack.find(({ proposal }) => proposal === withoutLeg),
    takenBack.find(({ market, proposal }) => market === crash && proposal === withoutBitstamp),
    good[0],
  ]
  const shown = courses.filter(({ scene }) => ofThem.includes(scene))
  const page = demoPage(shown)
  if (file.endsWith('.html')) await writeFile(file, page)
  else await photograph(page, file)
  process.stdout.write(`wrote ${resolve(file)}\n`)
}

async function photograph(html: string, file: string): Promise<void> {
  const browser = await openBrowser()
  if (!browser) throw new Error('there is no chromium here; ask for an .html instead')
  try {
    const page = await browser.newPage()
    await page.setViewportSize({ width: 1032, height: 600 })
    await page.setContent(html)
    await page.screenshot({ path: file, fullPage: true })
  } finally {
    await browser.close()
  }
}
