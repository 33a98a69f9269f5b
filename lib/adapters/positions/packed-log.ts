import type { Patch } from '../../domain/positions/book.ts'
import type { LogRecord } from '../../domain/positions/log-record.ts'
import {
  type AssetNames,
  assetNames,
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
import type { ByteWriter } from './byte-writer.ts'
import { sealed, unsealed, UnreadableBookError } from './sealed.ts'

const kind = { name: 'SKPL', version: 1 } as const
const kinds = ['block', 'reading', 'back'] as const

/** A part of a book's log as one file. */
export function packLog(records: readonly LogRecord[]): Uint8Array {
  const names = assetNames()
  return sealed(kind, (to) => {
    to.whole(records.length)
    for (const record of records) {
      to.whole(kinds.indexOf(record.kind))
      if (record.kind === 'back') {
        to.whole(record.number)
        continue
      }
      writeBlock(to, record.block)
      writePatch(to, names, record.after)
    }
  })
}

/** Throws `UnreadableBookError`. */
export function openLog(file: Uint8Array): readonly LogRecord[] {
  const from = unsealed(kind, file)
  const names = assetNames()
  return Array.from({ length: from.whole() }, (): LogRecord => {
    const word = kinds[from.whole()]
    if (word === undefined) throw new UnreadableBookError('it has a line of no known kind')
    if (word === 'back') return { kind: word, number: from.whole() }
    return { kind: word, block: readBlock(from), after: readPatch(from, names) }
  })
}

function writePatch(to: ByteWriter, names: AssetNames, patch: Patch): void {
  writeMap(to, patch.accounts, {
    key: (id) => writeId(to, id),
    value: (account) => writeAccount(to, names, account),
  })
  writeMap(to, patch.indexes, {
    key: (asset) => writeAsset(to, names, asset),
    value: (index) => to.integer(index),
  })
  writeMap(to, patch.doubts, {
    key: (id) => writeId(to, id),
    value: (doubt) => writeDoubt(to, doubt),
  })
}

function readPatch(from: ByteReader, names: AssetNames): Patch {
  return {
    accounts: readMap(from, { key: () => readId(from), value: () => readAccount(from, names) }),
    indexes: readMap(from, { key: () => readAsset(from, names), value: () => from.integer() }),
    doubts: readMap(from, { key: () => readId(from), value: () => readDoubt(from) }),
  }
}

function writeMap<V>(
  to: ByteWriter,
  map: ReadonlyMap<string, V | undefined>,
  write: { readonly key: (key: string) => void; readonly value: (value: V) => void },
): void {
  to.whole(map.size)
  for (const [key, value] of map) {
    write.key(key)
    to.whole(value === undefined ? 0 : 1)
    if (value !== undefined) write.value(value)
  }
}

function readMap<V>(
  from: ByteReader,
  read: { readonly key: () => string; readonly value: () => V },
): ReadonlyMap<string, V | undefined> {
  const entries = Array.from({ length: from.whole() }, () => {
    const key = read.key()
    return [key, from.whole() === 1 ? read.value() : undefined] as const
  })
  return new Map(entries)
}
