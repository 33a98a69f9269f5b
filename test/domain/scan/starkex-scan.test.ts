import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { wasmScan } from '../../../lib/adapters/scan/wasm-scan.ts'
import { marginIn } from '../../../lib/domain/liquidation/margin-in.ts'
import { type Account, healthOf } from '../../../lib/domain/margin/account.ts'
import type { StarkexMark } from '../../../lib/domain/margin/starkex-margin.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import { emptyBook } from '../../../lib/domain/positions/book.ts'
import { accountScan } from '../../../lib/keepers/account-scan.ts'
import { aStarkexLook, one } from '../liquidation/starkex-look.ts'

const origin = { number: 0, hash: '0x0' } as const
const block = { number: 1, hash: '0x1' } as const

const mark: fc.Arbitrary<StarkexMark> = fc
  .record({
    price: fc.bigInt({ min: 1n, max: one * 1_000n }),
    fundingIndex: fc.bigInt({ min: -one * 10n, max: one * 10n }),
    bounds: fc.tuple(
      fc.bigInt({ min: 1n, max: 10n ** 6n }),
      fc.bigInt({ min: 1n, max: 10n ** 9n }),
    ),
    factors: fc.tuple(
      fc.bigInt({ min: 1n, max: one / 10n }),
      fc.bigInt({ min: 0n, max: one / 10n }),
      fc.bigInt({ min: 0n, max: one / 10n }),
    ),
    segmentedBy: fc.constantFrom('balance', 'notional'),
  })
  .map(({ price, fundingIndex, bounds: [first, more], factors: [low, mid, high], segmentedBy }) => {
    const scale = segmentedBy === 'balance' ? 1n : one
    return {
      price,
      fundingIndex,
      segmentedBy,
      segments: [
        { upperBound: first * scale, riskFactor: low },
        { upperBound: (first + more) * scale, riskFactor: low + mid },
        { upperBound: 1n << 127n, riskFactor: low + mid + high },
      ],
    }
  })

const amount = fc.bigInt({ min: -(10n ** 10n), max: 10n ** 10n })

test('the scan finds every account of a StarkEx exchange that is below its requirement', () => {
  const holding = fc.record({ balance: amount.filter((size) => size !== 0n), index: amount })
  const account = fc.record({ a: fc.option(holding), b: fc.option(holding), luck: amount })
  fc.assert(
    fc.property(mark, mark, fc.array(account, { minLength: 1, maxLength: 20 }), (a, b, people) => {
      const look = aStarkexLook({ marks: { '0xa': a, '0xb': b } })
      const accounts = people.map((person, at): Account => {
        const holdings = (
          [
            ['0xa', person.a],
            ['0xb', person.b],
          ] as const
        ).flatMap(([asset, held]) =>
          held ? [{ asset, balance: held.balance, fundingIndex: held.index }] : [],
        )
        const bare = { id: String(at), collateral: 0n, holdings }
        const margin = marginIn(bare, look)
        // Near the edge on either side.
        const edge = margin ? (margin.requirement - margin.value) >> 64n : 0n
        return { ...bare, collateral: edge + person.luck / 10n ** 9n }
      })
      const events = accounts.map(({ id, collateral, holdings }, place) => ({
        place,
        event: { kind: 'whole', account: id, collateral, holdings } as const,
      }))
      const book = applyBlocks(emptyBook(origin, []), [{ block, events }], block)
      const found = accountScan(wasmScan).below('perps', book, look)
      const below = accounts.filter((each) => {
        const margin = marginIn(each, look)
        return each.holdings.length > 0 && margin && healthOf(margin) !== 'healthy'
      })
      expect(found.accounts.map(({ account: { id } }) => id).toSorted()).toEqual(
        below.map(({ id }) => id).toSorted(),
      )
    }),
  )
})
