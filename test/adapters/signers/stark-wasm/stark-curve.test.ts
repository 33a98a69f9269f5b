import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { limit, order, prime } from '../../../../lib/adapters/signers/stark-wasm/curve.ts'
import { scureMath } from '../../../../lib/adapters/signers/stark-wasm/scure-math.ts'
import {
  chooseMath,
  NoFeltError,
  starkCurve,
} from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { StarkMath } from '../../../../lib/adapters/signers/stark-wasm/stark-math.ts'
import { wasmMath } from '../../../../lib/adapters/signers/stark-wasm/wasm-math.ts'

function choose(fast: () => StarkMath) {
  const warnings: string[] = []
  const chosen = chooseMath(fast, (message) => warnings.push(message))
  return { chosen, warnings }
}

describe('the arithmetic is chosen', () => {
  test('by what is fast, where it runs and is right', () => {
    const math = wasmMath()
    expect(choose(() => math)).toEqual({ chosen: math, warnings: [] })
  })

  test('by what runs, with one warning that says why', () => {
    const { chosen, warnings } = choose(() => {
      throw new RangeError('out of memory')
    })
    expect(chosen).toBe(scureMath)
    expect(warnings).toEqual([expect.stringContaining('WebAssembly does not run: out of memory')])
  })

  const right = wasmMath()
  const broken: readonly (readonly [string, Partial<StarkMath>])[] = [
    ['hashes', { pedersen: (pairs) => pairs.map(() => 1n) }],
    ['a public key', { publicKey: () => 1n }],
    ['signatures', { sign: (_, hashes) => hashes.map(() => ({ r: 1n, s: 1n })) }],
    ['signatures that are missing', { sign: () => [] }],
    ['checks that take nothing', { verify: (claims) => claims.map(() => false) }],
    ['checks that take everything', { verify: (claims) => claims.map(() => true) }],
  ]
  test.each(broken)('by what is right: not where it gives wrong %s', (_, part) => {
    const { chosen, warnings } = choose(() => ({ ...right, ...part }))
    expect(chosen).toBe(scureMath)
    expect(warnings).toEqual([expect.stringContaining('wrong answers')])
  })
})

describe('one bundle, as functions are', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'starkeep-stark-')), 'sign.mjs')

  beforeAll(async () => {
    const folder = fileURLToPath(new URL('../../../../lib/adapters/signers/', import.meta.url))
    const contents = `
      import { starkKey } from './stark-key.ts'
      const key = starkKey({ reveal: () => '0x178047d3869489c055d7ea54c014ffb834a069c9595186abe04ea4d1223a03f' })
      const hash = 0x73686ea5e38bdb9e73d85af4fd16e29b40cdcd723ecadbcdc78b1c45410407fn
      const [{ r }] = await key.signAll([hash, 5n])
      await key.sign(6n)
      process.stdout.write(r.toString(16))`
    await build({
      stdin: { contents, resolveDir: folder, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: file,
    })
  })

  afterAll(() => rmSync(dirname(file), { recursive: true }))

  test.each([
    ['with WebAssembly', [], 0],
    ['without it, warned once', ['--jitless'], 1],
  ])('signs the same %s', async (_, flags, warnings) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, file])
    // dYdX, starkex-lib: oracle-price.test.ts.
    expect(stdout).toBe('20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907ae')
    expect(stderr.split('STARK signatures are made by @scure/starknet')).toHaveLength(warnings + 1)
  })
})

describe('numbers from anybody', () => {
  // dYdX, starkex-lib: oracle-price.test.ts.
  const claim = {
    key: 0x1895a6a77ae14e7987b9cb51329a5adfb17bd8e7c638f92d6892d76e51cebcfn,
    hash: 0x73686ea5e38bdb9e73d85af4fd16e29b40cdcd723ecadbcdc78b1c45410407fn,
    r: 0x20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907aen,
    s: 0x43e5681d7fd1e0720cc578e3d076ea29dbfe902f30445da8aa74bd112aa710n,
  }

  test('are no signature where they are out of range, and spoil nobody else’s', () => {
    const strange = [
      0n,
      -1n,
      limit,
      order,
      prime,
      order + claim.s,
      2n ** 256n,
      2n ** 300n,
      -claim.s,
    ]
    const wrong = strange.flatMap((value) => [
      { ...claim, key: value },
      { ...claim, hash: value },
      { ...claim, r: value },
      { ...claim, s: value },
    ])

    expect(starkCurve.verify([claim, ...wrong, claim])).toEqual([
      true,
      ...wrong.map(() => false),
      true,
    ])
  })

  test('are hashed where they are felts, and refused where they are not', () => {
    expect(starkCurve.pedersen([{ first: prime - 1n, second: 0n }])).toHaveLength(1)
    for (const value of [-1n, prime, 2n ** 256n]) {
      expect(() => starkCurve.pedersen([{ first: value, second: 1n }])).toThrow(NoFeltError)
      expect(() => starkCurve.pedersen([{ first: 1n, second: value }])).toThrow(NoFeltError)
    }
  })
})
