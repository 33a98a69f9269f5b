import { readFile } from 'node:fs/promises'
import process from 'node:process'

import { filesBlobs } from '../../lib/adapters/blobs/files.ts'
import { positionBooks } from '../../lib/adapters/positions/position-books.ts'
import { accountsOf } from '../../lib/domain/positions/book.ts'
import type { PositionRow } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'

// Has an exchange's accounts from files in this fresh process, and says what that took.

const [folder = '', row = ''] = process.argv.slice(2)
const begun = performance.now()
const books = positionBooks({
  rows: {
    read: async () => JSON.parse(await readFile(row, 'utf8')) as PositionRow,
    write: async () => 'stale',
  },
  blobs: filesBlobs({ folder, clock: wallClock }),
  clock: wallClock,
})
const kept = await books.read('bench')
if (!kept?.book) throw new Error(kept?.trouble ?? 'there is no book')
const accounts = accountsOf(kept.book)
let count = accounts.next().done === true ? 0 : 1
const restored = performance.now()
for (const _ of accounts) count += 1
const read = performance.now()
const took = { restoredMs: restored - begun, readMs: read - restored, accounts: count }
process.stdout.write(JSON.stringify(took))
