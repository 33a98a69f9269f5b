import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'

const Big = z.string().transform((text) => BigInt(text))
const Oracle = z.object({ public_key: Big, asset_name: Big, oracle_name: Big })
const Tick = z.object({
  kind: z.literal('price_tick'),
  case: z.string(),
  pre: z.object({ asset: z.string() }),
  call: z.object({
    signed_prices: z.array(
      z.object({
        signature: z.array(Big),
        signer_public_key: Big,
        timestamp: Big,
        oracle_price: Big,
      }),
    ),
  }),
  expect: z.object({ ok: z.boolean(), error: z.string().optional() }),
})
const File = z.object({
  assets: z.array(z.object({ symbol: z.string(), oracles: z.array(Oracle) })),
  vectors: z.array(z.union([Tick, z.object({ kind: z.string() }).transform(() => undefined)])),
})

describe.each(['core-conformance', 'core-conformance-d'])('recorded price ticks of %s', (name) => {
  const file = new URL(`../../../../../shared/vectors/${name}.json`, import.meta.url)
  const absent = existsSync(file) ? '' : ' (skipped: the shared vectors are not beside the project)'

  test.skipIf(absent !== '')(
    `are signed where the contract took them, and only there${absent}`,
    () => {
      const { assets, vectors } = File.parse(JSON.parse(readFileSync(file, 'utf8')))
      const namesOf = (asset: string, key: bigint) =>
        assets
          .find(({ symbol }) => symbol === asset)
          ?.oracles.find(({ public_key }) => public_key === key)
      const ticks = vectors.flatMap((tick) => (tick ? [tick] : []))
      const claims = ticks.flatMap((tick) =>
        tick.call.signed_prices.flatMap((one) => {
          const names = namesOf(tick.pre.asset, one.signer_public_key)
          const [r, s, ...more] = one.signature
          if (!names || r === undefined || s === undefined || more.length > 0) return []
          const message = {
            first: (names.asset_name << 40n) | names.oracle_name,
            second: (one.oracle_price << 32n) | one.timestamp,
          }
          return [{ tick, message, key: one.signer_public_key, r, s }]
        }),
      )
      const hashes = starkCurve.pedersen(claims.map(({ message }) => message))
      const verdicts = starkCurve.verify(
        claims.map(({ key, r, s }, at) => ({ key, r, s, hash: hashes[at] ?? 0n })),
      )
      const taken = claims.map(({ tick }, at) => ({ tick, verdict: verdicts[at] }))
      const good = taken.filter(({ tick }) => tick.expect.ok)
      expect(good.length).toBeGreaterThan(100)
      expect(good.filter(({ verdict }) => verdict !== true)).toEqual([])
      const refused = ticks.filter(
        ({ expect: { error } }) => error === 'INVALID_STARK_KEY_SIGNATURE',
      )
      expect(refused.length).toBeGreaterThan(0)
      const allTrue = refused.filter((tick) => {
        const own = taken.filter((one) => one.tick === tick && one.verdict === true)
        return own.length === tick.call.signed_prices.length
      })
      expect(allTrue).toEqual([])
    },
  )
})
