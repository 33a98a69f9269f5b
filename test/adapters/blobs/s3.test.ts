import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { BlobsUnavailableError } from '../../../lib/adapters/blob-rules.ts'
import { s3Blobs, s3Client } from '../../../lib/adapters/blobs/s3.ts'
import type { Blobs } from '../../../lib/ports.ts'
import { type AnS3, startS3 } from './an-s3.ts'
import { blobsContract } from './contract.ts'

let s3: AnS3

beforeAll(async () => {
  s3 = await startS3()
})

afterAll(async () => await s3.close())

beforeEach(() => {
  s3.objects.clear()
  s3.asked.length = 0
  s3.fate = () => 'pass'
})

function blobsOf({ bucket = s3.bucket, timeoutMs = 5_000 } = {}): Blobs {
  const client = s3Client({ region: 'eu-west-1', endpoint: s3.endpoint, timeoutMs })
  onTestFinished(() => client.destroy())
  return s3Blobs({ client, bucket })
}

const one = Buffer.from('one whole blob')

describe('blobs in S3', () => {
  blobsContract(async () => {
    s3.objects.clear()
    const client = s3Client({ region: 'eu-west-1', endpoint: s3.endpoint, timeoutMs: 5_000 })
    onTestFinished(() => client.destroy())
    return s3Blobs({ client, bucket: s3.bucket })
  })

  test('one put is one request', async () => {
    await blobsOf().put('r/one', one)
    expect(s3.asked).toEqual(['PUT r/one'])
    expect(s3.objects.get('r/one')).toEqual(one)
  })

  test.for(['slow-down', 'lose-answer'] as const)(
    'a request that meets %s is asked again',
    async (fate) => {
      s3.fate = (_, count) => (count === 1 ? fate : 'pass')
      const blobs = blobsOf()
      await blobs.put('r/one', one)
      expect(Buffer.from((await blobs.get('r/one')) ?? '')).toEqual(one)
      expect(s3.asked).toEqual(['PUT r/one', 'PUT r/one', 'GET r/one', 'GET r/one'])
    },
  )

  test('a body that broke off is fetched again, and never taken for the whole', async () => {
    const blobs = blobsOf()
    await blobs.put('r/one', one)
    s3.fate = (_, count) => (count === 1 ? 'truncate' : 'pass')
    expect(Buffer.from((await blobs.get('r/one')) ?? '')).toEqual(one)
    s3.fate = () => 'truncate'
    await expect(blobs.get('r/one')).rejects.toThrow(BlobsUnavailableError)
  })

  test('a large one has the time that it takes to be sent, and is sent once', async () => {
    s3.fate = () => 'late'
    const large = Buffer.alloc(30_000_000, 7)
    await blobsOf({ timeoutMs: 2_000 }).put('r/large', large)
    expect(s3.objects.get('r/large')?.equals(large)).toBe(true)
    expect(s3.asked).toEqual(['PUT r/large'])
  })

  test.for(['slow-down', 'lose-answer', 'hang'] as const)(
    '%s for ever is unavailable',
    async (fate) => {
      s3.objects.set('r/one', one)
      s3.fate = () => fate
      const blobs = blobsOf({ timeoutMs: 200 })
      await expect(blobs.put('r/one', one)).rejects.toThrow(BlobsUnavailableError)
      await expect(blobs.get('r/one')).rejects.toThrow(BlobsUnavailableError)
      expect(s3.asked).toHaveLength(6)
    },
  )

  test('a missing right or bucket is a mistake of ours, and no missing blob', async () => {
    await expect(blobsOf({ bucket: 'other' }).get('r/one')).rejects.toThrow('NoSuchBucket')
    s3.fate = () => 'denied'
    await expect(blobsOf().get('r/one')).rejects.toThrow('AccessDenied')
    await expect(blobsOf().put('r/one', one)).rejects.toThrow('AccessDenied')
  })
})
