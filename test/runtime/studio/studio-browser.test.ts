import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { serveApp } from '../../../lib/runtime/http/serve-app.ts'
import { pageApp } from '../../../lib/runtime/page/page-app.ts'
import { aView } from '../a-view.ts'
import { aStudio, type AStudio, keptDecision, proposal, who } from './a-studio.ts'

const executablePath = '/usr/bin/chromium'
const hasBrowser = existsSync(executablePath)
if (!hasBrowser) process.stdout.write(`skipped: there is no browser at ${executablePath}\n`)

/** How often the page may read anew. */
const everyMs = 50

const path = 'markets.BTC-USD.push.deviationBps'

/** What somebody could write into a reason: shown as it is, never run. */
const hostile = '<img src=x onerror="document.title=\'taken\'">'

describe.skipIf(!hasBrowser)('in a browser, the studio', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  })

  afterAll(async () => {
    await browser.close()
  })

  async function opened(
    { studio, desk, clock }: AStudio,
    { mayAct = true, width = 1280 }: { readonly mayAct?: boolean; readonly width?: number } = {},
  ): Promise<{ readonly page: Page; readonly errors: readonly string[] }> {
    const acting = { desk, by: 'ann', token: 'a-token' }
    const served = await serveApp({
      app: pageApp({
        view: async () => aView({ at: clock.now() }),
        studio,
        everyMs,
        ...(mayAct && { acting }),
      }),
      port: 0,
      host: '127.0.0.1',
      named: { what: 'the page', option: '--port' },
    })
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    onTestFinished(async () => {
      await page.close()
      await served.close()
    })
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    page.setDefaultTimeout(15_000)
    await page.clock.install()
    await page.goto(served.url)
    return { page, errors }
  }

  test('takes a set from a proposal through shadow until it is active, and back', async () => {
    const one = aStudio()
    const { page, errors } = await opened(one)
    await page.getByText('Nobody has changed anything yet').waitFor()
    await page.getByRole('button', { name: 'Propose …' }).click()
    await page.getByLabel('Parameter', { exact: true }).fill(path)
    const value = page.getByLabel(path, { exact: true })
    await value.fill('20000')
    await page.getByText('expected at most 10000').waitFor()
    await value.fill('25')
    await step(page, 'Propose', 'fewer pushes')
    await page.getByText('Proposed: set 1').waitFor()
    const changes = page.getByRole('region', { name: 'What it changes' }).getByRole('row')
    expect(await changes.nth(1).innerText()).toMatch(
      /markets\.BTC-USD\.push\.deviationBps\s+20 bps\s+25 bps\s+0 to 10000/,
    )

    await page.getByRole('button', { name: 'Begin shadow …' }).click()
    await step(page, 'Begin shadow', 'let us see')
    await page.getByText(/it must be in shadow for \d+ s more/).waitFor()
    expect(await page.getByRole('button', { name: 'Activate …' }).count()).toBe(0)
    await one.round({ own: '100', other: '100' })
    await later(page, one, 60_000)

    await page.getByRole('button', { name: 'Activate …' }).click()
    await page.getByLabel('In so many seconds').fill('1')
    await step(page, 'Activate', 'nothing differs')
    // The desk's own word: it is too soon.
    await page.getByText('it must begin 10 s from now at the earliest').waitFor()
    await page.getByLabel('In so many seconds').fill('20')
    await page.getByRole('button', { name: 'Activate', exact: true }).click()
    await page.getByText('Next: set 1').waitFor()
    await later(page, one, 20_000)
    await page.locator('.badge', { hasText: 'on probation' }).waitFor()

    await page.getByRole('button', { name: 'Roll back …' }).click()
    await step(page, 'Roll back', 'too few pushes')
    await later(page, one, 1_000)
    const way = page.getByRole('list', { name: 'The way of the newest set' })
    await way.getByText('by ann: too few pushes').waitFor()
    await page.locator('.badge', { hasText: /^active$/ }).waitFor()
    expect((await one.store.governance.events(1))[0]).toMatchObject({ kind: 'roll-back' })
    // The browser says each refusal too: only that of the activation is meant.
    expect(errors.filter((error) => !error.includes('409'))).toEqual([])
  })

  test('shows a proposal in shadow: how far it is, what it does otherwise, what speaks against it', async () => {
    const one = aStudio()
    await one.desk.propose(proposal, { by: 'ann', why: hostile })
    await one.desk.shadow(who)
    await one.round({ own: '100', other: '100' })
    await one.round({ own: '100', other: '102' })
    await one.round({ own: '100', other: 'too-few-sources' })
    const { page, errors } = await opened(one)
    await page.getByText(/^Its shadow run speaks against it/).waitFor()
    const market = page.getByRole('region', { name: 'The two sets by market' }).getByRole('row')
    expect(await market.nth(1).innerText()).toMatch(
      /BTC-USD\s+3\s+2\s+\+200\.00 bps\s+half within 0\.00 bps · at [\d:]+\s+0 → 1\s+refused too few sources 1/,
    )
    await page.getByRole('img', { name: /BTC-USD: the candidate is 200\.00 bps/ }).waitFor()
    await drawn(page)
    await page.getByRole('button', { name: 'ETH-USD' }).click()
    await page.getByRole('img', { name: /ETH-USD: the candidate is 0\.00 bps/ }).waitFor()
    await page.getByText(hostile).first().waitFor()
    expect(await page.title()).not.toBe('taken')
    expect(errors).toEqual([])
  })

  test('shows probation with what was not told, and what a guard took back', async () => {
    const one = aStudio()
    await one.activated()
    await one.round({ own: '103', other: '100', kind: 'previous', withheld: '3 % apart' })
    const { page, errors } = await opened(one)
    await page.getByText('The active set on probation beside the one before').waitFor()
    await page.getByText(/until [\d:]+, \d+ s left/).waitFor()
    await page.getByRole('listitem').getByText('On probation').waitFor()
    await page.locator('.figures').getByText('3 % apart').waitFor()
    await page.locator('.legend').getByText('not told, too far apart').waitFor()
    await one.takenBack('prices are 3 % apart')
    await later(page, one, 1_000)
    await page.getByText('by guard: prices are 3 % apart').first().waitFor()
    await page.getByText(/^What happened \(\d\)$/).click()
    const events = page.getByRole('list', { name: 'Every step, the newest first' })
    expect(await events.getByRole('listitem').first().innerText()).toContain('by guard')
    expect(errors).toEqual([])
  })

  test('finds every parameter by a word, with its bounds and its reason', async () => {
    const { page, errors } = await opened(aStudio())
    await page.locator('summary', { hasText: 'Every parameter' }).click()
    await page.getByLabel('Find').fill('BTC-USD push deviation')
    const rows = page.getByRole('region', { name: 'Every parameter' }).getByRole('row')
    await page.getByText(/^1 of \d+ parameters$/).waitFor()
    expect(await rows.nth(1).innerText()).toMatch(/deviationBps\s+20 bps\s+0 to 10000\s+Push when/)
    await page.getByLabel('Find').fill('no such word')
    await page.getByText('No parameter has all of these words').waitFor()
    expect(errors).toEqual([])
  })

  test('says the command where nobody may act from it, and has no button that would', async () => {
    const one = aStudio()
    const { page, errors } = await opened(one, { mayAct: false })
    await page.getByText('This page only shows').waitFor()
    await page.getByRole('button', { name: 'How to: propose' }).click()
    await page.getByLabel('Parameter', { exact: true }).fill(path)
    await page.getByLabel(path, { exact: true }).fill('25')
    await page.getByLabel('Who').fill('ann')
    await page.getByLabel('Why').fill('it’s time')
    expect(await page.getByLabel('The same as a command').innerText()).toBe(
      `npx starkeep govern propose --network <file> --set ${path}=25 --by ann --why 'it’s time'`,
    )
    expect(await page.locator('button[type="submit"]').count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('goes through history by the keyboard, slot by slot', async () => {
    const one = aStudio()
    await someSlots(one)
    const { page, errors } = await opened(one)
    await page.getByText('Look at what was decided').click()
    await page.getByLabel('The hour until').fill(localText(one.clock.now() + 1_000))
    const slider = page.getByRole('slider', { name: 'Kept slot' })
    await page.getByText('slot 3 · ').waitFor()
    await page.getByText('No second set decided this slot.').waitFor()
    await slider.focus()
    await page.keyboard.press('ArrowLeft')
    await page.getByText('slot 2 · ').waitFor()
    const second = page.getByRole('region', { name: 'What the second set decided' })
    await second.getByText('refused', { exact: true }).waitFor()
    expect(await slider.getAttribute('aria-valuetext')).toMatch(
      /^slot 2 at [\d:]+, done, the second set decided otherwise$/,
    )
    await page.keyboard.press('Home')
    await page.getByText('slot 1 · ').waitFor()
    expect(await page.getByRole('button', { name: 'The slot before' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Next that differs' }).click()
    await page.getByText('slot 2 · ').waitFor()
    await page.getByRole('button', { name: 'An hour earlier' }).click()
    await page.getByText('Nothing of publish-prices for oracle-1 is kept of the hour').waitFor()
    expect(errors).toEqual([])
  })

  test.each([360, 400])('fits a phone of %i px without scrolling sideways', async (width) => {
    const one = aStudio()
    await one.desk.propose(proposal, who)
    await one.desk.shadow(who)
    await one.round({ own: '100', other: '102' })
    await someSlots(one)
    const { page } = await opened(one, { width })
    await page.getByText(/^Its shadow run speaks against it/).waitFor()
    await page.locator('summary', { hasText: 'Every parameter' }).click()
    await page.getByRole('button', { name: 'Emergency …' }).click()
    await page.getByLabel('Parameter', { exact: true }).fill(path)
    await page.getByText('Look at what was decided').click()
    await page.getByLabel('The hour until').waitFor()
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
    expect(widths).toEqual([width, width])
  })
})

async function step(page: Page, name: string, why: string): Promise<void> {
  await page.getByLabel('Why').fill(why)
  await page.getByRole('button', { name, exact: true }).click()
}

/** Time passes for the network, and for the page as much as it takes to ask again. */
async function later(page: Page, { clock }: AStudio, ms: number): Promise<void> {
  clock.pass(ms)
  // What was read just now would be shown again.
  await sleep(everyMs)
  await page.clock.fastForward(3_000)
}

/** A chart that was drawn before it had a place stays empty for good. */
async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(`[...document.querySelectorAll('.twofold canvas')].filter((canvas) => {
    if (canvas.width === 0) return false
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.some((byte) => byte > 0)
  }).length === 2`)
}

async function someSlots({ store, clock }: AStudio): Promise<void> {
  for (const slot of [1, 2, 3]) {
    const decided = keptDecision({})
    const shadow = { parameters: 'bb', decided: keptDecision({ kind: 'refused' }) }
    await store.history.keep({
      keeper: 'publish-prices',
      subject: 'oracle-1',
      slot,
      at: clock.now(),
      parameters: 'aa',
      code: 'v1',
      view: '{}',
      decided,
      ...(slot === 2 && { shadow }),
    })
    clock.pass(10_000)
  }
}

function localText(at: number): string {
  const zone = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - zone).toISOString().slice(0, 19)
}
