import { createHash } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { factOfRun, gpsFact } from '../../../../lib/adapters/settlement/facts/gps-fact.ts'
import {
  encodeFactWithOnchainData,
  mainAndData,
  onchainDataHash,
  onePage,
  outputRoot,
  OutputTreeError,
  type TreeStep,
} from '../../../../lib/adapters/settlement/facts/output-tree.ts'
import {
  keccakOfWords,
  packedWords,
  wordHex,
} from '../../../../lib/adapters/settlement/facts/words.ts'
import { l1Cases, l1Recording, titledL1, Words } from '../l1-vectors.ts'
import { sponge256 } from './own-keccak.ts'

const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const page = fc.array(word, { maxLength: 12 })
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index))

/** A tree as its nested lists; a page is a list of words. */
type Tree = { readonly page: readonly bigint[] } | { readonly children: readonly Tree[] }
const { tree } = fc.letrec<{ tree: Tree; node: Tree; leaf: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4, depthSize: 'small' }, tie('leaf'), tie('node')),
  leaf: fc.record({ page }),
  node: fc.record({ children: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
}))

/** The same by recursion over the nested lists, with a Keccak of our own. */
function rootOf(node: Tree, start: number): { readonly hash: bigint; readonly end: number } {
  if ('page' in node)
    return { hash: BigInt(sponge256(packedWords(node.page))), end: start + node.page.length }
  let end = start
  const words = node.children.flatMap((child) => {
    const root = rootOf(child, end)
    end = root.end
    return [root.hash, BigInt(end)]
  })
  return { hash: BigInt.asUintN(256, BigInt(sponge256(packedWords(words))) + 1n), end }
}

function pagesOf(node: Tree): readonly (readonly bigint[])[] {
  return 'page' in node ? [node.page] : node.children.flatMap(pagesOf)
}

function structureOf(node: Tree): readonly TreeStep[] {
  if ('page' in node) return [{ pages: 1, nodes: 0 }]
  return [...node.children.flatMap(structureOf), { pages: 0, nodes: node.children.length }]
}

describe('our own Keccak', () => {
  test('is SHA-3 with the other padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(sponge256(bytes, 6)).toBe(`0x${createHash('sha3-256').update(bytes).digest('hex')}`)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the root of an output', () => {
  test('is what the reference names for a known tree and a known program', () => {
    const structure = [
      { pages: 1, nodes: 0 },
      { pages: 1, nodes: 0 },
      { pages: 0, nodes: 2 },
      { pages: 1, nodes: 1 },
      { pages: 0, nodes: 2 },
    ]
    const pages = [numbers(1, 4), numbers(5, 8), numbers(9, 12)]
    expect(outputRoot({ pages, structure })).toBe(
      '0x17f41ba1db11e3a164b23b72b52190fb0da6184b4b80cf74e0882fde7438e47f',
    )
    const program = 0x407908712e70dd914b006062d8d70bd8aeae06bcfc973cbd4309e7f3a2e825bn
    expect(factOfRun(program, { pages: [[10n, 55n]], structure: onePage })).toBe(
      '0xfabc599614bbd9752bd58d365c7434f7f61792a6fc2ffbd3a0256636915c2c58',
    )
  })

  test('is the recursion over the tree, whatever its shape', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const output = { pages: pagesOf(node), structure: structureOf(node) }
        expect(outputRoot(output)).toBe(wordHex(rootOf(node, 0).hash))
      }),
      { numRuns: 60 },
    )
  })

  test('of a main page and one page of data needs of the data only hash and size', () => {
    fc.assert(
      fc.property(page, page, (main, data) => {
        const hash = onchainDataHash({ pages: [data], structure: onePage }, main.length)
        expect(hash).toBe(keccakOfWords(data))
        const known = encodeFactWithOnchainData(main, { hash, words: BigInt(data.length) })
        expect(outputRoot({ pages: [main, data], structure: mainAndData })).toBe(known)
      }),
    )
  })

  test('of data in several pages counts their ends from the start of the whole output', () => {
    const several = fc.array(page, { minLength: 2, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), several, (main, data) => {
        const below = [{ pages: data.length, nodes: data.length }]
        const hash = onchainDataHash({ pages: data, structure: below }, main.length)
        const words = BigInt(data.flat().length)
        const whole = outputRoot({
          pages: [main, ...data],
          structure: [
            { pages: 1 + data.length, nodes: data.length },
            { pages: 0, nodes: 2 },
          ],
        })
        expect(encodeFactWithOnchainData(main, { hash, words })).toBe(whole)
        expect(onchainDataHash({ pages: data, structure: below }, 0)).not.toBe(hash)
      }),
    )
  })

  test('does not exist where pages and structure do not belong together', () => {
    const pages = [[1n], [2n]]
    for (const structure of [
      [{ pages: 2, nodes: 3 }],
      [{ pages: 3, nodes: 3 }],
      [{ pages: 1, nodes: 0 }],
      [{ pages: 2, nodes: 0 }],
      [],
    ])
      expect(() => outputRoot({ pages, structure })).toThrow(OutputTreeError)
  })

  test('takes no word that a chain could not hold', () => {
    expect(() => keccakOfWords([2n ** 256n])).toThrow(RangeError)
    expect(() => keccakOfWords([-1n])).toThrow(RangeError)
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('facts as recorded'), () => {
  const OnePage = z.object({ programHash: z.string().transform(BigInt), output: Words })
  test.for(l1Cases('gps.hash.one-page', 'hash').map((one) => [one.id, one] as const))(
    '%s',
    ([, { inputs, outputs }]) => {
      const { programHash, output } = OnePage.parse(inputs)
      const run = { pages: [output], structure: onePage }
      expect(outputRoot(run)).toBe(outputs?.['outputRoot'])
      expect(factOfRun(programHash, run)).toBe(outputs?.['sharpFact'])
    },
  )

  const WithData = z.object({ programHash: z.string().transform(BigInt), main: Words, data: Words })
  test.for(l1Cases('gps.hash.on-chain-data', 'hash').map((one) => [one.id, one] as const))(
    '%s',
    ([, { inputs, outputs }]) => {
      const { programHash, main, data } = WithData.parse(inputs)
      const hash = keccakOfWords(data)
      const root = encodeFactWithOnchainData(main, { hash, words: BigInt(data.length) })
      expect({
        onchainDataHash: hash,
        onchainDataSize: String(data.length),
        stateTransitionFact: root,
        sharpFact: gpsFact(programHash, root),
      }).toEqual(outputs)
    },
  )

  const Tasks = z.array(
    z.object({ program: z.string().transform(BigInt), structure: Words, pages: z.array(Words) }),
  )
  const Facts = z.array(
    z.object({ pageHashes: z.array(z.string()), outputRoot: z.string(), sharpFact: z.string() }),
  )
  const statements = l1Cases('gps.fact').filter(({ ours, call }) => {
    const args = z.object({ tasks: Tasks }).safeParse(call?.args)
    return args.success && ours?.['facts'] !== undefined
  })
  test.for(statements.map((one) => [one.id, one] as const))('%s', ([, { call, ours }]) => {
    const { tasks } = z.object({ tasks: Tasks }).parse(call?.args)
    const facts = tasks.map(({ program, structure, pages }) => {
      const output = { pages, structure: stepsOf(structure) }
      return {
        pageHashes: pages.map((words) => keccakOfWords(words)),
        outputRoot: outputRoot(output),
        sharpFact: factOfRun(program, output),
      }
    })
    expect(facts).toEqual(Facts.parse(ours?.['facts']))
  })
})

/** The contract's list: pages and nodes by turns. */
function stepsOf(structure: readonly bigint[]): readonly TreeStep[] {
  return structure.flatMap((pages, at) =>
    at % 2 === 0 ? [{ pages: Number(pages), nodes: Number(structure[at + 1]) }] : [],
  )
}
