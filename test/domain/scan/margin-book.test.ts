import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { coreMargin, type CoreMark } from '../../../lib/domain/margin/starknet-margin.ts'
import { openBook, type ScanMark } from '../../../lib/domain/scan/margin-book.ts'

const assets = ['BTC', 'ETH', 'SOL']
const scale = 1n << 32n
const mark = fc.record({
  price: fc.bigInt(1n, 1n << 45n),
  fundingIndex: fc.bigInt(-(1n << 40n), 1n << 40n),
})
const holding = fc.record({
  balance: fc.oneof(fc.bigInt(-(10n ** 6n), -1n), fc.bigInt(1n, 10n ** 12n)),
  fundingIndex: fc.bigInt(-(1n << 40n), 1n << 40n),
})
const held = fc.tuple(...assets.map(() => fc.option(holding)))
/** How far each account's collateral is from where its margin is zero. */
const event = fc.record({
  id: fc.integer({ min: 0, max: 9 }),
  held,
  off: fc.oneof(fc.bigInt(-2n, 2n), fc.bigInt(-(10n ** 9n), 10n ** 9n)),
  removed: fc.boolean(),
})

function coreMark({ price, fundingIndex }: { price: bigint; fundingIndex: bigint }): CoreMark {
  const tiers = {
    riskFactorTiers: [10n, 25n, 50n],
    firstTierBoundary: 10n ** 6n,
    tierSize: 10n ** 7n,
  }
  return { kind: 'synthetic', price, fundingIndex, ...tiers }
}

function scanMark({ price, fundingIndex, riskFactorTiers }: CoreMark): ScanMark {
  const risk = riskFactorTiers.at(-1) ?? 0n
  return { price, priceScale: 1n << 28n, risk, riskScale: 1_000n, fundingIndex }
}

test('every account that the tiered, truncating rule would liquidate is a candidate', () => {
  let liquidatable = 0
  const law = fc.property(
    fc.tuple(...assets.map(() => mark)),
    fc.array(event, { maxLength: 20 }),
    (told, events) => {
      const marks = Object.fromEntries(
        assets.map((name, at) => [name, coreMark(told[at] ?? { price: 1n, fundingIndex: 0n })]),
      )
      const marginOf = (account: Account) => {
        const margin = coreMargin(account, marks, 'C')
        return margin.kind === 'margin' ? margin.value - margin.requirement : undefined
      }
      const book = openBook(scale)
      const accounts = new Map<string, Account>()
      for (const { id, held: all, off, removed } of events) {
        const holdings = all.flatMap((one, at) =>
          one ? [{ asset: assets[at] ?? '', ...one }] : [],
        )
        const bare = { id: String(id), collateral: 0n, holdings }
        const account = { ...bare, collateral: off - (marginOf(bare) ?? 0n) }
        book.upsert(account)
        accounts.set(account.id, account)
        if (!removed) continue
        book.remove(account.id)
        accounts.delete(account.id)
      }
      const found = book.candidates(
        new Map(Object.entries(marks).map(([name, one]) => [name, scanMark(one)])),
      )
      const due = [...accounts.values()].filter((one) => (marginOf(one) ?? -1n) < 0n)
      liquidatable += due.length
      expect(found).toEqual(expect.arrayContaining(due.map(({ id }) => id)))
      expect([...accounts.keys()]).toEqual(expect.arrayContaining([...found]))
    },
  )
  fc.assert(law, { numRuns: 1_000 })
  expect(liquidatable).toBeGreaterThan(100)
})

test('an account with plenty is left out, one with an asset that has no mark is named', () => {
  const book = openBook(scale)
  const plenty = {
    collateral: 10n ** 12n,
    holdings: [{ asset: 'BTC', balance: -5n, fundingIndex: 0n }],
  }
  book.upsert({ id: 'rich', ...plenty })
  book.upsert({ id: 'odd', ...plenty, holdings: [{ asset: 'X', balance: 1n, fundingIndex: 0n }] })
  const btc = scanMark(coreMark({ price: 1n << 40n, fundingIndex: 0n }))
  expect(book.candidates(new Map([['BTC', btc]]))).toEqual(['odd'])
})
