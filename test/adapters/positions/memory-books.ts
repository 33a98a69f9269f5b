import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { positionBooks } from '../../../lib/adapters/positions/position-books.ts'
import type { Clock, PositionBooks, Store } from '../../../lib/ports.ts'

/** The accounts of exchanges, kept in memory beside the store that says which count. */
export function memoryBooks(store: Pick<Store, 'positions'>, clock: Clock): PositionBooks {
  return positionBooks({ rows: store.positions, blobs: memoryBlobs({ clock }), clock })
}
