import type { Account, Holding } from '../../domain/margin/account.ts'
import type { BlockId } from '../../domain/positions/account-event.ts'
import type { Doubt } from '../../domain/positions/book.ts'
import type { ByteReader } from './byte-reader.ts'
import { type ByteWriter, byteWriter } from './byte-writer.ts'

/** The assets of one file, in the order of their first use: each is written out once. */
export type AssetNames = { readonly list: string[]; readonly places: Map<string, number> }

export function assetNames(names: readonly string[] = []): AssetNames {
  return { list: [...names], places: new Map(names.map((name, at) => [name, at])) }
}

/** One more than its place, or 0 and its name where it is new. */
export function writeAsset(to: ByteWriter, names: AssetNames, asset: string): void {
  const place = names.places.get(asset)
  to.whole(place === undefined ? 0 : place + 1)
  if (place !== undefined) return
  to.text(asset)
  names.places.set(asset, names.list.push(asset) - 1)
}

export function readAsset(from: ByteReader, { list, places }: AssetNames): string {
  const place = from.whole()
  if (place > 0) return list[place - 1] ?? fail(`there is no asset ${place}`)
  const asset = from.text()
  places.set(asset, list.push(asset) - 1)
  return asset
}

/** A position's number, an address, or any other text: the first two take a third of the room. */
export function writeId(to: ByteWriter, id: string): void {
  if (/^(?:0|[1-9]\d{0,8})$/.test(id)) {
    to.whole(idKinds.number)
    to.whole(Number(id))
  } else if (/^0x[0-9a-f]{40}$/.test(id)) {
    to.whole(idKinds.address)
    to.bytes(Buffer.from(id.slice(2), 'hex'))
  } else {
    to.whole(idKinds.text)
    to.text(id)
  }
}

/** The name as it is written. None of them begins another one, so that their order is that of their first bytes that differ. */
export function idBytes(id: string): Uint8Array {
  const writer = byteWriter(32)
  writeId(writer, id)
  return writer.taken()
}

export function readId(from: ByteReader): string {
  switch (from.whole()) {
    case idKinds.number:
      return String(from.whole())
    case idKinds.address:
      return `0x${from.hex(20)}`
    case idKinds.text:
      return from.text()
    default:
      return fail('no such kind of account')
  }
}

const idKinds = { number: 1, address: 2, text: 3 } as const

export function writeAccount(to: ByteWriter, names: AssetNames, account: Account): void {
  writeId(to, account.id)
  to.integer(account.collateral)
  to.whole(account.holdings.length)
  for (const { asset, balance, fundingIndex, cost } of account.holdings) {
    writeAsset(to, names, asset)
    to.integer(balance)
    to.integer(fundingIndex)
    to.whole(cost === undefined ? 0 : 1)
    if (cost !== undefined) to.integer(cost)
  }
}

export function readAccount(from: ByteReader, names: AssetNames): Account {
  const id = readId(from)
  const collateral = from.integer()
  const count = from.whole()
  const holdings: Holding[] = []
  for (let at = 0; at < count; at += 1) {
    const asset = readAsset(from, names)
    const balance = from.integer()
    const fundingIndex = from.integer()
    const hasCost = from.whole() === 1
    holdings.push(
      hasCost
        ? { asset, balance, fundingIndex, cost: from.integer() }
        : { asset, balance, fundingIndex },
    )
  }
  return { id, collateral, holdings }
}

export function writeBlock(to: ByteWriter, { number, hash }: BlockId): void {
  to.whole(number)
  to.text(hash)
}

export function readBlock(from: ByteReader): BlockId {
  const number = from.whole()
  const hash = from.text()
  return { number, hash: `0x${hash.slice(2)}` }
}

const whys: readonly Doubt['why'][] = [
  'unsaid',
  'taken-back',
  'unknown-account',
  'out-of-order',
  'unreadable',
]

export function writeDoubt(to: ByteWriter, { why, detail }: Doubt): void {
  to.whole(whys.indexOf(why))
  to.text(detail)
}

export function readDoubt(from: ByteReader): Doubt {
  const why = whys[from.whole()] ?? fail('no such kind of doubt')
  return { why, detail: from.text() }
}

function fail(what: string): never {
  throw new RangeError(what)
}
