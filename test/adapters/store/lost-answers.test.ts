import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb'
import { describe, expect, onTestFinished, test } from 'vitest'

import { createTable } from '../../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../../lib/adapters/store/dynamo.ts'
import { StoreUnavailableError } from '../../../lib/adapters/store/unavailable.ts'
import type { Store } from '../../../lib/ports.ts'
import { emulator, noEmulator } from './emulator.ts'
import { type Fate, lossyProxy, type LossyProxy } from './lossy-proxy.ts'
import {
  aLane,
  anIncident,
  anIntent,
  aReport,
  at,
  settled,
  start,
  type SteppedClock,
  steppedClock,
} from './samples.ts'

describe.skipIf(noEmulator)('a store that the network comes between', () => {
  const local = emulator()
  let tables = 0

  /** Two ways to one table: through a network with that fate, and straight. */
  async function aWorld(fate: (operation: string, count: number) => Fate): Promise<{
    readonly far: Store
    readonly near: Store
    readonly proxy: LossyProxy
    readonly clock: SteppedClock
  }> {
    tables += 1
    const clock = steppedClock()
    const table = await createTable(local.client(), `lost-${tables}`)
    const proxy = await lossyProxy(local.endpoint(), fate)
    const client = dynamoClient({ region: 'local', endpoint: proxy.endpoint, timeoutMs: 300 })
    onTestFinished(() => client.destroy())
    const blobs = memoryBlobs({ clock })
    const near = dynamoStore({ client: local.client(), table, blobs, clock })
    return { far: dynamoStore({ client, table, blobs, clock }), near, proxy, clock }
  }

  const job = { job: 'push-prices', subject: 'core', slot: 7 }

  test('a claim whose answer was lost is still this worker’s claim', async () => {
    const { far, near, proxy } = await aWorld(firstAnswerLost('PutItem'))
    expect(await far.ticks.claim(job, 'one', start, at(30_000))).toBe(true)
    expect(proxy.asked).toEqual(['PutItem', 'PutItem'])
    expect(await near.ticks.claim(job, 'two', start, at(30_000))).toBe(false)
  })

  test('a claim that another worker holds is not taken for one’s own', async () => {
    const { far, near } = await aWorld(firstAnswerLost('PutItem'))
    await near.ticks.claim(job, 'one', start, at(30_000))
    expect(await far.ticks.claim(job, 'one', start, at(30_000))).toBe(false)
  })

  test('an outcome whose answer was lost is recorded once', async () => {
    const { far, near } = await aWorld(firstAnswerLost('UpdateItem'))
    await far.ticks.claim(job, 'one', start, at(30_000))
    const outcome = { kind: 'done', reason: 'pushed', detail: '', at: start } as const
    await far.ticks.finish(job, 'one', outcome)
    expect((await near.ticks.recent(job.job, job.subject, 1))[0]?.outcome).toEqual(outcome)
  })

  test('what was written although its answer was lost is said to be written', async () => {
    const { far, near } = await aWorld((operation, count) =>
      operation === 'PutItem' && count % 2 === 1 ? 'lose-answer' : 'pass',
    )
    expect(await far.lanes.write(aLane(1))).toBe('written')
    expect(await far.reports.publish('alpha', 5, [aReport('alpha', 5)])).toBe('published')
    expect(await far.prices.write('alpha', 5, '{}')).toBe('written')
    expect(await far.incidents.write(anIncident('BTC-USD'))).toBe('written')
    expect(await near.lanes.write(aLane(1))).toBe('stale')
    expect(await near.lanes.write(aLane(2))).toBe('written')
  })

  test('an intent whose answer was lost was added, and once', async () => {
    // The first row is the action's, the second decides.
    const { far, near, proxy } = await aWorld((operation, count) =>
      operation === 'PutItem' && count === 2 ? 'lose-answer' : 'pass',
    )
    expect(await far.intents.add(anIntent('one'))).toBe('added')
    expect(proxy.asked).toEqual(['GetItem', 'PutItem', 'PutItem', 'PutItem'])
    expect(await near.intents.open('evm/0xkeeper')).toEqual([anIntent('one')])
    expect(await far.intents.add(anIntent('one'))).toBe('already-there')
  })

  test('a step whose answer was lost was made', async () => {
    const { far, near } = await aWorld(firstAnswerLost('UpdateItem'))
    await near.intents.add(anIntent('one'))
    expect(await far.intents.move('one', settled)).toBe('moved')
    expect(await far.intents.move('one', settled)).toBe('final-already')
  })

  test('a write that followed another’s is stale, whatever was lost before', async () => {
    const { far, near } = await aWorld(firstAnswerLost('PutItem'))
    await near.lanes.write(aLane(1, { nextNonce: 77 }))
    expect(await far.lanes.write(aLane(1))).toBe('stale')
    expect((await near.lanes.read('evm/0xkeeper'))?.nextNonce).toBe(77)
  })

  test.each<[string, Fate]>([
    ['is throttled', { status: 400, body: error('ProvisionedThroughputExceededException') }],
    ['fails', { status: 500, body: error('InternalServerError') }],
    ['is behind a broken gateway', { status: 502, body: '<html>bad gateway</html>' }],
    ['answers what is no answer', { status: 200, body: '<html>welcome</html>' }],
    ['loses every answer', 'lose-answer'],
  ])('a table that %s is unavailable, and no outcome', async (_, fate) => {
    const { far, near } = await aWorld(() => fate)
    const attempts = await Promise.allSettled([
      far.ticks.claim(job, 'one', start, at(30_000)),
      far.ticks.finish(job, 'one', { kind: 'done', reason: '', detail: '', at: start }),
      far.lanes.write(aLane(2)),
      far.lanes.read('evm/0xkeeper'),
      far.intents.add(anIntent('one')),
      far.intents.move('one', settled),
      far.intents.open('evm/0xkeeper'),
      far.reports.ofRound(5),
      far.history.record({ keeper: 'k', subject: 's', slot: 1, at: start, view: '', decided: '' }),
    ])
    for (const attempt of attempts)
      expect(attempt).toMatchObject({ reason: expect.any(StoreUnavailableError) as unknown })
    expect(await near.lanes.read('evm/0xkeeper')).toBeUndefined()
  })

  test('a table that never answers is unavailable in the end', async () => {
    const { far, proxy } = await aWorld(() => 'hang')
    await expect(far.prices.read('alpha')).rejects.toThrow(StoreUnavailableError)
    expect(proxy.asked).toEqual(['GetItem', 'GetItem', 'GetItem'])
  })

  test('rows that stay unprocessed are asked for again, and are unavailable in the end', async () => {
    const unprocessed = JSON.stringify({
      Responses: {},
      UnprocessedKeys: { 'lost-0': { Keys: [{ pk: { S: 'INTENT#one' }, sk: { S: 'state' } }] } },
    })
    const { far, near, proxy } = await aWorld((operation, count) =>
      operation === 'BatchGetItem' && count <= 2
        ? { status: 200, body: unprocessed.replace('lost-0', `lost-${tables}`) }
        : 'pass',
    )
    await near.intents.add(anIntent('one'))
    expect(await far.intents.open('evm/0xkeeper')).toEqual([anIntent('one')])
    expect(proxy.asked.filter((one) => one === 'BatchGetItem')).toHaveLength(4)

    const dead = await aWorld((operation) =>
      operation === 'BatchGetItem'
        ? { status: 200, body: unprocessed.replace('lost-0', `lost-${tables}`) }
        : 'pass',
    )
    await dead.near.intents.add(anIntent('one'))
    await expect(dead.far.intents.open('evm/0xkeeper')).rejects.toThrow(StoreUnavailableError)
  })

  test('a mistake of ours is not the store’s trouble', async () => {
    const clock = steppedClock()
    const blobs = memoryBlobs({ clock })
    const store = dynamoStore({ client: local.client(), table: 'no-such-table', blobs, clock })
    const read = store.lanes.read('evm/0xkeeper')
    await expect(read).rejects.toThrow(ResourceNotFoundException)
  })
})

function firstAnswerLost(lost: string): (operation: string, count: number) => Fate {
  return (operation, count) => (operation === lost && count === 1 ? 'lose-answer' : 'pass')
}

function error(type: string): string {
  return JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'not now' })
}
