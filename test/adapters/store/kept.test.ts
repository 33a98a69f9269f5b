import { createHash, randomBytes } from 'node:crypto'

import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, onTestFinished, test } from 'vitest'

import { createTable } from '../../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { s3Blobs, s3Client } from '../../../lib/adapters/blobs/s3.ts'
import { dynamoStore } from '../../../lib/adapters/store/dynamo.ts'
import { itemBytes } from '../../../lib/adapters/store/item-size.ts'
import { BrokenBlobError } from '../../../lib/adapters/store/kept.ts'
import { StoreUnavailableError } from '../../../lib/adapters/store/unavailable.ts'
import type { Blobs } from '../../../lib/ports.ts'
import { startS3 } from '../blobs/an-s3.ts'
import { emulator, noEmulator } from './emulator.ts'
import { aReport, dayMs, start, steppedClock } from './samples.ts'

const large = {
  ...aReport('alpha', 5),
  configHash: `0x${randomBytes(9_000).toString('hex')}`,
} as const
const small = aReport('beta', 5)
const entry = {
  keeper: 'push-prices',
  subject: 'core',
  slot: 7,
  at: start,
  view: randomBytes(9_000).toString('hex'),
  decided: '[]',
}

describe.skipIf(noEmulator)('values that are large', () => {
  const local = emulator()
  let tables = 0

  async function aWorld(blobs: Blobs, clock = steppedClock()) {
    tables += 1
    const client = local.client()
    const table = await createTable(client, `kept-${tables}`)
    const rows = async () => (await client.send(new ScanCommand({ TableName: table }))).Items ?? []
    return { store: dynamoStore({ client, table, blobs, clock }), rows }
  }

  async function onS3() {
    const s3 = await startS3()
    const client = s3Client({ region: 'eu-west-1', endpoint: s3.endpoint, timeoutMs: 500 })
    onTestFinished(async () => {
      client.destroy()
      await s3.close()
    })
    return { s3, ...(await aWorld(s3Blobs({ client, bucket: s3.bucket }))) }
  }

  test('lie in blobs under their digests, and cost one write unit each', async () => {
    const { s3, store, rows } = await onS3()
    await store.reports.publish('alpha', 5, [large])
    await store.prices.write('alpha', 5, entry.view)
    await store.history.record(entry)
    await store.reports.publish('beta', 5, [small])
    expect([...s3.objects.keys()].map((key) => key.split('/')[0])).toEqual([
      'reports',
      'snapshot',
      'entry',
    ])
    for (const [key, content] of s3.objects)
      expect(key.split('/')[1]).toBe(createHash('sha256').update(content).digest('hex'))
    const found = await rows()
    expect(found).toHaveLength(4)
    for (const item of found) expect(itemBytes(item)).toBeLessThanOrEqual(1_024)
    expect(await store.reports.ofRound(5)).toEqual([large, small])
    expect((await store.prices.read('alpha'))?.snapshot).toBe(entry.view)
    expect(await store.history.recent('push-prices', 'core', 1)).toEqual([entry])
  })

  test('that were changed or deleted are told, and never read', async () => {
    const { s3, store } = await onS3()
    await store.reports.publish('alpha', 5, [large])
    await store.prices.write('alpha', 5, entry.view)
    await store.history.record(entry)
    const reads: readonly (() => Promise<unknown>)[] = [
      () => store.reports.ofRound(5),
      () => store.history.recent('push-prices', 'core', 1),
    ]
    const others = [...s3.objects.values()].toReversed()
    for (const [at, key] of [...s3.objects.keys()].entries())
      if (at !== 1) s3.objects.set(key, others[at] ?? Buffer.alloc(0))
      else s3.objects.set(key, (s3.objects.get(key) ?? Buffer.alloc(0)).subarray(1))
    for (const read of reads) {
      await expect(read()).rejects.toThrow(BrokenBlobError)
      await expect(read()).rejects.toThrow(/the row .+ names the blob .+, which holds other bytes/)
    }
    expect(await store.prices.read('alpha')).toBeUndefined()
    s3.objects.clear()
    for (const read of reads) await expect(read()).rejects.toThrow(/which is not there/)
  })

  test('a node whose snapshot is lost begins anew with its next round', async () => {
    const { s3, store } = await onS3()
    await store.prices.write('alpha', 5, entry.view)
    s3.objects.clear()
    expect(await store.prices.read('alpha')).toBeUndefined()
    expect(await store.prices.write('alpha', 6, entry.view)).toBe('written')
    expect(await store.prices.read('alpha')).toEqual({ round: 6, snapshot: entry.view })
  })

  test('without their blob no row is written', async () => {
    const { s3, store, rows } = await onS3()
    s3.fate = () => 'hang'
    const attempts = await Promise.allSettled([
      store.reports.publish('alpha', 5, [large]),
      store.prices.write('alpha', 5, entry.view),
      store.history.record(entry),
    ])
    for (const attempt of attempts)
      expect(attempt).toMatchObject({ reason: expect.any(StoreUnavailableError) as unknown })
    expect(await rows()).toEqual([])
    s3.fate = () => 'pass'
    expect(await store.reports.publish('alpha', 5, [large])).toBe('published')
  })

  test('are there for as long as a row names them', async () => {
    const clock = steppedClock()
    const { store } = await aWorld(memoryBlobs({ clock }), clock)
    await store.reports.publish('alpha', 5, [large])
    await store.prices.write('alpha', 5, entry.view)
    await store.history.record(entry)
    clock.pass(7 * dayMs - 1)
    await store.history.record({ ...entry, slot: 8 })
    expect(await store.reports.ofRound(5)).toEqual([large])
    expect((await store.prices.read('alpha'))?.snapshot).toBe(entry.view)
    expect(await store.history.recent('push-prices', 'core', 9)).toHaveLength(2)
    // Those blobs go now, and nobody asks for them any more.
    clock.pass(dayMs + 1)
    await store.history.record({ ...entry, slot: 9 })
    expect(await store.reports.ofRound(5)).toEqual([])
    expect(await store.prices.read('alpha')).toBeUndefined()
    expect(await store.history.recent('push-prices', 'core', 9)).toHaveLength(2)
  })
})
