import * as fc from 'fast-check'
import { ec } from 'starknet'
import { describe, expect, test } from 'vitest'

import { starkKey } from '../../../lib/adapters/signers/stark-key.ts'
import { wasmMath } from '../../../lib/adapters/signers/stark-wasm/wasm-math.ts'
import type { StarkSignature } from '../../../lib/ports.ts'

// The order of the curve, https://docs.starkware.co/starkex/crypto/stark-curve.html
const order = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn
const limit = 2n ** 251n

const keyOf = (hex: string) => starkKey({ reveal: () => hex })
const scalars = fc.bigInt({ min: 1n, max: order - 1n })
const hashes = fc.bigInt({ min: 1n, max: limit - 1n })

describe('a STARK key gives the signatures that others published', () => {
  test('dYdX: the price of BTC-USD at the beginning of 2020 (starkex-lib, oracle-price.test.ts)', async () => {
    const key = keyOf('0x178047d3869489c055d7ea54c014ffb834a069c9595186abe04ea4d1223a03f')
    expect(key.publicKey).toBe('0x1895a6a77ae14e7987b9cb51329a5adfb17bd8e7c638f92d6892d76e51cebcf')
    expect(
      await key.sign(0x73686ea5e38bdb9e73d85af4fd16e29b40cdcd723ecadbcdc78b1c45410407fn),
    ).toEqual({
      r: 0x20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907aen,
      s: 0x43e5681d7fd1e0720cc578e3d076ea29dbfe902f30445da8aa74bd112aa710n,
    })
  })

  test('starknet-perpetual: the first oracle key of its test constants', async () => {
    const key = keyOf('0x505249564154455f4b45595f31')
    expect(key.publicKey).toBe('0x5d05989e9302dcebc74e241001e3e3ac3f4402ccf2f8e6f74b034b07ad6a904')
    expect(
      await key.sign(0x4dd818d2a9f01574380b4285b84ae6c15e93b65100188aefdbdf9ba805fdfa5n),
    ).toEqual({
      r: 0x52d6e636236d7b63ab0b77d837642dfca38f75a769cefda4325a7f481265c2cn,
      s: 0x61cd10e3845d76bac2359395b8ebb8ae19a111fdf9a45afa405dc3c995d4c58n,
    })
  })

  test('Stork: the price of DYDXUSD', async () => {
    const key = keyOf('0x66253bdeb3c1a235cf4376611e3a14474e2c00fd2fb225f9a388faae7fb095a')
    expect(key.publicKey).toBe('0x418d3fd8219a2cf32a00d458f61802d17f01c5bcde5a4f82008ee4a7c8e9a06')
    expect(
      await key.sign(0x7cc1cf795d076cfff8b5920adb2dcc0d13813ed4519220a36d693e6084abe1cn),
    ).toEqual({
      r: 0x60bbbb4142bca69a5278ecccb59964e3449e43915b02e5c729b9752a16309acn,
      s: 0x4cdbe54b985f6fb4495398f94554883ead7cbb983597dc7ea8b9e32dfe95c27n,
    })
  })

  test.each([
    [
      0x1n,
      3162358736122783857144396205516927012128897537504463716197279730251407200037n,
      1447067116407676619871126378936374427636662490882969509559888874644844560850n,
    ],
    [
      0x11n,
      2282960348362869237018441985726545922711140064809058182483721438101695251648n,
      2905868291002627709651322791912000820756370440695830310841564989426104902684n,
    ],
    [
      0x223n,
      2851492577225522862152785068304516872062840835882746625971400995051610132955n,
      2227464623243182122770469099770977514100002325017609907274766387592987135410n,
    ],
    [
      0x397e76d1667c4454bfb83514e120583af836f8e32a516765497823eabe16a3fn,
      0x173fd03d8b008ee7432977ac27d1e9d1a1f6c98b1a2f05fa84a21c84c44e882n,
      0x4b6d75385aed025aa222f28a0adc6d58db78ff17e51c3f59e259b131cd5a1ccn,
    ],
  ])('StarkEx: the deterministic signature of %i', async (hash, r, s) => {
    const key = keyOf('0x3c1e9550e66958296d11b60f8e8e7a7ad990d07fa65d5f7652c4a6c87d4e3cc')
    expect(await key.sign(hash)).toEqual({ r, s })
  })
})

describe('every signature', () => {
  test('verifies with starknet.js, is in range and is the same the second time', async () => {
    await fc.assert(
      fc.asyncProperty(scalars, hashes, async (scalar, hash) => {
        const key = keyOf(`0x${scalar.toString(16)}`)
        const { r, s } = await key.sign(hash)
        expect(r > 0n && r < limit && s > 0n && s < order).toBe(true)
        expect(await key.sign(hash)).toEqual({ r, s })

        const point = ec.starkCurve.getPublicKey(scalar.toString(16).padStart(64, '0'), true)
        expect(
          ec.starkCurve.verify(new ec.starkCurve.Signature(r, s), hash.toString(16), point),
        ).toBe(true)
        expect(BigInt(key.publicKey)).toBe(BigInt(ec.starkCurve.getStarkKey(scalar.toString(16))))
      }),
      { numRuns: 15 },
    )
  })

  test('is for one hash: another one does not verify', async () => {
    const { r, s } = await keyOf('0x2a').sign(100n)
    const point = ec.starkCurve.getPublicKey('2a'.padStart(64, '0'), true)
    const signature = new ec.starkCurve.Signature(r, s)
    expect(ec.starkCurve.verify(signature, (100).toString(16), point)).toBe(true)
    expect(ec.starkCurve.verify(signature, (101).toString(16), point)).toBe(false)
  })
})

describe('many signatures at once', () => {
  test('are those of each alone, in order', async () => {
    const key = keyOf('0x2a')
    const asked = Array.from({ length: 30 }, (_, at) => BigInt(at + 1) ** 20n)
    const alone = await Promise.all(asked.map(async (hash) => key.sign(hash)))
    expect(await key.signAll(asked)).toEqual(alone)
    expect(await key.signAll([])).toEqual([])
  })

  test('are none where one of the hashes cannot be signed', async () => {
    await expect(keyOf('0x2a').signAll([1n, limit, 2n])).rejects.toThrow(
      'expected to sign a hash greater than 0 and below 2^251',
    )
  })

  test.each<[string, (right: readonly StarkSignature[]) => readonly StarkSignature[]]>([
    ['wrong', (right) => right.with(1, { r: 5n, s: 6n })],
    ['of another hash', (right) => right.toReversed()],
    ['out of range', (right) => right.with(1, { r: right[1]?.r ?? 0n, s: 0n })],
    ['missing', (right) => right.slice(1)],
  ])('do not leave where one is %s', async (_, bent) => {
    const math = wasmMath()
    const broken = {
      ...math,
      sign: (...asked: Parameters<typeof math.sign>) => bent(math.sign(...asked)),
    }
    const key = starkKey({ reveal: () => '0x2a' }, broken)
    await expect(key.signAll([1n, 2n, 3n, 4n])).rejects.toThrow('it does not verify')
  })
})

describe('what cannot be signed', () => {
  test.each([0n, -1n, limit, limit + 1n])('a hash of %i is refused', async (hash) => {
    await expect(keyOf('0x2a').sign(hash)).rejects.toThrow(
      'expected to sign a hash greater than 0 and below 2^251',
    )
  })

  test('the largest hash below 2^251 is signed', async () => {
    await expect(keyOf('0x2a').sign(limit - 1n)).resolves.toBeDefined()
  })
})

describe('what is no key', () => {
  test.each([
    ['0x0', 'it is zero'],
    ['0x', 'it is not hex that begins with 0x'],
    ['', 'it is not hex that begins with 0x'],
    ['12345', 'it is not hex that begins with 0x'],
    ['0x12 34', 'it is not hex that begins with 0x'],
    [`0x${order.toString(16)}`, "it is not below the curve's order"],
    [`0x${(order + 5n).toString(16)}`, "it is not below the curve's order"],
    [`0x${'f'.repeat(65)}`, 'it has more than 64 hex digits'],
  ])('%s is refused', (text, reason) => {
    expect(() => keyOf(text)).toThrow(
      `the private key for the STARK curve cannot be used: ${reason}`,
    )
  })

  test('the least and the greatest key are taken', () => {
    // The generator's x, and that of its negative.
    const generator = '0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca'
    expect(keyOf('0x1').publicKey).toBe(generator)
    expect(keyOf(`0x${(order - 1n).toString(16)}`).publicKey).toBe(generator)
  })

  test('no message shows a digit of what was given', () => {
    const bad = fc.oneof(
      fc.bigInt({ min: order, max: 2n ** 300n }).map((value) => `0x${value.toString(16)}`),
      fc.string({ minLength: 8 }).filter((text) => !/^0x[0-9a-fA-F]+$/.test(text.trim())),
      fc.stringMatching(/^[0-9a-f]{64}$/),
    )
    fc.assert(
      fc.property(bad, (text) => {
        const message = refusal(text)
        for (let at = 0; at + 8 <= text.length; at += 1)
          expect(message.includes(text.slice(at, at + 8))).toBe(false)
      }),
    )
  })
})

function refusal(text: string): string {
  try {
    keyOf(text)
  } catch (error) {
    return String(error)
  }
  throw new Error('it was taken')
}
