import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { backtestComparisonPage } from '../../../lib/tools/report/backtest-comparison.ts'
import { backtestPage } from '../../../lib/tools/report/backtest-page.ts'
import { shadowReportPage } from '../../../lib/tools/report/shadow-page.ts'
import { stressPage } from '../../../lib/tools/stress-page.ts'
import { openBrowser } from '../../e2e/browser.ts'
import { anEngine } from '../an-engine-stress.ts'
import { aBacktest } from './a-backtest.ts'
import { aShadowReport } from './a-shadow-report.ts'

const browser = await openBrowser()
if (!browser) process.stdout.write('skipped: there is no chromium here\n')

const whole = '2023-03-11 00:00:00 to 2023-03-11 10:00:00'

describe.skipIf(!browser)('a report, opened as a file in a browser', () => {
  let folder: string
  let made = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starkeep-report-'))
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** With all that it complained of, and all that it asked for beside itself. */
  async function opened(html: string, width = 1280) {
    made += 1
    const path = join(folder, `${made}.html`)
    await writeFile(path, html)
    if (!browser) throw new TypeError('there is a browser')
    const page = await browser.newPage()
    onTestFinished(async () => await page.close())
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text())
    })
    page.on('request', (request) => {
      const url = request.url()
      if (url !== pathToFileURL(path).href && !url.startsWith('data:')) complaints.push(url)
    })
    page.setDefaultTimeout(10_000)
    await page.setViewportSize({ width, height: 900 })
    await page.goto(pathToFileURL(path).href)
    return { page, complaints }
  }

  test.each([
    ['of one backtest', () => backtestPage(aBacktest(), { name: 'crash' })],
    [
      'of two backtests',
      () =>
        backtestComparisonPage(
          { name: 'narrow', result: aBacktest({ worstBps: 20 }) },
          { name: 'wide', result: aBacktest() },
        ),
    ],
    ['of a candidate in shadow', () => shadowReportPage(aShadowReport())],
    ['of jumps of prices', () => stressPage([anEngine('a'), anEngine('b')])],
  ])(
    '%s: every chart is drawn, nothing is complained of, nothing is asked for elsewhere',
    async (_, html) => {
      const { page, complaints } = await opened(html())
      const everything = page.getByRole('button', { name: 'all markets' })
      if ((await everything.count()) > 0) await everything.click()
      const charts = await page.locator('[data-chart]').all()
      expect(charts.length).toBeGreaterThan(1)
      for (const chart of charts) {
        await chart.scrollIntoViewIfNeeded()
        await chart.locator('canvas').waitFor()
        expect(await inkOf(chart)).toBeGreaterThan(100)
      }
      expect(complaints).toEqual([])
    },
  )

  test.each([400, 1280])('fits a width of %d pixels', async (width) => {
    for (const html of [
      backtestPage(aBacktest(), { name: 'a-name-without-any-room-to-break-it-'.repeat(4) }),
      backtestComparisonPage(
        { name: 'a', result: aBacktest() },
        { name: 'b', result: aBacktest({ markets: ['BTC-USD', 'a-market-with-a-long-name-USD'] }) },
      ),
      shadowReportPage(aShadowReport()),
    ]) {
      const { page } = await opened(html, width)
      await page.getByRole('button', { name: 'all markets' }).click()
      for (const summary of await page.locator('summary').all()) await summary.click()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
  })

  test('one cursor is in all charts over time', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const price = await chartOf(page, 'BTC-USD against every source, USD')
    const others = await Promise.all(
      ['BTC-USD: deviation from the consensus, bps', 'BTC-USD: age of the posted price, s'].map(
        async (title) => await chartOf(page, title),
      ),
    )
    await price.chart.scrollIntoViewIfNeeded()
    await hover(page, price.chart, 0.5)
    const at = await price.where.innerText()
    expect(at).toMatch(/^2023-03-11 05:0\d:00$/)
    // Not all are in sight: each is asked once it has been drawn.
    for (const { chart, where } of others) {
      await chart.scrollIntoViewIfNeeded()
      await chart.locator('canvas').waitFor()
      await hover(page, chart, 0.5)
      expect(await where.innerText()).toBe(at)
      await hover(page, chart, 0.25)
      expect(await price.where.innerText()).toBe(await where.innerText())
    }
    expect(await price.where.innerText()).toMatch(/^2023-03-11 02:/)
  })

  test('the legend says every value at the cursor', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const { chart, figure } = await chartOf(page, 'BTC-USD: age of the posted price, s')
    await chart.scrollIntoViewIfNeeded()
    await chart.locator('canvas').waitFor()
    // Ages grow by a minute each minute, twenty times: at the end of the run that is nineteen minutes.
    expect(await figure.locator('.value').innerText()).toBe('1,140 s')
    await chart.focus()
    await page.keyboard.press('ArrowRight')
    expect(await figure.locator('.value').innerText()).toBe('0 s')
    await page.keyboard.press('ArrowRight')
    expect(await figure.locator('.value').innerText()).toBe('60 s')
  })

  test('dragging shows less time in all charts, and a double click all again', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const shown = page.locator('#shown-time')
    expect(await shown.innerText()).toBe(whole)
    const { chart } = await chartOf(page, 'BTC-USD against every source, USD')
    const other = await chartOf(page, 'BTC-USD: age of the posted price, s')
    await other.chart.scrollIntoViewIfNeeded()
    await other.chart.locator('canvas').waitFor()
    // The first picture of a canvas has its letters smoothed otherwise than all later ones.
    await page.getByRole('button', { name: 'less time' }).click()
    await page.getByRole('button', { name: 'all', exact: true }).click()
    const before = await pictureOf(other.chart)
    await chart.scrollIntoViewIfNeeded()
    const box = await plotOf(chart)
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.4, box.y + 50)
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60)
    await page.mouse.up()
    expect(await shown.innerText()).toMatch(
      /^2023-03-11 02:[23]\d:\d\d to 2023-03-11 (?:04:5|05:0)\d:\d\d$/,
    )
    await other.chart.scrollIntoViewIfNeeded()
    await expect.poll(async () => await pictureOf(other.chart)).not.toBe(before)
    await chart.scrollIntoViewIfNeeded()
    const again = await plotOf(chart)
    await page.mouse.dblclick(again.x + 100, again.y + 40)
    expect(await shown.innerText()).toBe(whole)
    await other.chart.scrollIntoViewIfNeeded()
    await expect.poll(async () => await pictureOf(other.chart)).toBe(before)
  })

  test('time can be chosen without a pointer, and by what happened', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const shown = page.locator('#shown-time')
    await page.getByRole('button', { name: 'less time' }).click()
    expect(await shown.innerText()).toBe('2023-03-11 02:30:00 to 2023-03-11 07:30:00')
    await page.getByRole('button', { name: 'earlier' }).click()
    expect(await shown.innerText()).toBe('2023-03-11 00:00:00 to 2023-03-11 05:00:00')
    await page.getByRole('button', { name: 'all', exact: true }).click()
    expect(await shown.innerText()).toBe(whole)
    // Frozen from 05:01 to 06:01, with half as much before and after.
    await page
      .getByRole('button', { name: /the same for 60 s/ })
      .first()
      .click()
    expect(await shown.innerText()).toBe('2023-03-11 04:31:00 to 2023-03-11 06:31:00')
  })

  test('a curve is hidden and shown by its name', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const { chart, figure } = await chartOf(page, 'BTC-USD against every source, USD')
    await chart.scrollIntoViewIfNeeded()
    await chart.locator('canvas').waitFor()
    const source = figure.getByRole('button', { name: 'okx BTC/USD' })
    const before = await pictureOf(chart)
    expect(await source.getAttribute('aria-pressed')).toBe('true')
    await source.click()
    expect(await source.getAttribute('aria-pressed')).toBe('false')
    await expect.poll(async () => await pictureOf(chart)).not.toBe(before)
    await source.press('Enter')
    expect(await source.getAttribute('aria-pressed')).toBe('true')
    await expect.poll(async () => await pictureOf(chart)).toBe(before)
  })

  test('what was left out, and why, is said at the cursor', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const { chart, figure } = await chartOf(page, 'BTC-USD: refused and left out')
    await chart.scrollIntoViewIfNeeded()
    await chart.locator('canvas').waitFor()
    await hover(page, chart, 5.7 / 10)
    expect(await figure.locator('.said').innerText()).toMatch(
      /^kraken\s+frozen — the same for 60 s/,
    )
    await hover(page, chart, 0.1)
    expect(await figure.locator('.said').innerText()).toBe('')
  })

  test('one market is shown at a time, or all', async () => {
    const { page } = await opened(backtestPage(aBacktest(), { name: 'crash' }))
    const [btc, eth] = ['BTC-USD', 'ETH-USD'].map((name) =>
      page.getByRole('heading', { level: 2, name }),
    )
    expect([await btc?.isVisible(), await eth?.isVisible()]).toEqual([true, false])
    await page.getByRole('button', { name: 'ETH-USD', exact: true }).click()
    expect([await btc?.isVisible(), await eth?.isVisible()]).toEqual([false, true])
    await page.getByRole('button', { name: 'all markets' }).click()
    expect([await btc?.isVisible(), await eth?.isVisible()]).toEqual([true, true])
  })

  test('two runs have the same axes, stand side by side, and hide the same curves', async () => {
    const { page } = await opened(
      backtestComparisonPage(
        { name: 'narrow', result: aBacktest({ worstBps: 20 }) },
        { name: 'wide', result: aBacktest({ worstBps: 400 }) },
      ),
    )
    const pair = page.locator('.pair', { hasText: 'BTC-USD: deviation from the consensus, bps' })
    await pair.scrollIntoViewIfNeeded()
    const [a, b] = await pair.locator('[data-chart]').all()
    if (!a || !b) throw new TypeError('both have the chart')
    const [left, right] = [await plotOf(a), await plotOf(b)]
    expect(left.y).toBe(right.y)
    expect(left.width).toBe(right.width)
    expect(right.x).toBeGreaterThan(left.x + left.width)
    // Where only one of them goes far, both have room for it: without the wider one the narrow one's curves are higher.
    const shared = await pictureOf(a)
    const posted = pair.getByRole('button', { name: 'posted' })
    expect(await posted.count()).toBe(2)
    await posted.last().click()
    expect(await posted.first().getAttribute('aria-pressed')).toBe('false')
    await expect.poll(async () => await pictureOf(a)).not.toBe(shared)
    await hover(page, a, 0.5)
    const where = pair.locator('.where')
    expect(await where.first().innerText()).toMatch(/^2023-03-11 0[45]:/)
    expect(await where.last().innerText()).toBe(await where.first().innerText())
  })

  test('what was changed is seen of both runs, however long a hash is', async () => {
    const one = aBacktest()
    const parameters = { ...one.run.parameters, hash: 'ab12'.repeat(16) }
    const { page } = await opened(
      backtestComparisonPage(
        { name: 'a', result: one },
        { name: 'b', result: { ...one, run: { ...one.run, parameters } } },
      ),
    )
    const changed = page.locator('.table-part', { hasText: 'Changed between A and B' })
    const [wide, card] = [await changed.locator('table').boundingBox(), await changed.boundingBox()]
    if (!wide || !card) throw new TypeError('both are on the page')
    expect(wide.x + wide.width).toBeLessThanOrEqual(card.x + card.width)
  })

  test.each([400, 1280])(
    'nothing moves under the pointer, on a width of %d pixels',
    async (width) => {
      const { page } = await opened(
        backtestPage(aBacktest({ venues: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] }), {
          name: 'crash',
        }),
        width,
      )
      for (const chart of await page.locator('section:not([hidden]) [data-chart]').all()) {
        await chart.scrollIntoViewIfNeeded()
        await chart.locator('canvas').waitFor()
      }
      const before = await page.evaluate('document.documentElement.scrollHeight')
      for (const title of ['BTC-USD against every source, USD', 'BTC-USD: refused and left out']) {
        const { chart } = await chartOf(page, title)
        await chart.scrollIntoViewIfNeeded()
        for (const share of [0.2, 0.51, 0.53, 0.9]) {
          await hover(page, chart, share)
          expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(before)
        }
      }
    },
  )

  test('names are text, wherever they are from', async () => {
    const hostile = `<img src=x onerror="document.title='taken'">`
    const { page, complaints } = await opened(
      backtestPage(aBacktest({ markets: [hostile], venues: [hostile, 'b', hostile, 'd', 'e'] }), {
        name: hostile,
      }),
    )
    const { chart, figure } = await chartOf(page, `${hostile}: refused and left out`)
    await chart.scrollIntoViewIfNeeded()
    await chart.locator('canvas').waitFor()
    await hover(page, chart, 5.7 / 10)
    expect(await figure.locator('.said b').innerText()).toContain(hostile)
    expect(await page.title()).toBe(`Backtest: ${hostile}`)
    expect(await page.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})

async function chartOf(
  page: Page,
  title: string,
): Promise<{ readonly figure: Locator; readonly chart: Locator; readonly where: Locator }> {
  const figure = page
    .locator('figure', { has: page.locator('figcaption', { hasText: title }) })
    .first()
  await figure.waitFor()
  return { figure, chart: figure.locator('[data-chart]'), where: figure.locator('.where') }
}

/** Where the curves are: without the axes. */
async function plotOf(chart: Locator) {
  const box = await chart.locator('.u-over').boundingBox()
  if (!box) throw new TypeError('a drawn chart has a place')
  return box
}

async function hover(page: Page, chart: Locator, share: number): Promise<void> {
  const { x, y, width, height } = await plotOf(chart)
  await page.mouse.move(x + width * share, y + height / 2)
  // The library looks at the pointer once for each picture.
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  )
}

/** How many of its pixels have a colour. */
async function inkOf(chart: Locator): Promise<number> {
  return await chart.locator('canvas').evaluate((canvas) => {
    const { width, height } = canvas as unknown as {
      readonly width: number
      readonly height: number
    }
    const { data } = (
      canvas as unknown as {
        getContext: (kind: '2d') => {
          getImageData: (
            x: number,
            y: number,
            w: number,
            h: number,
          ) => { readonly data: Uint8Array }
        }
      }
    )
      .getContext('2d')
      .getImageData(0, 0, width, height)
    return data.filter((value, at) => at % 4 === 3 && value > 0).length
  })
}

async function pictureOf(chart: Locator): Promise<string> {
  return await chart
    .locator('canvas')
    .evaluate((canvas) => (canvas as unknown as { toDataURL: () => string }).toDataURL())
}
