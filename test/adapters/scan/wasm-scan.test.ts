import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { buildScanWasm, hashOfScanSource } from '../../../lib/adapters/scan/build-scan-wasm.ts'
import compiled from '../../../lib/adapters/scan/scan.compiled.json' with { type: 'json' }
import { chooseScan, openScan, wasmScan } from '../../../lib/adapters/scan/wasm-scan.ts'
import { openRows } from '../../../lib/domain/scan/account-rows.ts'
import { openBook } from '../../../lib/domain/scan/margin-book.ts'
import { plainScan, type RowScan } from '../../../lib/domain/scan/row-scan.ts'
import { factorsAt, foundAt, openMemory } from '../../../lib/domain/scan/scan-memory.ts'
import { accountAt, happenings, worlds } from '../../domain/scan/scan-worlds.ts'

test('the compiled module is of the source beside it, byte for byte', async () => {
  expect(compiled.sourceHash).toBe(hashOfScanSource())
  const wasm = Buffer.from(await buildScanWasm()).toString('base64')
  expect(wasm === compiled.wasm, 'run `npm run build:wasm`').toBe(true)
})

test.each(worlds)('it names whom plain TypeScript names, in books of $name', (world) => {
  const law = fc.property(world.tick, happenings(world, 200), (tick, events) => {
    const [ours, plain] = [wasmScan(), plainScan()].map((scan) => {
      const book = openBook(world.fundingScale, scan)
      for (const event of events) {
        book.upsert(accountAt(event, tick))
        if (event.isRemoved) book.remove(event.id)
      }
      return book.candidates(tick.marks)
    })
    expect(ours).toEqual(plain)
  })
  fc.assert(law, { numRuns: 200 })
})

const anyDouble = fc.double({ noDefaultInfinity: false, noNaN: false })
const usual = fc.double({ min: -1e6, max: 1e6, noNaN: true })

test('to the last bit: it finds the same rows, whatever numbers stand in them', () => {
  const numbers = fc.array(fc.oneof(usual, usual, usual, anyDouble), {
    minLength: 60,
    maxLength: 60,
  })
  const law = fc.property(fc.integer({ min: 0, max: 32 }), numbers, (holdings, told) => {
    const [ours, plain] = [wasmScan(), plainScan()].map((scan) => foundIn(scan, holdings, told))
    expect(ours).toEqual(plain)
  })
  fc.assert(law, { numRuns: 1_000 })
})

/** Rows whose margins are next to their bounds: a constant is moved by a few of its last bits. */
function foundIn(scan: RowScan, holdings: number, numbers: readonly number[]): readonly number[] {
  const memory = openMemory(scan.grow)
  const rows = openRows(memory)
  const columns = Array.from({ length: holdings }, (_, at) => 2 + at)
  const factors = columns.map((at) => numbers[at] ?? 0)
  for (let at = 0; at < 40; at++) {
    const balances = columns.map((_, holding) => numbers[(at + holding) % numbers.length] ?? 0)
    const sum = balances.reduce((all, balance, place) => all + balance * (factors[place] ?? 0), 0)
    const ulps = 2 ** -52 * (at - 20) * holdings
    const constant = -sum + Math.abs(sum) * ulps + 5 * holdings
    rows.put(String(at), { constant, balances, columns })
  }
  memory.views.doubles.set(factors, factorsAt / 8 + 2)
  return rows.chunks.flatMap((chunk) => {
    const count = scan.scan(chunk, memory.views)
    return [...memory.views.words.subarray(foundAt / 4, foundAt / 4 + count)]
  })
}

test('where WebAssembly does not run, plain TypeScript does the work and says so', () => {
  const warnings: string[] = []
  const scan = chooseScan(
    () => {
      throw new RangeError('there is none')
    },
    (message) => warnings.push(message),
  )
  expect(warnings).toEqual([
    'accounts are scanned in plain TypeScript since WebAssembly does not run: there is none',
  ])
  const book = openBook(1n, scan)
  book.upsert({ id: 'poor', collateral: -1n, holdings: [] })
  expect(book.candidates(new Map())).toEqual(['poor'])
})

test('a book grows beyond its first memory', () => {
  const book = openBook(1n, openScan())
  for (let at = 0; at < 100_000; at++)
    book.upsert({ id: String(at), collateral: at === 77_777 ? -1n : 1n, holdings: [] })
  expect(book.candidates(new Map())).toEqual(['77777'])
})
