import { createHash } from 'node:crypto'

import { bytes, type Item, keyOf, packedOf, text } from './item.ts'
import { pack, unpack } from './packed.ts'
import type { TableAccess } from './table-access.ts'
import type { Key } from './table.ts'
import { asked } from './unavailable.ts'

/**
 * A put into S3 costs as much as seven or eight write units, so that what takes fewer stays in its row.
 * https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
const mostInRowBytes = 4 * 1024

/** What `keptOf` names; the folder of its blob. */
export type KeptKind = 'reports' | 'snapshot' | 'entry' | 'slot' | 'memory'

/**
 * The column for a value that may be large: the value, packed, or the name of the blob that holds it. The blob is kept
 * before it is named, and its name is the digest of its bytes, so that the row that is written decides what is read.
 */
export async function keptColumn(
  { blobs }: TableAccess,
  kind: KeptKind,
  value: unknown,
): Promise<Item> {
  const packed = pack(value)
  if (packed.byteLength <= mostInRowBytes) return { [kind]: bytes(packed) }
  const name = blobName(kind, packed)
  await asked(`put ${name}`, () => blobs.put(name, packed))
  return { blob: text(name) }
}

/** Reads what {@link keptColumn} wrote. Throws `BrokenBlobError`. */
export async function keptOf({ blobs }: TableAccess, item: Item, kind: KeptKind): Promise<unknown> {
  const name = item['blob']?.S
  if (name === undefined) return packedOf(item, kind)
  const packed = await asked(`get ${name}`, () => blobs.get(name))
  if (!packed) throw new BrokenBlobError(keyOf(item), name, 'which is not there')
  if (blobName(kind, packed) !== name)
    throw new BrokenBlobError(keyOf(item), name, 'which holds other bytes than were put there')
  return unpack(packed)
}

/** How many blobs one read asks for at once. */
const atOnce = 16

/** Of many rows, in their order. */
export async function allKeptOf(
  access: TableAccess,
  items: readonly Item[],
  kind: KeptKind,
): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (let start = 0; start < items.length; start += atOnce) {
    const some = items.slice(start, start + atOnce)
    found.push(...(await Promise.all(some.map(async (item) => keptOf(access, item, kind)))))
  }
  return found
}

function blobName(kind: KeptKind, packed: Uint8Array): string {
  return `${kind}/${createHash('sha256').update(packed).digest('hex')}`
}

/** A row names a blob that was deleted or changed by somebody: blobs live longer than their rows. */
export class BrokenBlobError extends Error {
  override readonly name = 'BrokenBlobError'
  readonly key: Key
  readonly blob: string

  constructor(key: Key, blob: string, what: string) {
    super(
      `the row ${key.pk} / ${key.sk} names the blob ${blob}, ${what}; bring it back, or delete the row and go on without`,
    )
    this.key = key
    this.blob = blob
  }
}
