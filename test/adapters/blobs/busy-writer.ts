import { argv } from 'node:process'

import { filesBlobs } from '../../../lib/adapters/blobs/files.ts'
import { wallClock } from '../../../lib/runtime/wall-clock.ts'

/** Writes until it is killed, and says when it is in the middle of it. */
const blobs = filesBlobs({ folder: argv[2] ?? '', clock: wallClock })
for (let at = 0; ; at += 1) {
  await blobs.put(`blob-${at}`, Buffer.alloc(2_000_000, 'x'))
  if (at === 5) process.send?.('writing')
}
