import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import { serveApp } from '../../lib/runtime/http/serve-app.ts'
import { pageApp } from '../../lib/runtime/page/page-app.ts'
import { networkView, type NetworkView } from '../../lib/runtime/view/network-view.ts'
import type { PriceHistory } from '../../lib/runtime/view/price-history.ts'
import { aView } from './a-view.ts'
import { aWatchedNetwork, aWatchedStore, watchedAt } from './a-watched-network.ts'
import { aFunding, aLiquidation, somePositions } from './an-exchange.ts'
import { aBatchView, aLaneView } from './some-batches.ts'

const executablePath = '/usr/bin/chromium'
const hasBrowser = existsSync(executablePath)
if (!hasBrowser) process.stdout.write(`skipped: there is no browser at ${executablePath}\n`)

/** What a hostile venue could answer: shown as it is, never run. */
const hostile = '<img src=x onerror="document.title=\'taken\'">'

describe.skipIf(!hasBrowser)('in a browser, the page', () => {
  let context: BrowserContext
  let profile: string

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'starkeep-browser-'))
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })

  afterAll(async () => {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  })

  async function opened(
    view: () => Promise<NetworkView>,
    updates: 'events' | 'polling' = 'events',
    past: PriceHistory = {},
  ): Promise<{ readonly page: Page; readonly errors: readonly string[] }> {
    const served = await serveApp({
      app: pageApp({ view, history: async () => past, everyMs: 50, updates }),
      port: 0,
      host: '127.0.0.1',
      named: { what: 'the page', option: '--port' },
    })
    const page = await context.newPage()
    onTestFinished(async () => {
      await page.close()
      await served.close()
    })
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    page.setDefaultTimeout(5_000)
    await page.goto(served.url)
    return { page, errors }
  }

  test('shows prices, what was left out and why, what was posted, and what became of transactions', async () => {
    const { page, errors } = await opened(async () => await Promise.resolve(busy))
    const card = page.getByRole('article', { name: 'BTC-USD' })
    await card.locator('.price').getByText('97,123.46').waitFor()
    await card.getByText('1 of 2 agree').waitFor()
    await card.getByText('± 1.50 · 3.2 bps apart · inputs up to 0.5 s old · round 7').waitFor()
    expect(await card.locator('.left-out').innerText()).toMatch(
      /okx\s+stale — its quote is 64 s old/,
    )
    expect(await card.locator('ul.posted').innerText()).toMatch(
      /evm\s+97,100\.00\s+−2\.4 bps\s+12 s ago/,
    )
    await card.getByText('2 sources').click()
    await card.getByRole('rowheader', { name: 'kraken' }).waitFor()

    const rows = page.getByRole('region', { name: 'Transactions of l1/0xkeeper' }).getByRole('row')
    expect(await rows.nth(1).innerText()).toMatch(/sent[\s\S]*1 price to evm[\s\S]*0xfeed/)
    expect(await rows.nth(2).innerText()).toMatch(/reverted[\s\S]*stale price/)
    expect(errors).toEqual([])
  })

  test('says what pushes go without, since when, and that an account cannot pay', async () => {
    const [lane] = busy.lanes
    if (!lane) throw new TypeError('a busy view has a lane')
    const markets = ['BTC-USD', 'ETH-USD', 'STRK-USD', 'SOL-USD']
    const left = [
      { market: 'ETH-USD', reason: 'INACTIVE_ASSET' },
      { market: 'STRK-USD', reason: 'INACTIVE_ASSET' },
      { market: 'SOL-USD', reason: hostile },
    ]
    const refused = [{ engine: 'evm', market: 'SOL-USD', reason: hostile, since: at - 180_000 }]
    const noFunds = { since: at - 60_000, need: '100000000000000000000' }
    const pushes = [{ ...transaction, markets, left }]
    let now = aView({ lanes: [{ ...lane, refused, noFunds, transactions: pushes }] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const rows = page.getByRole('region', { name: 'Transactions of l1/0xkeeper' }).getByRole('row')
    await rows.nth(1).getByText('1 price to evm').waitFor()
    expect(await rows.nth(1).innerText()).toContain(
      `without ETH-USD, STRK-USD (INACTIVE_ASSET), SOL-USD (${hostile})`,
    )
    const troubles = page.getByRole('list', { name: 'Troubles of l1/0xkeeper' }).locator('li')
    expect(await troubles.nth(0).innerText()).toMatch(
      /cannot pay[\s\S]*it needs 100000000000000000000 of[\s\S]*for 60 s/,
    )
    expect(await troubles.nth(1).innerText()).toContain(`SOL-USD on evm\n${hostile}\nfor 3 min`)
    expect(await page.locator('img').count()).toBe(0)

    now = aView({ lanes: [{ ...lane, transactions: [transaction] }] })
    await troubles.nth(0).waitFor({ state: 'detached' })
    expect(await troubles.count()).toBe(0)
    expect(await rows.nth(1).innerText()).not.toContain('without')
    expect(errors).toEqual([])
  })

  test('says what transactions cost, and each market of it', async () => {
    const [lane] = busy.lanes
    if (!lane) throw new Error('there is a lane')
    const costs = {
      token: 'STRK',
      since: at - 7_200_000,
      until: at,
      spent: '0.25',
      transactions: 50,
      perTransaction: '0.005',
      perDay: '3.0004567',
      perPrice: '0.00125',
      feeds: [{ engine: 'evm', market: 'BTC-USD', pushes: 12, perPush: '0.00125', perDay: '2.25' }],
    }
    const { page, errors } = await opened(
      async () => await Promise.resolve({ ...busy, lanes: [{ ...lane, costs }] }),
    )
    await page.getByText('3 STRK a day · 0.005 a transaction · 0.00125 a price').click()
    const rows = page.getByRole('region', { name: 'Costs of l1/0xkeeper' }).getByRole('row')
    expect(await rows.nth(1).innerText()).toMatch(/BTC-USD\s+evm\s+12\s+0\.00125\s+2\.25/)
    expect(errors).toEqual([])
  })

  test('says that an account is being deployed, and no more once it is there', async () => {
    const [lane] = busy.lanes
    if (!lane) throw new TypeError('a busy view has a lane')
    const deploying = { since: at - 30_000, attempts: 2, hash: '0xbeef' }
    let now = aView({ lanes: [{ ...lane, deploying }] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const head = page.locator('.lane-head span')
    await head.getByText('deploying the account, attempt 2 · 1 in flight').waitFor()
    now = aView({ lanes: [lane] })
    await head.getByText(/^1 in flight/).waitFor()
    expect(errors).toEqual([])
  })

  test('draws the last rounds of a market, also those before it was opened', async () => {
    const past = { 'BTC-USD': [aPoint(1, '97100'), aPoint(2, '97150'), aPoint(3, '97120')] }
    const { page, errors } = await opened(async () => await Promise.resolve(busy), 'events', past)
    // A chart that was drawn before it had a place stays empty for good.
    await page.waitForFunction(`(() => {
      const canvas = document.querySelector('canvas')
      if (!canvas || canvas.width === 0) return false
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return data.some((byte) => byte > 0)
    })()`)
    expect(errors).toEqual([])
  })

  test('shows an incident that opens while it is open, and that it was resolved', async () => {
    let now = aView()
    const { page } = await opened(async () => await Promise.resolve(now))
    await page.getByRole('status').getByText('All is well').waitFor()

    now = aView({
      overall: { state: 'critical', text: '1 incident' },
      incidents: { open: [incident], recent: [] },
    })
    const list = page.locator('#incidents[aria-live="polite"]')
    await list.getByText('l1 has made no block since 812').waitFor()
    await page.getByRole('status').getByText('1 incident').waitFor()

    now = aView({
      incidents: {
        open: [],
        recent: [{ ...incident, state: 'resolved', resolvedAt: incident.since + 60_000 }],
      },
    })
    await page.getByText('Resolved before (1)').waitFor()
    expect(await list.innerText()).not.toContain('no block')
  })

  test('runs nothing that a venue or a node says', async () => {
    const watched = (await watchedOnes()).watched.map(hostileOne)
    const said = aView({
      network: hostile,
      watched,
      feeds: [{ ...feed, mark: { kind: 'none', reason: hostile } }],
      incidents: { open: [{ ...incident, summary: hostile }], recent: [] },
      problems: [{ where: 'prices', problem: hostile }],
    })
    const { page } = await opened(async () => await Promise.resolve(said))
    await page.locator('#incidents').getByText(hostile).waitFor()
    await page.locator('.under').getByText(hostile).waitFor()
    await page.locator('#watched .why').getByText(hostile).first().waitFor()
    await page.locator('#calendar').getByText(hostile).first().waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).not.toBe('taken')
  })

  test('says what is wrong while there is no view, and keeps the last one', async () => {
    let down = false
    const { page } = await opened(async () =>
      down ? await Promise.reject(new Error('the store is unavailable')) : aView(),
    )
    await page.getByText('All is well').waitFor()
    down = true
    await page.getByRole('alert').getByText('The store is unavailable').waitFor()
    expect(await page.getByText('All is well').isVisible()).toBe(true)
    down = false
    await page.getByRole('alert').waitFor({ state: 'hidden' })
  })

  test('asks again by itself where no connection stays open', async () => {
    let now = aView()
    const { page, errors } = await opened(async () => await Promise.resolve(now), 'polling')
    await page.getByText('All is well').waitFor()
    now = aView({ overall: { state: 'warning', text: 'something new' } })
    await page.getByText('something new').waitFor()
    expect(errors).toEqual([])
  })

  test('shows funding: the rate so far, what was settled last, what is owed, and that it is late', async () => {
    let now = aView({ funding: [aFunding] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const card = page.getByRole('group', { name: 'Funding of evm' })
    await card.getByText('an epoch is 60 min · the next begins in 10 min').waitFor()
    const rows = card.getByRole('row')
    // An hour's rate times 8,760 is -27.4188 % a year.
    expect(await rows.nth(1).innerText()).toMatch(
      /BTC-USD[\s\S]*−0\.00313 %[\s\S]*−27\.4 % a year[\s\S]*\+0\.0025 %[\s\S]*50 min ago[\s\S]*30 min/,
    )
    expect(await rows.nth(2).innerText()).toMatch(/ETH-USD[\s\S]*no sample yet[\s\S]*never/)
    expect(await card.getByText('late').count()).toBe(0)
    now = aView({ funding: [{ ...aFunding, late: 'critical', settledAt: undefined }] })
    await card.getByText('late').waitFor()
    await card.getByText('never settled yet').waitFor()
    expect(errors).toEqual([])
  })

  test('shows how well accounts are known, and what was put right', async () => {
    let now = aView({ positions: [somePositions] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const card = page.getByRole('group', { name: 'Accounts of evm' })
    await card.getByText('2 blocks behind').waitFor()
    const text = await card.innerText()
    expect(text).toMatch(/Accounts\s+2,600/)
    expect(text).toMatch(
      /All compared within\s+2 min\s+all at once 10 min ago: this process begins/,
    )
    expect(text).toMatch(/Mismatches\s+1\s+put right: 0xanna: collateral 1, not 2/)
    now = aView({ positions: [{ ...somePositions, seen: undefined }] })
    await card.getByText('nobody has looked yet').waitFor()
    expect(errors).toEqual([])
  })

  test('shows who is liquidated, how long it took, who was not and why, and who was deleveraged', async () => {
    const attempt = aLiquidation.attempts[1]
    if (!attempt) throw new TypeError('the sample has attempts')
    const mean = { ...attempt, key: 'mean', outcome: 'reverted', why: hostile } as const
    const attempts = [mean, ...aLiquidation.attempts]
    const { page, errors } = await opened(async () =>
      Promise.resolve(aView({ liquidation: [{ ...aLiquidation, attempts }] })),
    )
    const card = page.getByRole('group', { name: 'Liquidation on evm' })
    await card.getByText('2 with less than nothing, of 2600 accounts').waitFor()
    const text = await card.innerText()
    expect(text).toMatch(/Left alone\s+9\s+7 budget, 2 in flight/)
    expect(text).toMatch(/Budget\s+25 %\s+comes back in stages/)
    expect(text).toMatch(/Decided to block\s+1\.2 s\s+sign 0\.1 s · send 0\.2 s · block 0\.9 s/)
    const rows = card.getByRole('row')
    expect(await rows.nth(1).innerText()).toContain(hostile)
    expect(await rows.nth(2).innerText()).toMatch(/sent[\s\S]*0x1c33…cd75[\s\S]*\$163\.57 expected/)
    expect(await rows.nth(3).innerText()).toMatch(/won[\s\S]*\$32,714[\s\S]*\$163\.57[\s\S]*1\.2 s/)
    expect(await rows.nth(5).innerText()).toMatch(/missed[\s\S]*raced[\s\S]*\$163\.57 to others/)
    expect(await page.locator('img').count()).toBe(0)

    const deleverage = page.getByRole('group', { name: 'Deleverage on evm' })
    expect(await deleverage.innerText()).toMatch(
      /refused[\s\S]*nobody can take[\s\S]*booked[\s\S]*0xanna[\s\S]*0xcarl[\s\S]*\$4,916\.23/,
    )
    expect(errors).toEqual([])
  })

  test('shows the insurance fund, how long it lasts, and the books of today', async () => {
    const { page, errors } = await opened(async () =>
      Promise.resolve(aView({ liquidation: [aLiquidation] })),
    )
    const fund = page.getByRole('group', { name: 'Insurance fund of evm' })
    await fund.getByText('$258.34').waitFor()
    expect(await fund.innerText()).toMatch(
      /Out today\s+\$102,702[\s\S]*Lasts\s+0 days\s+by today: \$12\.50 in, \$102,702 out a day/,
    )
    const books = page.getByRole('group', { name: 'Books of evm' })
    const text = await books.innerText()
    expect(text).toMatch(/2025-11-24 UTC · up to block 347, 1[567] s ago/)
    expect(text).toMatch(/Won\s+15\s+68\.1 % of what was tried/)
    expect(text).toMatch(/Penalties\s+\$327\.14\s+\$163\.57 of it ours/)
    expect(text).toMatch(/Net\s+\$159\.87/)
    expect(text).toMatch(/Missed\s+3\s+\$41\.00 to others: 2 raced, 1 no positions/)
    expect(errors).toEqual([])
  })

  test('shows the books of a StarkEx exchange by its batches, and no fund where none is told of', async () => {
    const { today } = aLiquidation
    if (!today) throw new TypeError('the sample has books')
    const { page, errors } = await opened(async () =>
      Promise.resolve(
        aView({
          liquidation: [
            {
              ...aLiquidation,
              tellsFund: false,
              fund: undefined,
              today: {
                ...today,
                upTo: { unit: 'batch', number: 12_171 },
                exchangeFees: '16.40',
                unmarked: 2,
              },
            },
          ],
        }),
      ),
    )
    const books = page.getByRole('group', { name: 'Books of evm' })
    await books.getByText('up to batch 12,171', { exact: false }).waitFor()
    expect(await books.innerText()).toMatch(
      /Penalties\s+\$327\.14\s+\$163\.57 of it ours, \$16\.40 paid to the exchange, 2 without a known mark/,
    )
    expect(await page.getByText('Insurance funds').isVisible()).toBe(false)
    expect(errors).toEqual([])
  })

  test('shows how far each batch is, how long it may take, why it waits and who holds it', async () => {
    const hour = 3_600_000
    const rows = [
      aBatchView(4, { state: 'needs-human', step: 2, deadline: undefined, waitsFor: hostile }),
      aBatchView(5, { deadline: { at: at + hour, ofMs: 3 * hour } }),
      aBatchView(6, { deadline: { at: at - hour, ofMs: 3 * hour } }),
      aBatchView(7, { hold: { by: 'ann', reason: 'an upgrade', at: at - 600_000 } }),
    ]
    const ended = [aBatchView(3, { state: 'finalized', step: 9, deadline: undefined })]
    let now = aView({ proving: [aLaneView(rows, { ended, more: 2 })] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const card = page.getByRole('group', { name: 'Batches of appchain' })
    await card
      .getByText('4 batches on the way · 2 more behind them · unsettled for 60 min')
      .waitFor()
    const line = card.getByRole('row')
    expect(await line.nth(1).innerText()).toContain(hostile)
    expect(await page.locator('img').count()).toBe(0)
    const bar = line.nth(1).getByRole('list', { name: 'step 3 of 10' }).locator('li')
    const places: (string | null)[] = []
    for (const one of await bar.all()) places.push(await one.getAttribute('data-at'))
    expect(places).toEqual(['done', 'done', 'here', ...Array.from({ length: 7 }, () => null)])
    expect(await line.nth(2).innerText()).toMatch(/proving[\s\S]*15 min[\s\S]*(?:59|60) min left/)
    expect(await line.nth(2).locator('[data-state]').getAttribute('data-state')).toBe('warning')
    expect(await line.nth(3).locator('[data-state]').getAttribute('data-state')).toBe('critical')
    expect(await line.nth(3).innerText()).toMatch(/60 min over/)
    expect(await line.nth(4).innerText()).toMatch(
      /proving, held[\s\S]*held by ann for 10 min: an upgrade/,
    )
    expect(await line.nth(4).locator('[data-state]').count()).toBe(0)
    expect(await line.nth(5).innerText()).toMatch(/finalized[\s\S]*15 min ago/)

    now = aView()
    await card.waitFor({ state: 'detached' })
    expect(await page.getByText('Batches', { exact: true }).isVisible()).toBe(false)
    expect(errors).toEqual([])
  })

  test('says in words what is not there: nobody below, nothing booked, no exchange at all', async () => {
    const { deleverage, newest } = aLiquidation
    if (!newest) throw new TypeError('the sample has a slot')
    const calm = {
      ...aLiquidation,
      newest: { ...newest, below: 0, bankrupt: 0, skipped: [], budgetPermille: 1_000 },
      attempts: [],
      deleverage: { ...deleverage, parts: [] },
      today: undefined,
    }
    let now = aView({ liquidation: [calm] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    await page.getByText('Nobody was liquidated in the last days.').waitFor()
    await page.getByText('Nobody was deleveraged in the last days.').waitFor()
    await page.getByText('nothing is booked yet: it must be final first').waitFor()
    now = aView()
    await page.getByText('Accounts are liquidated on no exchange.').waitFor()
    expect(await page.getByText('No exchange’s funding is settled here.').isVisible()).toBe(true)
    expect(await page.getByText('No exchange’s accounts are followed here.').isVisible()).toBe(true)
    expect(await page.getByText('Insurance funds').isVisible()).toBe(false)
    expect(errors).toEqual([])
  })

  test('shows of a watched system whether it is up, its blocks by place, its steps and what is near', async () => {
    const view = await watchedOnes()
    const { page, errors } = await opened(async () => await Promise.resolve(view))
    const starknet = page.getByRole('group', { name: 'Watched starknet' })
    const text = await starknet.innerText()
    expect(text).toMatch(/starknet\s+critical[\s\S]*no state-update since block 2014870/)
    expect(text).toMatch(/l2\s+block 2,015,433\s+2 s ago\s+a block every 2 s, told after 60 s/)
    expect(text).toMatch(/one\.example\s+2,015,433\s/)
    expect(text).toMatch(/two\.example\s+2,015,430, 3 behind\s+8 s ago/)
    expect(text).toMatch(/three\.example\s+–\s+no answer: HTTP 429/)
    expect(text).toMatch(
      /state update\s+9 h ago\s+block 2,014,925\s+usual 64 min, told after 2 h 59 min/,
    )
    expect(text).toContain('level:settled-mismatch not seen for 40 min: HTTP 429')
    // The limit, thirty intervals, and the one that goes on.
    const bars = starknet.getByRole('img', { name: /^the last 30 intervals: / }).locator('rect')
    expect(await bars.count()).toBe(32)
    expect(await bars.nth(31).getAttribute('data-state')).toBe('critical')

    const dydx = page.getByRole('group', { name: 'Watched dydx' })
    expect(await dydx.innerText()).toMatch(
      /dydx\s+up\s[\s\S]*insurance fund\s+18,204,112 USDC\s+at least 5,000,000[\s\S]*prices\s+(?:60|59|58) s left/,
    )
    const untouched = page.getByRole('group', { name: 'Watched untouched' })
    expect(await untouched.innerText()).toMatch(/not known\s+starknet\s+nobody has looked yet/)
    // Who keeps nothing is not told so section by section.
    expect(await page.getByText('Accounts are liquidated on no exchange.').isVisible()).toBe(false)
    expect(await page.getByText('Markets', { exact: true }).isVisible()).toBe(false)
    expect(errors).toEqual([])
  })

  test('compares how long systems take to be final, the soonest withdrawal first', async () => {
    const view = await watchedOnes()
    const { page, errors } = await opened(async () => await Promise.resolve(view))
    const rows = page.getByRole('region', { name: 'How long until it is final' }).getByRole('row')
    expect(await rows.nth(1).innerText()).toMatch(/dydx[\s\S]*consensus\s+1 s\s+1 s/)
    expect(await rows.nth(2).innerText()).toMatch(
      /starknet[\s\S]*validity proof\s+5 h 12 min\s+5 h 12 min/,
    )
    expect(await rows.nth(3).innerText()).toMatch(/base[\s\S]*fault proof\s+7 d\s+7 d 3 h/)
    expect(await rows.count()).toBe(4)
    await rows.nth(3).getByText('its numbers').click()
    await rows.nth(3).getByText('302400 s of finality delay').waitFor()
    expect(errors).toEqual([])
  })

  test('has a calendar of what changes: when, what it touches, and whether it came as announced', async () => {
    const view = await watchedOnes()
    const { page, errors } = await opened(async () => await Promise.resolve(view))
    const rows = page.getByRole('region', { name: 'Governance calendar' }).getByRole('row')
    const texts: string[] = []
    for (const one of await rows.all()) texts.push(await one.innerText())
    expect(texts.slice(1)).toEqual([
      expect.stringMatching(/in 5 h 1[12] min\s+2025-11-24 21:12:00 UTC\s+dydx\s+software v9\.4/),
      expect.stringMatching(
        /in 3 d [34] h\s+2025-11-27 20:00:00 UTC at the earliest[\s\S]*margin\s+liquidation\s+market:BTC-USD\s+announced/,
      ),
      expect.stringMatching(/2025-12-02 16:00:00 UTC[\s\S]*starknet/),
      expect.stringMatching(/nobody can tell yet[\s\S]*A market for PAXG-USD/),
      expect.stringMatching(
        /24 h ago[\s\S]*Oracle of SOL-USD[\s\S]*\sas announced[\s\S]*oracle\s+market:SOL-USD\s+done/,
      ),
      expect.stringMatching(
        /not as announced: programHash is 0xb, announced was 0xc[\s\S]*differs/,
      ),
    ])
    const keen = rows.nth(2).locator('[data-keen]')
    expect(await keen.allInnerTexts()).toEqual(['margin', 'liquidation', 'market:BTC-USD'])
    expect(await rows.nth(1).locator('[data-keen]').count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('holds marks that exchanges publish against ours', async () => {
    const view = await watchedOnes()
    const { page, errors } = await opened(async () => await Promise.resolve(view))
    const rows = page.getByRole('region', { name: 'Published marks' }).getByRole('row')
    expect(await rows.nth(1).innerText()).toMatch(
      /BTC-USD\s+paradex[\s\S]*97,123\.40\s+97,100\.00\s+\+2\.4 bps\s+25 bps\s+\+0\.00125 %/,
    )
    expect(await rows.nth(2).innerText()).toMatch(/ETH-USD[\s\S]*−79\.5 bps\s+25 bps/)
    expect(await rows.nth(1).getAttribute('data-apart')).toBeNull()
    expect(await rows.nth(2).getAttribute('data-apart')).toBe('')
    expect(errors).toEqual([])
  })

  test('names whose median a mark is held against where there is none of ours', async () => {
    const { watched, ...view } = await watchedOnes()
    const others = { median: '97000', of: ['extended', 'hyperliquid', hostile] }
    const changed = watched.map((one) => ({
      ...one,
      marks: one.marks.map((mark) => ({ ...mark, ours: undefined, others })),
    }))
    const { page, errors } = await opened(async () =>
      Promise.resolve({ ...view, watched: changed }),
    )
    const rows = page.getByRole('region', { name: 'Published marks' }).getByRole('row')
    const text = await rows.nth(1).innerText()
    expect(text).toMatch(
      /97,123\.40\s+97,000\.00\s+the other exchanges' median: extended, hyperliquid, /,
    )
    expect(text).toContain(hostile)
    expect(errors).toEqual([])
  })

  test('says of an incident what came with it, what happened, and who has it in hand', async () => {
    const said = { by: 'ann', until: timestamp(at + 3_600_000) }
    const more = {
      symptoms: [{ rule: 'price-late', subject: 'BTC-USD', summary: hostile }],
      timeline: [
        { at: at - 60_000, what: 'first seen: l1 has made no block since 812' },
        { at, what: 'it was told' },
      ],
      acknowledged: { ...said, note: 'the node restarts' },
    }
    const other = { ...incident, key: 'other', silenced: { ...said, reason: '' } }
    let now = aView({ incidents: { open: [{ ...incident, ...more }, other], recent: [] } })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const [first, second] = [0, 1].map((place) => page.locator('#incidents > li').nth(place))
    await first
      ?.getByText('acknowledged by ann until 2025-11-24 17:00:00 UTC: the node restarts')
      .waitFor()
    await second?.getByText('silenced by ann until 2025-11-24 17:00:00 UTC').waitFor()
    expect(await second?.locator('details').isVisible()).toBe(false)
    await first?.getByText('with it 1 more · 2 events').click()
    await first?.getByText(`with it price-late: ${hostile}`).waitFor()
    expect(await first?.getByRole('list', { name: 'What happened' }).innerText()).toMatch(
      /2025-11-24 15:59:00 UTC\s*first seen: [\s\S]*2025-11-24 16:00:00 UTC\s*it was told/,
    )
    // It stays open while its history grows.
    const timeline = [...more.timeline, { at: at + 1_000, what: 'it came back' }]
    now = aView({ incidents: { open: [{ ...incident, ...more, timeline }], recent: [] } })
    await first?.getByText('it came back').waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('says whether each chain can be relied on, since when and why', async () => {
    const chain: NetworkView['chains'][number] = {
      chain: 'l1',
      kind: 'evm',
      blockSeconds: 2,
      head: { number: 812, hash: '0x1', at: at - 1_000, ageMs: 1_000 },
      stalledAfterMs: 60_000,
      error: undefined,
      nodes: [],
      seenAt: at,
      uptime: { state: 'down', since: timestamp(at - 600_000), reason: hostile },
    }
    let now = aView({ chains: [chain] })
    const { page, errors } = await opened(async () => await Promise.resolve(now))
    const tile = page.locator('.tile')
    await tile.getByText('down for 10 min').waitFor()
    await tile.getByText(hostile).waitFor()
    now = aView({ chains: [{ ...chain, uptime: undefined }] })
    await tile.locator('.badge').waitFor({ state: 'hidden' })
    expect(await tile.innerText()).not.toContain('img')
    expect(errors).toEqual([])
  })

  test.each([360, 400])('fits a phone of %i px without scrolling sideways', async (width) => {
    const all = {
      ...busy,
      watched: (await watchedOnes()).watched,
      funding: [aFunding],
      positions: [somePositions],
      liquidation: [aLiquidation],
    }
    const { page } = await opened(async () => await Promise.resolve(all))
    await page.setViewportSize({ width, height: 700 })
    await page.locator('.price').getByText('97,123.46').waitFor()
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
    expect(widths).toEqual([width, width])
  })
})

const at = 1_764_000_000_000

async function watchedOnes(): Promise<NetworkView> {
  return await networkView({
    network: aWatchedNetwork(),
    store: await aWatchedStore(),
    now: watchedAt,
  })
}

const incident: NetworkView['incidents']['open'][number] = {
  rule: 'chain-stalled',
  subject: 'l1',
  key: 'chain-stalled:l1:1',
  state: 'open',
  severity: 'critical',
  summary: 'l1 has made no block since 812',
  since: at - 60_000,
  openedAt: at,
  resolvedAt: undefined,
  symptoms: [],
  timeline: [],
  acknowledged: undefined,
  silenced: undefined,
  channels: [{ channel: 'team', told: 'opened', failures: 0 }],
}

const feed: NetworkView['feeds'][number] = {
  feed: 'BTC-USD',
  role: 'market',
  minSources: 1,
  mark: {
    kind: 'price',
    price: '97123.456',
    confidence: '1.5',
    at,
    ageMs: 1_000,
    stale: false,
    nodes: 1,
  },
  nodes: [
    {
      node: 'oracle-1',
      round: 7,
      at,
      ageMs: 1_000,
      outcome: {
        kind: 'price',
        price: '97123.456',
        confidence: '1.5',
        agreeing: 1,
        oldestInputAt: at,
      },
      quality: {
        agreeing: 1,
        sources: 2,
        dispersionBps: '3.2',
        confidenceBps: '0.2',
        inputAgeMs: 500,
      },
      sources: [
        {
          venue: 'kraken',
          instrument: 'BTC-USD',
          price: '97123.456',
          offBps: '0.0',
          at,
          ageMs: 500,
          verdict: 'agrees',
          counted: true,
          why: '',
        },
        {
          venue: 'okx',
          instrument: 'BTC-USDT',
          price: '97120',
          offBps: '-0.4',
          at: at - 64_000,
          ageMs: 64_000,
          verdict: 'stale',
          counted: false,
          why: 'its quote is 64 s old',
        },
      ],
    },
  ],
  posted: [
    {
      engine: 'evm',
      price: '97100',
      publishedAt: at - 12_000,
      ageMs: 12_000,
      offBps: '-2.4',
      deviationBps: 20,
      heartbeatMs: 300_000,
      lateAfterMs: 600_000,
      late: false,
      paused: false,
      problem: undefined,
    },
  ],
}

const transaction: NetworkView['lanes'][number]['transactions'][number] = {
  id: 'push-prices:evm:round-7',
  action: 'push-prices',
  engine: 'evm',
  round: 7,
  markets: ['BTC-USD'],
  left: [],
  state: 'sent',
  createdAt: at - 2_000,
  deadline: at + 60_000,
  nonce: 4,
  hash: '0xfeed',
  sentAt: at - 1_000,
  block: undefined,
  includedAt: undefined,
  attempts: 1,
  failed: undefined,
}

const busy = aView({
  feeds: [feed],
  lanes: [
    {
      lane: 'l1/0xkeeper',
      chain: 'l1',
      account: '0xkeeper',
      nextNonce: 5,
      inFlight: 1,
      refused: [],
      noFunds: undefined,
      transactions: [
        transaction,
        {
          ...transaction,
          id: 'push-prices:evm:round-6',
          round: 6,
          state: 'failed',
          failed: { why: 'reverted', reason: 'stale price' },
        },
      ],
    },
  ],
})

/** A system of which every name and word is somebody else's. */
function hostileOne(
  one: NetworkView['watched'][number],
  place: number,
): NetworkView['watched'][number] {
  const system = `${place}${hostile}`
  return {
    ...one,
    system,
    why: hostile,
    chains: one.chains.map((chain) => ({
      ...chain,
      chain: `${chain.chain}${hostile}`,
      places: [{ place: hostile, number: 1, ageMs: 1, trouble: hostile }],
    })),
    progress: one.progress.map((kind) => ({ ...kind, name: hostile, last: hostile })),
    levels: one.levels.map((level) => ({
      ...level,
      name: `${level.name}${hostile}`,
      unit: hostile,
    })),
    deadlines: one.deadlines.map((each) => ({ ...each, text: hostile })),
    changes: one.changes.map((change) => ({
      ...change,
      title: hostile,
      touches: [hostile],
      announces: { [hostile]: hostile },
      differs: hostile,
    })),
    marks: one.marks.map((mark) => ({ ...mark, market: `${mark.market}${hostile}` })),
    finality: one.finality && { ...one.finality, basis: hostile },
    unseen: [{ part: hostile, since: at, reason: hostile }],
  }
}

function aPoint(round: number, mark: string) {
  const seenAt = Date.now() - (10 - round) * 5_000
  return { round, at: seenAt, mark, sources: { 'kraken BTC-USD': mark }, posted: {} }
}
