import { randomBytes } from 'node:crypto'

import { beforeEach, expect, test } from 'vitest'

import { BlobKeyError } from '../../../lib/adapters/blob-rules.ts'
import type { Blobs } from '../../../lib/ports.ts'

/** What every keeper of blobs does. `make` gives an empty one. */
export function blobsContract(make: () => Promise<Blobs>): void {
  let blobs: Blobs

  beforeEach(async () => {
    blobs = await make()
  })

  test.for([0, 1, 4_096, 3_000_000])('%d bytes come back as they were put', async (size) => {
    const content = randomBytes(size)
    await blobs.put('reports/one', content)
    expect(Buffer.from((await blobs.get('reports/one')) ?? 'nothing').equals(content)).toBe(true)
  })

  test('what was never put is not there', async () => {
    await blobs.put('reports/one', Buffer.from('one'))
    expect(await blobs.get('reports/two')).toBeUndefined()
    expect(await blobs.get('other/folders/one')).toBeUndefined()
  })

  test('putting it again changes nothing', async () => {
    for (const _ of [1, 2]) await blobs.put('one', Buffer.from('one'))
    expect(textOf(await blobs.get('one'))).toBe('one')
  })

  test('nobody holds the bytes of another', async () => {
    const mine = Buffer.from('mine')
    await blobs.put('one', mine)
    mine.fill(0)
    ;(await blobs.get('one'))?.fill(0)
    expect(textOf(await blobs.get('one'))).toBe('mine')
  })

  test('many at once are kept apart, the same one put by many is whole', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `many/${at}`)
    await Promise.all(names.map(async (name) => blobs.put(name, Buffer.from(name))))
    expect(await Promise.all(names.map(async (name) => textOf(await blobs.get(name))))).toEqual(
      names,
    )
    const same = randomBytes(200_000)
    await Promise.all(names.map(async () => blobs.put('same', same)))
    expect(Buffer.from((await blobs.get('same')) ?? '').equals(same)).toBe(true)
  })

  test.for([
    '',
    '/etc/passwd',
    '../outside',
    'reports/../../outside',
    'reports//one',
    'reports/',
    '.hidden',
    'reports/.new-one',
    'reports\\one',
    'Reports/one',
    'one\0',
    'one two',
    'a/b/c/d/e/f/g/h/i',
    'x'.repeat(129),
  ])('%j is no name', async (name) => {
    await expect(blobs.put(name, Buffer.from('one'))).rejects.toThrow(BlobKeyError)
    await expect(blobs.get(name)).rejects.toThrow(BlobKeyError)
  })
}

function textOf(content: Uint8Array | undefined): string | undefined {
  return content && Buffer.from(content).toString('utf8')
}
