import { pedersen } from '@scure/starknet'
import * as fc from 'fast-check'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { hash } from 'starknet'
import { describe, expect, test } from 'vitest'

import { NotAPieError, readPie, writePie } from '../../../../infra/local/provers/pie.ts'
import { programHash } from '../../../../infra/local/provers/program-hash.ts'
import { starkPrime } from '../../../../lib/adapters/settlement/facts/stark-prime.ts'
import { fibonacci, fibonacciRun } from './fibonacci-program.ts'

const onePage = [{ pages: 1, nodes: 0 }]

const run = {
  program: fibonacci,
  output: { pages: [fibonacciRun.output], structure: onePage },
  steps: 61,
}

const paged = {
  ...run,
  output: {
    pages: [[1n, 2n], [3n], [4n, starkPrime - 1n]],
    structure: [
      { pages: 1, nodes: 0 },
      { pages: 2, nodes: 3 },
    ],
  },
}

describe('the hash of a program', () => {
  test('is the published one of a published program', () => {
    expect(programHash(fibonacci)).toBe(fibonacciRun.programHash)
  })

  test('is a chain of Pedersen hashes over its length, a header, its builtins and its words', () => {
    const felt = fc.bigInt({ min: 0n, max: starkPrime - 1n })
    const program = fc.record({
      builtins: fc.subarray(['output', 'pedersen', 'range_check', 'ecdsa', 'poseidon']),
      main: fc.nat(1_000),
      data: fc.array(felt, { minLength: 1, maxLength: 6 }),
    })
    const chained = (words: readonly bigint[]): bigint => {
      const [first = 0n, ...rest] = words
      return rest.length === 0 ? first : BigInt(pedersen(first, chained(rest)))
    }
    fc.assert(
      fc.property(program, ({ builtins, main, data }) => {
        const names = builtins.map((name) => BigInt(`0x${Buffer.from(name).toString('hex')}`))
        const words = [0n, BigInt(main), BigInt(names.length), ...names, ...data]
        const expected = chained([BigInt(words.length), ...words])
        expect(programHash({ builtins, main, data })).toBe(expected)
      }),
      { numRuns: 10 },
    )
  })

  test('goes from the last word to the first: the same words hashed in order give another one', () => {
    const { builtins, main, data } = fibonacci
    const names = builtins.map((name) => BigInt(`0x${Buffer.from(name).toString('hex')}`))
    const words = [0n, BigInt(main), 4n, ...names, ...data]
    expect(BigInt(hash.computePedersenHashOnElements(words))).not.toBe(programHash(fibonacci))
  })
})

describe('a PIE', () => {
  test.each([
    ['of one page', run],
    ['of pages in a tree', paged],
  ])('%s is read as it was written', (_, pie) => {
    expect(readPie(writePie(pie))).toEqual(pie)
  })

  test('of the same run is the same bytes', () => {
    expect(Buffer.from(writePie(run)).equals(writePie(run))).toBe(true)
  })

  test('has the files, names and numbers of the original', () => {
    const parts = unzipSync(writePie(paged))
    expect(Object.keys(parts).toSorted()).toEqual([
      'additional_data.json',
      'execution_resources.json',
      'memory.bin',
      'metadata.json',
      'version.json',
    ])
    const text = (name: string) => strFromU8(parts[name] ?? new Uint8Array())
    expect(text('metadata.json')).toContain(
      '"prime":3618502788666131213697322783095070105623107215331596699973092056135872020481,',
    )
    expect(JSON.parse(text('metadata.json'))).toMatchObject({
      program: { builtins: ['output', 'pedersen', 'range_check', 'bitwise'], main: 0 },
      program_segment: { index: 0, size: 28 },
      execution_segment: { index: 1 },
      builtin_segments: { output: { index: 2, size: 5 }, pedersen: { index: 3, size: 0 } },
      ret_fp_segment: { index: 6, size: 0 },
      ret_pc_segment: { index: 7, size: 0 },
      extra_segments: [],
    })
    expect(JSON.parse(text('additional_data.json'))).toMatchObject({
      output_builtin: {
        pages: { 1: [2, 1], 2: [3, 2] },
        attributes: { gps_fact_topology: [1, 0, 2, 3] },
      },
    })
    expect(JSON.parse(text('execution_resources.json'))).toEqual({
      n_steps: 61,
      builtin_instance_counter: {
        output_builtin: 5,
        pedersen_builtin: 0,
        range_check_builtin: 0,
        bitwise_builtin: 0,
      },
      n_memory_holes: 0,
    })
    expect(JSON.parse(text('version.json'))).toEqual({ cairo_pie: '1.1' })
  })

  test('writes a cell as eight bytes of address and 32 of value, little end first, addresses with the highest bit set', () => {
    const { 'memory.bin': memory = new Uint8Array() } = unzipSync(writePie(run))
    const cell = (at: number) =>
      Buffer.from(memory.subarray(at * 40, (at + 1) * 40)).toString('hex')
    // The first instruction, at 0:0.
    expect(cell(0)).toBe(`0000000000000080${'ff7fff7f01800704'.padEnd(64, '0')}`)
    // What `main` gets first, at 1:0: where its output begins, 2:0.
    expect(cell(28)).toBe(`0000000000800080${'0000000000000100'.padEnd(62, '0')}80`)
    // Its output, at 2:0 and 2:1.
    expect(cell(28 + 10)).toBe(`0000000000000180${'0a'.padEnd(64, '0')}`)
    expect(cell(28 + 11)).toBe(`0100000000000180${'37'.padEnd(64, '0')}`)
  })
})

describe('it is no PIE', () => {
  const parts = unzipSync(writePie(paged))
  const text = (name: string) => strFromU8(parts[name] ?? new Uint8Array())
  const withPart = (name: string, part: string | Uint8Array | undefined) => {
    const others = Object.entries(parts).filter(([other]) => other !== name)
    const bytes = typeof part === 'string' ? strToU8(part) : part
    return zipSync(Object.fromEntries([...others, ...(bytes ? [[name, bytes] as const] : [])]))
  }
  const edited = (name: string, from: string, to: string) => {
    expect(text(name)).toContain(from)
    return withPart(name, text(name).replace(from, to))
  }
  const memory = parts['memory.bin'] ?? new Uint8Array()
  const bytesWith = (at: number, byte: number) => memory.map((old, i) => (i === at ? byte : old))

  test.each<[string, Uint8Array, RegExp]>([
    ['that is no zip', strToU8('<html>no</html>'), /prefix/],
    ['that ends too soon', writePie(paged).subarray(0, 300), /zip/],
    ['without memory', withPart('memory.bin', undefined), /no memory\.bin/],
    ['with another file', withPart('evil.sh', 'x'), /a file evil\.sh/],
    ['whose metadata is no JSON', withPart('metadata.json', '{'), /no JSON/],
    ['of another field', edited('metadata.json', '020481,', '020483,'), /another prime/],
    ['with half a cell', withPart('memory.bin', memory.subarray(0, 60)), /whole number/],
    ['with a cell nowhere', withPart('memory.bin', bytesWith(7, 0)), /no address/],
    ['whose memory has another program', withPart('memory.bin', bytesWith(8, 1)), /in memory/],
    ['whose output is an address', withPart('memory.bin', bytesWith(38 * 40 + 39, 0x80)), /word 0/],
    ['of no steps', edited('execution_resources.json', ':61,', ':0,'), /n_steps/],
    ['with a hole between pages', edited('additional_data.json', '[2,1]', '[1,1]'), /page 2/],
    ['whose pages end too soon', edited('additional_data.json', '[3,2]', '[3,1]'), /whole output/],
    ['of pages without a tree', edited('additional_data.json', 'gps_', 'gsp_'), /no tree/],
    ['with segments out of order', edited('metadata.json', '"index":6', '"index":9'), /order/],
    ['without output', edited('metadata.json', '"output"', '"outputs"'), /builtins/],
  ])('%s', (_, zip, why) => {
    expect(() => readPie(zip)).toThrow(NotAPieError)
    expect(() => readPie(zip)).toThrow(why)
  })

  test('where any byte of it is another, unless it says the same', () => {
    const zip = writePie(paged)
    fc.assert(
      fc.property(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const spoilt = zip.map((byte, i) => (i === at ? byte ^ change : byte))
        expect(complaintOf(spoilt)).toSatisfy(isNoPieOrNothing)
      }),
    )
  })
})

function complaintOf(zip: Uint8Array): unknown {
  try {
    readPie(zip)
    return undefined
  } catch (error) {
    return error
  }
}

function isNoPieOrNothing(complaint: unknown): boolean {
  return complaint === undefined || complaint instanceof NotAPieError
}
