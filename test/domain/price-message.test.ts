import { pedersen, sign, verify, Signature } from '@scure/starknet'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import {
  InexactPriceError,
  medianWire,
  priceFromWire,
  priceMessage,
  PriceRangeError,
  priceToWire,
  storedPrice,
  storedPriceToDecimal,
} from '../../lib/domain/price-message.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = (seconds: number) => timestamp(seconds * 1000)

describe('the price message', () => {
  test('packs and hashes as dYdX v3 does', async () => {
    const message = priceMessage(
      { assetName: 0x42544355534400000000000000000000n, oracleName: 0x6459645800n },
      priceToWire(new Decimal('11512.34')),
      at(1577836800),
    )
    expect(hex(message.first)).toBe('0x425443555344000000000000000000006459645800')
    expect(hex(message.second)).toBe('0x27015cfcb02308200005e0be100')
    expect(hash(message)).toBe('0x73686ea5e38bdb9e73d85af4fd16e29b40cdcd723ecadbcdc78b1c45410407f')
    const signature = sign(
      pad(hash(message)),
      '0178047d3869489c055d7ea54c014ffb834a069c9595186abe04ea4d1223a03f',
    )
    expect(hex(signature.r)).toBe(
      '0x20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907ae',
    )
    expect(hex(signature.s)).toBe(
      '0x43e5681d7fd1e0720cc578e3d076ea29dbfe902f30445da8aa74bd112aa710',
    )
  })

  test('is another one with names that are not padded, and dYdX’s signature does not hold for it', () => {
    const message = priceMessage(
      { assetName: 0x425443555344n, oracleName: 0x64596458n },
      priceToWire(new Decimal('11512.34')),
      at(1577836800),
    )
    expect(hash(message)).toBe('0x554fdf00cdc67b72f32b55943916d7254ecd90f3ca52dc158e97cd42e39b723')
    expect(
      verifies(
        hash(message),
        '0x20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907ae',
        '0x43e5681d7fd1e0720cc578e3d076ea29dbfe902f30445da8aa74bd112aa710',
        '0x1895a6a77ae14e7987b9cb51329a5adfb17bd8e7c638f92d6892d76e51cebcf',
      ),
    ).toBe(false)
  })

  test.each([
    {
      oracleName: 0x53746f726bn,
      key: '0xcc85afe4ca87f9628370c432c447e569a01dc96d160015c8039959db8521c4',
      r: '0x6c4beab13946105513c157ca8498735af2c3ff0f75efe6e1d1747efcff8339f',
      s: '0x94619200c9b03a647f6f29df52d2291e866b43e57dc1a8200deb5219c87b14',
      message: '0x2a223f7349bb121f30ff7897d97fea75bf33ac3904686fbf42a7aa5b2a8c0ed',
    },
    {
      oracleName: 0x53746b6169n,
      key: '0x1f191d23b8825dcc3dba839b6a7155ea07ad0b42af76394097786aca0d9975c',
      r: '0x23120d436ab1e115f883fd495206b80c9a9928f94df89c2bb63eb1997cc13d5',
      s: '0x21469ce0da02bf1a5897077b238f536f78427f946dafde2b79884cf10131e74',
      message: '0x22a819a5c61259a1203a2eb6aade2383ea6e666956142dd7d5a21eab07a7e1c',
    },
    {
      oracleName: 0x5374437277n,
      key: '0x41dbe627aeab66504b837b3abd88ae2f58ba6d98ee7bbd7f226c4684d9e6225',
      r: '0x3aed46d0aff9d904faf5f76c2fb9f43c858e6f9e9c9bf99ca9fd4c1baa907b2',
      s: '0x58523be606a55c57aedd5e030a349a478a22132b84d6f77e1e348a4991f5c80',
      message: '0x68681c029342f0c1c72a7f3ab39b7c3f7626a09627ec19bc8a29058677cf3fd',
    },
  ])(
    'is what Stork signed for a real tick of Extended ($key)',
    ({ oracleName, key, r, s, message }) => {
      const packed = priceMessage(
        { assetName: 0x50454e47555553444d41524b00000000n, oracleName },
        23953641840000000n,
        at(1737451956),
      )
      expect(hex(packed.second)).toBe('0x5519b5d8f33c00678f69b4')
      expect(hash(packed)).toBe(message)
      expect(verifies(message, r, s, key)).toBe(true)
      // Another price or second is another message.
      expect(verifies(hash({ ...packed, second: packed.second + 1n }), r, s, key)).toBe(false)
      expect(verifies(hash({ ...packed, second: packed.second + (1n << 32n) }), r, s, key)).toBe(
        false,
      )
    },
  )

  test('is what Stork’s own signer signs', () => {
    const message = priceMessage(
      { assetName: 0x44594458555344000000000000000000n, oracleName: 0x637a6f7778n },
      priceToWire(new Decimal('3.33595034988')),
      at(1708940577),
    )
    expect(hex(message.first)).toBe('0x44594458555344000000000000000000637a6f7778')
    expect(hash(message)).toBe('0x7cc1cf795d076cfff8b5920adb2dcc0d13813ed4519220a36d693e6084abe1c')
    const signature = sign(
      pad(hash(message)),
      pad('0x66253bdeb3c1a235cf4376611e3a14474e2c00fd2fb225f9a388faae7fb095a'),
    )
    expect(hex(signature.r)).toBe(
      '0x60bbbb4142bca69a5278ecccb59964e3449e43915b02e5c729b9752a16309ac',
    )
    expect(hex(signature.s)).toBe(
      '0x4cdbe54b985f6fb4495398f94554883ead7cbb983597dc7ea8b9e32dfe95c27',
    )
  })

  test('takes the registered names as they are, also without padding', () => {
    const message = priceMessage(
      { assetName: 0x41535345545f4e414d45n, oracleName: 0x4f52434c31n },
      10n ** 23n,
      at(1700000000),
    )
    expect(hex(message.first)).toBe('0x41535345545f4e414d454f52434c31')
    expect(hex(message.second)).toBe('0x152d02c7e14af68000006553f100')
    expect(hash(message)).toBe('0x4dd818d2a9f01574380b4285b84ae6c15e93b65100188aefdbdf9ba805fdfa5')
  })

  test('is of no two different inputs', () => {
    const input = fc.record({
      assetName: fc.bigInt(0n, 2n ** 128n - 1n),
      oracleName: fc.bigInt(0n, 2n ** 40n - 1n),
      price: fc.bigInt(1n, 2n ** 120n - 1n),
      seconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    fc.assert(
      fc.property(input, (it) => {
        const { first, second } = priceMessage(it, it.price, at(it.seconds))
        // Reading the fields back from the words shows that no two inputs share them.
        expect({
          assetName: first / 2n ** 40n,
          oracleName: first % 2n ** 40n,
          price: second / 2n ** 32n,
          seconds: Number(second % 2n ** 32n),
        }).toEqual(it)
      }),
    )
  })

  test.each([
    ['an asset name of 129 bits', { assetName: 2n ** 128n, oracleName: 1n }, 1n, 1],
    ['an oracle name of 41 bits', { assetName: 1n, oracleName: 2n ** 40n }, 1n, 1],
    ['a price of 121 bits', { assetName: 1n, oracleName: 1n }, 2n ** 120n, 1],
    ['a price of zero', { assetName: 1n, oracleName: 1n }, 0n, 1],
    ['a negative price', { assetName: 1n, oracleName: 1n }, -5n, 1],
    ['a time after 2106', { assetName: 1n, oracleName: 1n }, 1n, 2 ** 32],
  ])('refuses %s', (_, names, price, seconds) => {
    expect(() => priceMessage(names, price, at(seconds))).toThrow(PriceRangeError)
  })

  test('counts whole seconds, never later than the price was seen', () => {
    const { second } = priceMessage({ assetName: 1n, oracleName: 1n }, 1n, timestamp(1_999))
    expect(second).toBe(2n ** 32n + 1n)
  })
})

describe('a price on the wire', () => {
  test.each([
    ['11512.34', 11512340000000000000000n],
    ['0.000000000000000001', 1n],
    ['1e-18', 1n],
    ['100000', 10n ** 23n],
  ])('%s is %s', (price, wire) => {
    expect(priceToWire(new Decimal(price))).toBe(wire)
  })

  test.each(['0', '-1', '0.0000000000000000001', '1.0000000000000000005', 'Infinity', 'NaN'])(
    '%s has none',
    (price) => {
      expect(() => priceToWire(new Decimal(price))).toThrow(InexactPriceError)
    },
  )

  test('the largest is 2^120 - 1', () => {
    const most = new Decimal((2n ** 120n - 1n).toString()).div('1e18')
    expect(priceToWire(most)).toBe(2n ** 120n - 1n)
    expect(() => priceToWire(most.plus('1e-18'))).toThrow(PriceRangeError)
  })

  test('comes back as it went', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 120n - 1n), (wire) => {
        expect(priceToWire(priceFromWire(wire))).toBe(wire)
      }),
    )
  })
})

describe('the price that an exchange stores', () => {
  test.each([
    // The two replayed on the contract itself, and the contract's own bounds.
    [11512340000000000000000n, 10n ** 10n, 309032023n],
    [23953641840000000n, 10n ** 9n, 6430n],
    [10n ** 23n, 10n ** 9n, 26843545600n],
    [1n, 10n ** 9n, 0n],
  ])('for %s at resolution %s is %s', (wire, resolution, stored) => {
    expect(storedPrice(wire, resolution)).toBe(stored)
  })

  test('is less than 2^56, and its inputs are less than 2^100', () => {
    const largest = (2n ** 56n * 10n ** 12n) / 2n ** 28n
    expect(storedPrice(largest - 1n, 1n)).toBeLessThan(2n ** 56n)
    expect(() => storedPrice(largest + 10n ** 12n, 1n)).toThrow('stored price')
    expect(() => storedPrice(2n ** 100n, 2n ** 63n)).toThrow(PriceRangeError)
    expect(() => storedPrice(1n, 0n)).toThrow(PriceRangeError)
  })

  test('is read back at most one step below what was told', () => {
    const resolution = fc.integer({ min: 0, max: 12 }).map((n) => 10n ** BigInt(n))
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 83n), resolution, (wire, factor) => {
        fc.pre((wire << 28n) / factor / 10n ** 12n < 2n ** 56n)
        const stored = storedPrice(wire, factor)
        const told = priceFromWire(wire)
        const read = storedPriceToDecimal(stored, factor)
        const step = storedPriceToDecimal(1n, factor)
        expect(read.lte(told)).toBe(true)
        // Both floors together lose less than one step and one unit of the inner division.
        expect(told.minus(read).lt(step.plus('1e-18'))).toBe(true)
      }),
    )
  })

  test('is read exactly', () => {
    // 6430 / 2^28 / 1e6 × 1e9 worked out by long division.
    expect(storedPriceToDecimal(6430n, 10n ** 9n).toFixed()).toBe(
      new Decimal(6430).mul(1000).div(268435456).toFixed(),
    )
    expect(storedPriceToDecimal(268435456n, 1_000_000n).toFixed()).toBe('1')
    expect(storedPriceToDecimal(1n, 1n).toFixed()).toBe('0.0000000000000037252902984619140625')
  })
})

describe('the median of prices', () => {
  test.each([
    [[3n], 3n],
    [[9n, 1n, 5n], 5n],
    [[4n, 1n], 2n],
    [[10n, 2n, 7n, 4n], 5n],
  ])('of %s is %s', (prices, median) => {
    expect(medianWire(prices)).toBe(median)
  })

  test('has at least half of the prices on either side, as the contract asks', () => {
    const prices = fc.array(fc.bigInt(1n, 2n ** 90n), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(prices, (all) => {
        const median = medianWire(all)
        expect(2 * all.filter((price) => price <= median).length).toBeGreaterThanOrEqual(all.length)
        expect(2 * all.filter((price) => price >= median).length).toBeGreaterThanOrEqual(all.length)
      }),
    )
  })
})

const hash = ({ first, second }: { first: bigint; second: bigint }) => pedersen(first, second)
const hex = (value: bigint) => `0x${value.toString(16)}`
const pad = (value: string) => value.slice(2).padStart(64, '0')

function verifies(message: string, r: string, s: string, key: string): boolean {
  const signature = new Signature(BigInt(r), BigInt(s))
  return ['02', '03'].some((prefix) => verify(signature, pad(message), prefix + pad(key)))
}
