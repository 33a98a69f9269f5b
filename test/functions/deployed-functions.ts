import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'

import { readSnapshot, snapshotData } from '../../lib/adapters/engines/evm-engine/snapshot.ts'
import { readReports } from '../../lib/adapters/peers/report-wire.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { noEmulator } from '../adapters/store/emulator.ts'
import {
  type CloudWorld,
  markets,
  nodes,
  slotSeconds,
  startCloudWorld,
  venues,
} from './cloud-world.ts'
import type { ClockedOptions, FunctionName, Lambdas } from './lambdas.ts'

/** How long anything may take here on a machine that does many other things. */
const patienceMs = 15_000

/** Behaviour of all deployed functions together, however they are started. */
export function describeDeployedFunctions(
  how: string,
  startLambdas: (options: ClockedOptions) => Promise<Lambdas>,
): void {
  describe.skipIf(noEmulator !== undefined)(`the deployed functions, ${how},`, () => {
    let world: CloudWorld
    let lambdas: Lambdas
    const realNow = Date.now
    let aheadMs = 0

    beforeAll(async () => {
      aheadMs = 0
      vi.spyOn(Date, 'now').mockImplementation(() => realNow() + aheadMs)
      world = await startCloudWorld()
      lambdas = await startLambdas({ root: world.root, aheadMs: () => aheadMs })
    })

    afterAll(async () => {
      await lambdas?.close()
      await world?.close()
      vi.restoreAllMocks()
    })

    /** Hands over the messages of one job's slot one by one, as SQS does. */
    async function deliver(job: FunctionName, slot: number): Promise<void> {
      const messages = world.sqs.messages.filter(
        (one) => one.job.job === job && one.job.slot === slot,
      )
      const answers = await Promise.all(
        messages.map(async ({ id, body }) =>
          lambdas.call(job, { Records: [{ messageId: id, body }] }),
        ),
      )
      expect(answers).toEqual(messages.map(() => ({ batchItemFailures: [] })))
      expect(messages).not.toHaveLength(0)
    }

    async function look(): Promise<void> {
      const slot = await nextSlot()
      await deliver('publish-prices', slot)
      await deliver('watch-liveness', slot)
    }

    const transactions = async () =>
      Number(await world.rpc('eth_getTransactionCount', world.sender, 'latest'))

    test('plan the slots of the next 150 s, each once and none before its time', async () => {
      const from = Date.now()
      await lambdas.call('plan-ticks', {})
      const planned = world.sqs.messages
      expect(new Set(planned.map(({ body }) => body)).size).toBe(planned.length)
      for (const { job, queue, visibleAt } of planned) {
        expect(queue).toBe(world.sqs.url(job.job))
        const slotAt = job.slot * slotSeconds * 1000
        expect(visibleAt).toBeGreaterThanOrEqual(slotAt)
      }
      const slots = Math.floor(150 / slotSeconds)
      const subjects: Readonly<Record<string, readonly string[]>> = {
        'publish-prices': nodes,
        'push-prices': ['evm'],
        'watch-liveness': ['network'],
      }
      for (const [job, of] of Object.entries(subjects))
        for (const subject of of) {
          const own = planned.filter(({ job: one }) => one.job === job && one.subject === subject)
          const numbers = own.map(({ job: one }) => one.slot).toSorted((a, b) => a - b)
          const [first = 0] = numbers
          expect(Math.abs(numbers.length - slots)).toBeLessThanOrEqual(1)
          expect(numbers).toEqual(numbers.map((__, at) => first + at))
          expect(first * slotSeconds * 1000).toBeGreaterThan(from - slotSeconds * 1000)
        }
    })

    let pushed = 0
    const intentId = () => `push-prices:evm:round-${pushed}`

    test('publish a report of every node, and push the median of them', async () => {
      pushed = await nextSlot()
      await deliver('publish-prices', pushed)
      const reports = await world.store.reports.ofRound(pushed)
      expect(new Set(reports.map(({ node }) => node))).toEqual(new Set(nodes))
      expect(reports).toHaveLength(nodes.length * markets.length)

      await deliver('push-prices', pushed)
      await until(
        async () => (await transactions()) === 1,
        async () => sleep(200),
      )
      const names = markets.map(parseMarket)
      const call = { to: world.engine, data: snapshotData(names) }
      const answer = z.templateLiteral(['0x', z.string()])
      const data = answer.parse(await world.rpc('eth_call', call, 'latest'))
      for (const { market, price } of readSnapshot(data, names).markets) {
        const prices = reports.flatMap((one) => (one.feed === market ? [one.price] : []))
        const [, middle] = prices.toSorted((a, b) => a.comparedTo(b))
        expect(price).toBe(BigInt(middle?.mul('1e18').toFixed(0) ?? 0))
      }
    })

    test('change nothing when every message comes twice', async () => {
      const before = await world.store.reports.ofRound(pushed)
      await deliver('publish-prices', pushed)
      await deliver('push-prices', pushed)
      // Two blocks, in which a second transaction would be.
      await sleep(2_000)
      expect(await world.store.reports.ofRound(pushed)).toEqual(before)
      expect(await transactions()).toBe(1)
      const intents = await world.store.intents.recent(`evm/${world.sender}`, 10)
      expect(intents.map(({ id }) => id)).toEqual([intentId()])
    })

    test('follow the transaction until it is final', async () => {
      await until(
        async () => (await world.store.intents.get(intentId()))?.state.kind === 'settled',
        async () => {
          await lambdas.call('deliver-outbox', {})
          await sleep(500)
        },
      )
      expect(await transactions()).toBe(1)
    })

    test('show it all on the page', async () => {
      const [page, view] = await Promise.all(
        ['/', '/api/view'].map(async (rawPath) =>
          Answer.parse(await lambdas.call('dashboard', get(rawPath))),
        ),
      )
      expect(page).toMatchObject({ statusCode: 200 })
      expect(page?.headers['content-type']).toContain('text/html')
      expect(page?.body).toContain('</html>')
      expect(view).toMatchObject({ statusCode: 200 })
      const { network, feeds } = View.parse(JSON.parse(view?.body ?? ''))
      expect(network).toBe('test')
      expect(feeds.map(({ feed }) => feed)).toEqual(markets)
    })

    test('serve what each node signed, to whoever asks', async () => {
      const target = `evm:31337:${world.engine}`.toLowerCase()
      for (const node of nodes) {
        const answer = Answer.parse(
          await lambdas.call('reports', get(`/reports/${node}/${pushed}`)),
        )
        expect(answer).toMatchObject({ statusCode: 200 })
        expect(answer.headers['cache-control']).toContain('immutable')
        const served = readReports(answer.body, { mine: target })
        expect(served).toMatchObject({ node, round: pushed, unreadable: 0 })
        const stored = (await world.store.reports.ofRound(pushed)).filter(
          (one) => one.node === node,
        )
        expect(served.reports.map(({ feed }) => feed)).toEqual(markets)
        expect(served.reports.map(({ signatures }) => signatures['mine'])).toEqual(
          stored.map(({ signatures }) => signatures['evm']),
        )
        const known = { 'if-none-match': answer.headers['etag'] }
        expect(
          await lambdas.call('reports', get(`/reports/${node}/${pushed}`, known)),
        ).toMatchObject({ statusCode: 304, body: '' })
      }
      expect(await lambdas.call('reports', get('/reports/nobody/1'))).toMatchObject({
        statusCode: 404,
      })
    })

    test('give back a message that is no job, and one of somebody else', async () => {
      const foreign = JSON.stringify({ job: 'publish-prices', subject: 'nobody', slot: slotNow() })
      const records = [
        { messageId: 'torn', body: '{"job":"publish-pr' },
        { messageId: 'foreign', body: foreign },
      ]
      expect(await lambdas.call('publish-prices', { Records: records })).toEqual({
        batchItemFailures: [{ itemIdentifier: 'torn' }, { itemIdentifier: 'foreign' }],
      })
    })

    test('tell people of a market without a price, and of its end', async () => {
      const told = (mark: string) =>
        world.pagers
          .received()
          .some(
            ({ pager, body }) =>
              pager === 'slack' && body.includes(mark) && body.includes('BTC-USD'),
          )
      for (const venue of venues) world.faults.set(venue, { fault: 'vanish' })
      await until(async () => told(':red_circle:'), look)
      expect(told(':large_green_circle:')).toBe(false)

      world.faults.clear()
      await look()
      // Longer than an incident must be gone before it counts as resolved.
      aheadMs += 31_000
      await until(async () => told(':large_green_circle:'), look)
    })
  })
}

/** What a function URL is called with. */
function get(rawPath: string, headers: Readonly<Record<string, string | undefined>> = {}) {
  const requestContext = { domainName: 'functions.example', http: { method: 'GET' } }
  return { rawPath, rawQueryString: '', headers, requestContext }
}

const Answer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})

const View = z.object({
  network: z.string(),
  feeds: z.array(z.object({ feed: z.string() })),
})

function slotNow(): number {
  return Math.floor(Date.now() / 1000 / slotSeconds)
}

async function nextSlot(): Promise<number> {
  const slot = slotNow() + 1
  await sleep(slot * slotSeconds * 1000 - Date.now())
  return slot
}

async function until(isSo: () => Promise<boolean>, work: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so after ${patienceMs} ms`)
    await work()
  }
}
