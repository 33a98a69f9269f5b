import { describe, expect, test } from 'vitest'

import { blobKeptMs } from '../../../lib/adapters/blob-rules.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { dayMs, steppedClock } from '../store/samples.ts'
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

  test('slots are kept for a month, and files of them as long as is asked for', async () => {
    const clock = steppedClock()
    const blobs = memoryBlobs({ clock, historyKeptMs: 100 * dayMs })
    const there = async () => {
      await blobs.put('reports/new', Buffer.from('new'))
      const names = ['reports/one', 'slot/one', 'history/one']
      const found = await Promise.all(names.map(async (name) => await blobs.get(name)))
      return names.filter((_, index) => found[index])
    }
    for (const name of ['reports/one', 'slot/one', 'history/one'])
      await blobs.put(name, Buffer.from('x'))
    clock.pass(8 * dayMs)
    expect(await there()).toEqual(['slot/one', 'history/one'])
    clock.pass(23 * dayMs)
    expect(await there()).toEqual(['history/one'])
    clock.pass(69 * dayMs)
    expect(await there()).toEqual([])
  })
})
