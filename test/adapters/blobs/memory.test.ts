import { describe, expect, test } from 'vitest'

import { blobKeptMs } from '../../../lib/adapters/blob-rules.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { steppedClock } from '../store/samples.ts'
import { blobsContract } from './contract.ts'

describe('blobs in memory', () => {
  blobsContract(async () => memoryBlobs({ clock: steppedClock() }))

  test('what is old makes room; what was put again is not old', async () => {
    const clock = steppedClock()
    const blobs = memoryBlobs({ clock })
    await blobs.put('old', Buffer.from('old'))
    await blobs.put('again', Buffer.from('again'))
    clock.pass(blobKeptMs - 1)
    await blobs.put('again', Buffer.from('again'))
    expect(await blobs.get('old')).toBeDefined()
    clock.pass(1)
    await blobs.put('new', Buffer.from('new'))
    expect(await blobs.get('old')).toBeUndefined()
    expect(await blobs.get('again')).toBeDefined()
  })
})
