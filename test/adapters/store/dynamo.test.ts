import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { describe, expect, onTestFinished, test } from 'vitest'

import { readTemplate } from '../../../infra/local/cloudformation.ts'
import { createTable, startDynamo } from '../../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../../lib/adapters/store/dynamo.ts'
import type { Store } from '../../../lib/ports.ts'
import { storeContract } from './contract.ts'
import { emulator, noEmulator } from './emulator.ts'
import {
  aLane,
  anIncident,
  anIntent,
  aReport,
  at,
  settled,
  start,
  steppedClock,
} from './samples.ts'
import { slotsContract } from './slots-contract.ts'

describe.skipIf(noEmulator)('the store in DynamoDB', () => {
  const local = emulator()
  storeContract({ make: async (clock) => await local.freshStore(clock), runs: 15 })
  slotsContract(async (clock) => await local.freshStore(clock))

  test('its local table is the one of the cloud', async () => {
    const client = local.client()
    const name = await createTable(client, 'described')
    expect(await createTable(client, 'described')).toBe(name)
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }))
    const { TimeToLiveDescription: ttl } = await client.send(
      new DescribeTimeToLiveCommand({ TableName: name }),
    )
    const file = new URL('../../../infra/cloud/table.yml', import.meta.url)
    const cloud = readTemplate(file).Resources['Table']?.Properties
    expect(table?.KeySchema).toEqual(cloud?.['KeySchema'])
    expect(
      table?.GlobalSecondaryIndexes?.map((index) => ({
        IndexName: index.IndexName,
        KeySchema: index.KeySchema,
        Projection: index.Projection,
      })),
    ).toEqual(cloud?.['GlobalSecondaryIndexes'])
    expect(ttl).toEqual({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' })
  })

  test('only what is not final is in the index of open work, and only what may go has an expiry', async () => {
    const clock = steppedClock()
    const table = await createTable(local.client(), 'sparse')
    const blobs = memoryBlobs({ clock })
    const store = dynamoStore({ client: local.client(), table, blobs, clock })
    await store.intents.add(anIntent('waiting'))
    await store.intents.add(anIntent('ended'))
    await store.intents.move('ended', settled)
    await store.incidents.write(anIncident('open'))
    await store.incidents.write(anIncident('over', { state: 'resolved' }))
    await store.lanes.write(aLane(1))
    await store.prices.write('alpha', 1, '{}')
    await store.reports.publish('alpha', 1, [aReport('alpha', 1)])
    await store.ticks.claim({ job: 'j', subject: 's', slot: 1 }, 'w', start, at(1))
    const keys = async (index?: string) => {
      const scan = new ScanCommand({ TableName: table, IndexName: index })
      const { Items: items = [] } = await local.client().send(scan)
      return items
    }
    expect(new Set((await keys('open')).map((item) => item['pk']?.S))).toEqual(
      new Set(['INTENT#waiting', 'INCIDENT#price-late#open']),
    )
    const lasting = (await keys()).filter((item) => !item['expiresAt'] && item['sk']?.S !== 'state')
    expect(new Set(lasting.map((item) => item['pk']?.S))).toEqual(
      new Set(['INCIDENT#price-late#open', 'LANE#evm/0xkeeper']),
    )
    const states = (await keys()).filter((item) => item['sk']?.S === 'state')
    const expiring = states.filter((item) => item['expiresAt'])
    expect(states).toHaveLength(2)
    expect(expiring.map((item) => item['pk']?.S)).toEqual(['INTENT#ended'])
  })

  test('hundreds of open intents are all found', async () => {
    const store = await local.freshStore(steppedClock())
    const ids = Array.from({ length: 130 }, (_, index) => `intent-${index}`)
    await Promise.all(
      ids.map(async (id, index) => await store.intents.add(anIntent(id, { createdAt: at(index) }))),
    )
    expect((await store.intents.open('evm/0xkeeper')).map(({ id }) => id)).toEqual(ids)
    expect((await store.intents.recent('evm/0xkeeper', 120)).map(({ id }) => id)).toEqual(
      ids.toReversed().slice(0, 120),
    )
  })
})

describe.skipIf(noEmulator)('a table in a folder', () => {
  test('is there again after the emulator was restarted', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'dynamo-'))
    onTestFinished(async () => await rm(dataDir, { recursive: true }))
    await withStore(dataDir, async (store) => {
      await store.lanes.write(aLane(1))
      await store.intents.add(anIntent('one'))
    })
    await withStore(dataDir, async (store) => {
      expect(await store.lanes.read('evm/0xkeeper')).toEqual(aLane(1))
      expect(await store.intents.open('evm/0xkeeper')).toEqual([anIntent('one')])
      expect(await store.lanes.write(aLane(1))).toBe('stale')
    })
  })

  test('on a port that is taken the emulator says so', async () => {
    const first = await startDynamo()
    if ('reason' in first) throw new Error(first.reason)
    onTestFinished(first.stop)
    const port = Number(new URL(first.endpoint).port)
    await expect(startDynamo({ port })).rejects.toThrow('did not start')
  })
})

async function withStore(dataDir: string, use: (store: Store) => Promise<void>): Promise<void> {
  const dynamo = await startDynamo({ dataDir })
  if ('reason' in dynamo) throw new Error(dynamo.reason)
  const client = dynamoClient({ region: 'local', endpoint: dynamo.endpoint })
  try {
    const table = await createTable(client)
    const clock = steppedClock()
    await use(dynamoStore({ client, table, blobs: memoryBlobs({ clock }), clock }))
  } finally {
    client.destroy()
    await dynamo.stop()
  }
}
