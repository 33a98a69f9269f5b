import type { Account } from '../../domain/margin/account.ts'
import { type AccountTable, accountsOf, type Book } from '../../domain/positions/book.ts'
import {
  assetNames,
  idBytes,
  readAccount,
  readAsset,
  readBlock,
  readDoubt,
  readId,
  writeAccount,
  writeAsset,
  writeBlock,
  writeDoubt,
  writeId,
} from './account-codec.ts'
import type { ByteReader } from './byte-reader.ts'
import { byteWriter } from './byte-writer.ts'
import { sealed, unsealed } from './sealed.ts'

const kind = { name: 'SKPB', version: 1 } as const

/**
 * A book without its journal as one file: block, assets, funding indexes, doubts, then where each account begins, and the
 * accounts in the order of their names. Nothing of it needs to be unpacked before it is looked at.
 */
export function packBook(book: Book): Uint8Array {
  const accounts = inOrder([...accountsOf(book)])
  const assets = new Set(accounts.flatMap(({ holdings }) => holdings.map(({ asset }) => asset)))
  const names = assetNames([...new Set([...assets, ...book.indexes.keys()])])
  const packed = byteWriter()
  const places = accounts.map((account) => {
    const place = packed.length()
    writeAccount(packed, names, account)
    return place
  })
  return sealed(kind, (to) => {
    writeBlock(to, book.block)
    to.whole(names.list.length)
    for (const name of names.list) to.text(name)
    to.whole(book.indexes.size)
    for (const [asset, index] of book.indexes) {
      writeAsset(to, names, asset)
      to.integer(index)
    }
    to.whole(book.doubts.size)
    for (const [id, doubt] of book.doubts) {
      writeId(to, id)
      writeDoubt(to, doubt)
    }
    to.whole(accounts.length)
    for (const place of places) to.fixed(place)
    to.bytes(packed.taken())
  })
}

/** By their names as they are written. */
function inOrder(accounts: readonly Account[]): readonly Account[] {
  return accounts
    .map((account) => ({ account, name: idBytes(account.id) }))
    .toSorted((one, other) => Buffer.compare(one.name, other.name))
    .map(({ account }) => account)
}

/** The book of a file, which is read where it lies. Throws `UnreadableBookError`. */
export function openBook(file: Uint8Array): Book {
  const from = unsealed(kind, file)
  const block = readBlock(from)
  const names = assetNames(listOf(from, () => from.text()))
  const indexes = new Map(listOf(from, () => [readAsset(from, names), from.integer()] as const))
  const doubts = new Map(listOf(from, () => [readId(from), readDoubt(from)] as const))
  const table = tableAt(from, names)
  return { block, floor: block, table, changed: new Map(), indexes, doubts, journal: [] }
}

function listOf<T>(from: ByteReader, read: () => T): readonly T[] {
  return Array.from({ length: from.whole() }, read)
}

function tableAt(from: ByteReader, names: ReturnType<typeof assetNames>): AccountTable {
  const size = from.whole()
  const places = from.place()
  const accounts = places + 4 * size

  const placeAt = (at: number): number => accounts + from.fixedAt(places + 4 * at)

  function goTo(at: number): ByteReader {
    from.moveTo(placeAt(at))
    return from
  }

  function placeOf(id: string): number | undefined {
    const name = idBytes(id)
    let low = 0
    let high = size
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = from.compareAt(placeAt(middle), name)
      if (order === 0) return middle
      if (order < 0) low = middle + 1
      else high = middle
    }
    return undefined
  }

  return {
    size,

    get(id) {
      const at = placeOf(id)
      return at === undefined ? undefined : readAccount(goTo(at), names)
    },

    *ids(): Generator<string> {
      for (let at = 0; at < size; at += 1) yield readId(goTo(at))
    },

    // The reader may stand elsewhere when the next one is wanted.
    *all(): Generator<Account> {
      for (let at = 0; at < size; at += 1) yield readAccount(goTo(at), names)
    },
  }
}
