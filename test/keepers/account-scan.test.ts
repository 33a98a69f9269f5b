import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import type { EvmLiquidationLook } from '../../lib/domain/liquidation/liquidation-look.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { evmMargin, type EvmMark } from '../../lib/domain/margin/evm-margin.ts'
import { accountsOf, type AccountTable, type Book } from '../../lib/domain/positions/book.ts'
import { emptyBook } from '../../lib/domain/positions/book.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'

const unit = 10n ** 30n
const assets = ['BTC', 'ETH'] as const
const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const

const account = (id: string): fc.Arbitrary<Account> =>
  fc.record({
    id: fc.constant(id),
    collateral: fc.bigInt(-5_000_000n, 20_000_000n),
    holdings: fc
      .tuple(
        ...assets.map((asset) =>
          fc.record({
            asset: fc.constant(asset),
            balance: fc.bigInt(-(10n ** 18n), 10n ** 18n),
            fundingIndex: fc.bigInt(-(10n ** 17n), 10n ** 17n),
          }),
        ),
      )
      .map((all) => all.filter(({ balance }) => balance !== 0n)),
  })

/** Of some accounts, what each is now: undefined where it is gone. */
const change = fc
  .tuple(...names.map((id) => fc.option(fc.option(account(id), { nil: undefined }), { nil: null })))
  .map(
    (all) =>
      new Map(
        names.flatMap((id, at) => {
          const one = all[at]
          return one === null ? [] : [[id, one] as const]
        }),
      ),
  )

/** What a book does next: some accounts change, all that changed is taken back, or it is packed into a new table. */
const next = fc.oneof(
  change.map((changed) => ({ kind: 'changes', changed }) as const),
  fc.constant({ kind: 'taken-back' } as const),
  fc.constant({ kind: 'packed' } as const),
)

const marks = fc.record({
  BTC: fc.bigInt(1n * 10n ** 18n, 20n * 10n ** 18n).map(markAt),
  ETH: fc.option(fc.bigInt(1n * 10n ** 18n, 20n * 10n ** 18n).map(markAt), { nil: undefined }),
})

function markAt(price: bigint): EvmMark {
  return {
    price,
    fundingIndex: price / 100n,
    initialMarginBps: 1_000n,
    maintenanceMarginBps: 500n,
    penaltyBps: 100n,
  }
}

test('tick after tick it names exactly the accounts that the exact rule finds below their requirement, the worst first, and what others owe', () => {
  let found = 0
  const law = fc.property(
    fc.array(fc.tuple(next, marks), { minLength: 1, maxLength: 8 }),
    (ticks) => {
      const scan = accountScan(openScan)
      let book = emptyBook({ number: 1, hash: '0x1' }, [])
      for (const [step, told] of ticks) {
        book = after(book, step)
        const look = lookAt(told)
        const due = [...accountsOf(book)]
          .flatMap((one) => {
            const margin = evmMargin(one, look.book)
            const isBelow = margin.kind === 'margin' && margin.value < margin.requirement
            return isBelow && one.holdings.length > 0 ? [{ one, value: margin.value }] : []
          })
          .toSorted((a, b) => Number(a.value - b.value) || (a.one.id < b.one.id ? -1 : 1))
        const owed = [...accountsOf(book)]
          .filter(({ holdings, collateral }) => holdings.length === 0 && collateral < 0n)
          .reduce((sum, { collateral }) => sum - collateral, 0n)
        const { accounts, debt } = scan.below('dex', book, look)
        expect(debt).toBe(owed)
        expect(accounts.map((one) => one.account)).toEqual(due.map(({ one }) => one))
        found += due.length
      }
    },
  )
  fc.assert(law, { numRuns: 1_000 })
  expect(found).toBeGreaterThan(1_000)
})

test('two exchanges do not know of each other', () => {
  const scan = accountScan(openScan)
  const look = lookAt({ BTC: markAt(10n ** 18n), ETH: undefined })
  const poor: Account = {
    id: 'a',
    collateral: 0n,
    holdings: [{ asset: 'BTC', balance: 10n ** 18n, fundingIndex: 10n ** 16n }],
  }
  const one = bookOf(new Map([['a', { ...poor, collateral: -990_000n }]]))
  const other = bookOf(new Map([['a', { ...poor, collateral: 990_000n }]]))
  expect(scan.below('one', one, look).accounts).toHaveLength(1)
  expect(scan.below('other', other, look).accounts).toHaveLength(0)
  expect(scan.below('one', one, look).accounts).toHaveLength(1)
})

function after(
  book: Book,
  step: typeof next extends fc.Arbitrary<infer Step> ? Step : never,
): Book {
  switch (step.kind) {
    case 'changes':
      return { ...book, changed: new Map([...book.changed, ...step.changed]) }
    case 'taken-back':
      return { ...book, changed: new Map() }
    case 'packed':
      return { ...book, table: tableOf([...accountsOf(book)]), changed: new Map() }
  }
}

function tableOf(accounts: readonly Account[]): AccountTable {
  const byId = new Map(accounts.map((one) => [one.id, one]))
  return {
    size: byId.size,
    get: (id) => byId.get(id),
    ids: () => byId.keys(),
    all: () => byId.values(),
  }
}

function bookOf(changed: Book['changed']): Book {
  return { ...emptyBook({ number: 1, hash: '0x1' }, []), changed }
}

function lookAt(told: {
  readonly BTC: EvmMark
  readonly ETH: EvmMark | undefined
}): EvmLiquidationLook {
  const { BTC, ETH } = told
  return {
    kind: 'evm-engine',
    block: { number: 1, hash: '0x1', time: timestamp(0) },
    paused: false,
    from: timestamp(0),
    book: { unit, marks: { BTC, ...(ETH && { ETH }) } },
    rules: { liquidatorShareBps: 0n, closeFactorBps: 0n, smallPosition: 0n },
    insuranceFund: 0n,
    markets: {},
    dollar: 1_000_000n,
    liquidator: { id: 'me', collateral: 0n, holdings: [] },
  }
}
