import { Point } from '@scure/starknet'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { limit, order, prime } from '../../../../lib/adapters/signers/stark-wasm/curve.ts'
import { scureMath } from '../../../../lib/adapters/signers/stark-wasm/scure-math.ts'
import { openStarkModule } from '../../../../lib/adapters/signers/stark-wasm/stark-module.ts'
import { wasmMath } from '../../../../lib/adapters/signers/stark-wasm/wasm-math.ts'
import { wasmSign } from '../../../../lib/adapters/signers/stark-wasm/wasm-sign.ts'
import type { StarkClaim } from '../../../../lib/ports.ts'
import { compare } from './compare.ts'
import { inverse, signSlowly } from './rfc6979.ts'

const math = wasmMath()
const secrets = fc.bigInt({ min: 1n, max: order - 1n })
const hashes = fc.bigInt({ min: 1n, max: limit - 1n })

/** True claims of one key. */
function claimsOf(secret: bigint, signed: readonly bigint[]): readonly StarkClaim[] {
  const key = math.publicKey(secret)
  const signatures = math.sign(secret, signed)
  return signed.map((hash, at) => ({ key, hash, r: 0n, s: 0n, ...signatures[at] }))
}

describe('the module gives what others published', () => {
  test.each([
    // StarkWare, signature_test_data.json: hash_test.
    [
      0x3d937c035c878245caf64531a5756109c53068da139362728feb561405371cbn,
      0x208a0a10250e382e1e4bbe2880906c2791bf6275695e02fbbc6aeff9cd8b31an,
      0x30e480bed5fe53fa909cc0f8c4d99b8f9f2c016be4c41e13a4848797979c662n,
    ],
    [
      0x58f580910a6ca59b28927c08fe6c43e2e303ca384badc365795fc645d479d45n,
      0x78734f65a067be9bdb39de18434d71e79f7b6466a4b66bbd979ab9e7515fe0bn,
      0x68cc0b76cddd1dd4ed2301ada9b7c872b23875d5ff837b3a87993e0d9996b87n,
    ],
    // StarkWare, stark_cli: BTCUSD by Maker.
    [
      0x425443555344000000000000000000004d616b6572n,
      0xac9f3163ad52b0005f590c1en,
      0x3cb37caf8cbe45b052bd28a67713ea002f464e6fc601efe62d5a7eff76aa734n,
    ],
    // dYdX, oracle-price.test.ts.
    [
      0x425443555344000000000000000000006459645800n,
      0x27015cfcb02308200005e0be100n,
      0x73686ea5e38bdb9e73d85af4fd16e29b40cdcd723ecadbcdc78b1c45410407fn,
    ],
    // Stork: DYDXUSD by czowx, 3.33595034988 dollars at 1708940577.
    [
      0x44594458555344000000000000000000637a6f7778n,
      (3335950349880000000n << 32n) | 1708940577n,
      0x7cc1cf795d076cfff8b5920adb2dcc0d13813ed4519220a36d693e6084abe1cn,
    ],
    // starknet-perpetual, its test constants: unpadded names.
    [
      0x41535345545f4e414d454f52434c31n,
      0x152d02c7e14af68000006553f100n,
      0x4dd818d2a9f01574380b4285b84ae6c15e93b65100188aefdbdf9ba805fdfa5n,
    ],
  ])('the Pedersen hash of %i and %i', (first, second, hash) => {
    expect(math.pedersen([{ first, second }])).toEqual([hash])
  })

  test('what Stork’s three oracles signed of one price in a real tick (starknet-perpetual, test_price_tick_golden)', () => {
    const second = 0x5519b5d8f33c00678f69b4n
    const asset = 0x50454e47555553444d41524b00000000n << 40n
    const ticks = [
      {
        oracle: 0x53746f726bn,
        key: 0xcc85afe4ca87f9628370c432c447e569a01dc96d160015c8039959db8521c4n,
        r: 0x6c4beab13946105513c157ca8498735af2c3ff0f75efe6e1d1747efcff8339fn,
        s: 0x94619200c9b03a647f6f29df52d2291e866b43e57dc1a8200deb5219c87b14n,
        hash: 0x2a223f7349bb121f30ff7897d97fea75bf33ac3904686fbf42a7aa5b2a8c0edn,
      },
      {
        oracle: 0x53746b6169n,
        key: 0x1f191d23b8825dcc3dba839b6a7155ea07ad0b42af76394097786aca0d9975cn,
        r: 0x23120d436ab1e115f883fd495206b80c9a9928f94df89c2bb63eb1997cc13d5n,
        s: 0x21469ce0da02bf1a5897077b238f536f78427f946dafde2b79884cf10131e74n,
        hash: 0x22a819a5c61259a1203a2eb6aade2383ea6e666956142dd7d5a21eab07a7e1cn,
      },
      {
        oracle: 0x5374437277n,
        key: 0x41dbe627aeab66504b837b3abd88ae2f58ba6d98ee7bbd7f226c4684d9e6225n,
        r: 0x3aed46d0aff9d904faf5f76c2fb9f43c858e6f9e9c9bf99ca9fd4c1baa907b2n,
        s: 0x58523be606a55c57aedd5e030a349a478a22132b84d6f77e1e348a4991f5c80n,
        hash: 0x68681c029342f0c1c72a7f3ab39b7c3f7626a09627ec19bc8a29058677cf3fdn,
      },
    ]
    const found = math.pedersen(ticks.map(({ oracle }) => ({ first: asset | oracle, second })))
    expect(found).toEqual(ticks.map(({ hash }) => hash))
    expect(math.verify(ticks)).toEqual([true, true, true])
    expect(math.verify(ticks.map((tick) => ({ ...tick, s: order - tick.s })))).toEqual([
      true,
      true,
      true,
    ])
  })

  test('the signatures and public keys are held by the key’s own tests; here all of one key in one batch', () => {
    const signed = math.sign(0x3c1e9550e66958296d11b60f8e8e7a7ad990d07fa65d5f7652c4a6c87d4e3ccn, [
      0x1n,
      0x11n,
      0x223n,
      0x397e76d1667c4454bfb83514e120583af836f8e32a516765497823eabe16a3fn,
    ])
    // StarkWare, rfc6979_signature_test_vector.json, and a settlement's party_a order.
    expect(signed).toEqual([
      {
        r: 3162358736122783857144396205516927012128897537504463716197279730251407200037n,
        s: 1447067116407676619871126378936374427636662490882969509559888874644844560850n,
      },
      {
        r: 2282960348362869237018441985726545922711140064809058182483721438101695251648n,
        s: 2905868291002627709651322791912000820756370440695830310841564989426104902684n,
      },
      {
        r: 2851492577225522862152785068304516872062840835882746625971400995051610132955n,
        s: 2227464623243182122770469099770977514100002325017609907274766387592987135410n,
      },
      {
        r: 0x173fd03d8b008ee7432977ac27d1e9d1a1f6c98b1a2f05fa84a21c84c44e882n,
        s: 0x4b6d75385aed025aa222f28a0adc6d58db78ff17e51c3f59e259b131cd5a1ccn,
      },
    ])
  })
})

describe('the module is bit for bit @scure/starknet', () => {
  test('on more than 2,000 signatures, hashes and checks', () => {
    const amounts = { keys: 12, hashesPerKey: 130, pairs: 340, claims: 160 }
    const { compared, different } = compare({ one: math, other: scureMath }, 20_261_126, amounts)
    expect(compared).toBeGreaterThan(2_000)
    expect(different).toEqual([])
  })

  test('on the least and the greatest of everything', () => {
    const ends = [1n, 2n, limit - 2n, limit - 1n]
    for (const secret of [1n, 2n, order - 2n, order - 1n]) {
      expect(math.sign(secret, ends)).toEqual(scureMath.sign(secret, ends))
      expect(math.publicKey(secret)).toBe(scureMath.publicKey(secret))
    }
    const high = 2n ** 248n
    const felts = [0n, 1n, high - 1n, high, 15n * high - 1n, prime - 1n].filter((x) => x < prime)
    const pairs = felts.flatMap((first) => felts.map((second) => ({ first, second })))
    expect(math.pedersen(pairs)).toEqual(scureMath.pedersen(pairs))
  })
})

describe('a signature', () => {
  test('is taken for its hash and key only, in both of its forms, by either of the key’s points', () => {
    fc.assert(
      fc.property(secrets, hashes, hashes, (secret, hash, another) => {
        const [claim] = claimsOf(secret, [hash])
        if (!claim) throw new Error('nothing was signed')
        const mirrored = { ...claim, s: order - claim.s }
        // The negative key has the same x.
        const [negative] = claimsOf(order - secret, [hash])
        if (!negative) throw new Error('nothing was signed')
        expect(negative.key).toBe(claim.key)
        expect(math.verify([claim, mirrored, negative])).toEqual([true, true, true])
        const wrong = [
          { ...claim, hash: another },
          { ...claim, hash: hash ^ 1n },
          { ...claim, r: claim.r ^ 1n },
          { ...claim, s: claim.s ^ 1n },
          { ...claim, key: math.publicKey(another) },
        ].filter(
          (one) =>
            one.hash !== hash || one.r !== claim.r || one.s !== claim.s || one.key !== claim.key,
        )
        expect(math.verify(wrong)).toEqual(wrong.map(() => false))
      }),
      { numRuns: 60 },
    )
  })

  test.each([249, 250])('is made with the next k where r or 1/s has more than %i bits', (bits) => {
    const module = openStarkModule()
    const asked = fc.sample(hashes, { numRuns: 12, seed: bits })
    const [secret = 1n] = fc.sample(secrets, { numRuns: 1, seed: bits })
    const slow = asked.map((hash) => signSlowly(secret, hash, 2n ** BigInt(bits)))
    expect(slow.some(({ attempts }) => attempts > 2)).toBe(true)
    expect(wasmSign(module, { secret, hashes: asked, bits })).toEqual(
      slow.map(({ r, s }) => ({ r, s })),
    )
  })
})

describe('a batch', () => {
  test.each([0, 1, 200, 1_000, 1_024, 1_025, 2_500])('may have %i of everything', (size) => {
    const asked = Array.from({ length: size }, (_, at) => BigInt(at + 1) ** 9n)
    const pairs = asked.map((second, at) => ({ first: BigInt(at % 7), second }))
    const claims = claimsOf(0x1234n, asked)
    expect(claims).toHaveLength(size)
    expect(new Set(claims.map(({ r }) => r)).size).toBe(size)
    const bent = claims.map((claim, at) =>
      at % 3 === 1 ? { ...claim, hash: claim.hash + 1n } : claim,
    )
    expect(math.verify(bent)).toEqual(bent.map((_, at) => at % 3 !== 1))
    const found = math.pedersen(pairs)
    expect(found).toHaveLength(size)
    const last = pairs.slice(-2)
    expect(found.slice(-2)).toEqual(scureMath.pedersen(last))
  })

  test('may have more keys than there is room for at once, and keys that are none', () => {
    const claims = Array.from({ length: 150 }, (_, at) =>
      claimsOf(BigInt(at + 2), [BigInt(at + 77)]),
    )
    const nobody = { ...claims[0]?.[0], key: keyOfNobody(), hash: 5n, r: 6n, s: 7n }
    const mixed = [nobody, ...claims.flat(), nobody, ...claims.flat().toReversed()]
    expect(math.verify(mixed)).toEqual(mixed.map((claim) => claim !== nobody))
  })

  test('tells first operands apart that differ in their highest bits only, as padded names do', () => {
    const pairs = Array.from({ length: 60 }, (_, at) => ({
      first: (BigInt(at) << 128n) | 0x53746f726bn,
      second: 9n,
    }))
    expect(math.pedersen(pairs)).toEqual(scureMath.pedersen(pairs))
    expect(math.pedersen(pairs.toReversed())).toEqual(scureMath.pedersen(pairs.toReversed()))
  })

  test('hashes the same with a first operand that it knows and one that it does not', () => {
    const fresh = wasmMath()
    const pair = { first: 77n, second: 2n ** 100n }
    const [one] = fresh.pedersen([pair])
    expect(fresh.pedersen([pair, { ...pair, second: 3n }, pair])).toEqual([
      one,
      scureMath.pedersen([{ ...pair, second: 3n }])[0],
      one,
    ])
  })
})

describe('a check whose two halves are one point', () => {
  test('is done by other means, and costs the others nothing', () => {
    const secret = 0x5eedn
    const key = math.publicKey(secret)
    const strange = [1n, -1n].map((sign) => doubled(secret, key, sign))
    const wrong = strange.map((claim) => {
      // The halves are still the same, but their sum is not r.
      const r = claim.r + 1n
      return { ...claim, r, hash: (((claim.hash * r) % order) * inverse(claim.r)) % order }
    })
    const good = claimsOf(secret, [1n, 2n, 3n])
    const all = [...good, ...strange, ...good, ...wrong.filter(({ hash }) => hash < limit), ...good]
    const verdicts = all.map((claim) => !wrong.includes(claim))
    expect(math.verify(all)).toEqual(verdicts)
    expect(scureMath.verify(all)).toEqual(verdicts)
  })
})

/** A true claim with (hash / s) G = ± (r / s) Q, which the owner of a key can make but no price has. */
function doubled(secret: bigint, key: bigint, sign: bigint): StarkClaim {
  for (let u = 3n; ; u += 1n) {
    const r = Point.BASE.multiply(2n * u).toAffine().x
    const w = (((u * inverse(secret)) % order) * inverse(r)) % order
    const s = inverse(w)
    const hash = (u * s) % order
    const claim = { key, hash, r, s: sign > 0n ? s : order - s }
    if (hash < limit && w < limit && r < limit && inverse(claim.s) < limit) return claim
  }
}

/** The least x that no point of the curve has. */
function keyOfNobody(): bigint {
  for (let x = 1n; ; x += 1n) {
    try {
      Point.fromHex(`02${x.toString(16).padStart(64, '0')}`)
    } catch {
      return x
    }
  }
}
