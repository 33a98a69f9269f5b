import { describe, expect, test } from 'vitest'

import {
  accountEvents,
  assetsIn,
  type RawEvent,
} from '../../../../lib/adapters/engines/starknet-perpetual/position-events.ts'
import { feltOfSigned, selectorOf } from '../../../../lib/adapters/starknet-felt.ts'
import { fundingDue } from '../../../../lib/domain/positions/account-after.ts'
import type { AccountEvent } from '../../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../../lib/domain/positions/apply-blocks.ts'
import { accountIn, type Book, emptyBook } from '../../../../lib/domain/positions/book.ts'
import { type Recorded, recordings } from './position-vectors.ts'

const genesis = { number: 0, hash: '0x0' } as const

function bookAfter(...events: readonly (readonly AccountEvent[])[]): Book {
  const block = { number: 1, hash: '0x1' } as const
  const placed = events.flatMap((several, place) => several.map((one) => ({ place, event: one })))
  return applyBlocks(emptyBook(genesis, []), [{ block, events: placed }], block)
}

type State = Recorded['effects'][number]['before'][number][1]

/** A position as the recording has it, told as absolute events. */
function planted(id: string, state: State, { idOf }: Recorded): readonly AccountEvent[] {
  const { collateral_stored: collateral, holdings } = state
  return [
    { kind: 'collateral', account: id, collateral },
    ...holdings.flatMap(({ asset, balance, cached_funding_index, funding_index = 0n }) => [
      { kind: 'funding' as const, asset: idOf(asset), index: funding_index },
      {
        kind: 'position' as const,
        account: id,
        holding: { asset: idOf(asset), balance, fundingIndex: cached_funding_index },
        collateral,
      },
    ]),
  ]
}

function raw({ name, keys, data }: Recorded['effects'][number]['events'][number]): RawEvent {
  return { keys: [BigInt(selectorOf(name)), ...keys], data: data.map(feltOfSigned) }
}

/** As the contract shows it: with the funding that is due. */
function shown(book: Book, id: string): bigint | undefined {
  const account = accountIn(book, id)
  return account?.holdings.reduce(
    (sum, holding) => sum + fundingDue(holding, book.indexes.get(holding.asset) ?? 0n),
    account.collateral,
  )
}

describe.each(recordings)('generation %s, as its contract did', (_, recorded) => {
  const kinds = [...new Set(recorded.effects.map(({ kind }) => kind))]

  test.each(kinds)('%s: the events make of the state before the state after', (kind) => {
    const all = recorded.effects.filter((one) => one.kind === kind)
    let compared = 0
    for (const { id, interest, before, after, events } of all) {
      const told = events.map((one) => accountEvents(raw(one), recorded.kindOf))
      const book = bookAfter(
        ...before.map(([position, state]) => planted(position, state, recorded)),
        ...told,
      )
      // Who receives a liquidated spot asset stands in no event.
      const named = new Set(events.flatMap(({ keys }) => keys.map(String)))
      const asset = `0x${(events[0]?.data[0] ?? 0n).toString(16)}`
      for (const [position, end] of after) {
        const isPlainDeposit = events[0]?.name === 'DepositProcessed' && interest === 0n
        const isKnown = isPlainDeposit || !book.doubts.has(position)
        if (!named.has(position) || !isKnown) continue
        compared += 1
        const held = accountIn(book, position)?.holdings.find((one) => one.asset === asset)
        const ours = [shown(book, position), held?.balance ?? 0n, held?.fundingIndex]
        const theirs = [end.collateral_provisional, end.base_balance, end.base_cached_funding_index]
        expect([id, position, ...ours]).toEqual([
          id,
          position,
          ...theirs.map((one, at) => one ?? ours[at]),
        ])
      }
    }
    expect(compared).toBeGreaterThan(0)
  })

  test('only the touched asset settles its funding', () => {
    expect(recorded.settlements.length).toBeGreaterThan(0)
    for (const { pre, expect: end } of recorded.settlements) {
      const { idOf } = recorded
      const quote = pre.quote_amount - pre.fee
      const book = bookAfter(planted('7', pre, recorded), [
        {
          kind: 'exchanged',
          account: '7',
          asset: idOf(pre.traded_asset),
          base: pre.base_amount,
          quote,
        },
      ])
      const holdings = end.holdings.map(({ asset, balance, cached_funding_index }) => ({
        asset: idOf(asset),
        balance,
        fundingIndex: cached_funding_index,
      }))
      const account = accountIn(book, '7')
      expect(account?.collateral).toBe(end.collateral_stored)
      expect(new Set(account?.holdings)).toEqual(new Set(holdings))
      expect(shown(book, '7')).toBe(end.collateral_provisional)
    }
  })
})

function event(name: string, keys: readonly bigint[], data: readonly bigint[]) {
  const one: RawEvent = {
    keys: [BigInt(selectorOf(name)), ...keys],
    data: data.map(feltOfSigned),
  }
  return accountEvents(one, (asset) => (asset === 1n ? 'base' : 'spot'))
}

describe('an event', () => {
  test('of a fee or of the insurance fund is told of the positions that get it', () => {
    const data = [0x42n, -5n, 1n, 60n, 1n, 6n, 5n, -60n, 6n, 1n, 3n]
    expect(event('Liquidate', [0x89n, 5n, 0n], data).slice(-2)).toEqual([
      { kind: 'cash', account: '0', amount: 6n },
      { kind: 'cash', account: '1', amount: 3n },
    ])
  })

  test('of a deposit is read in the shape that it has, before D and in D', () => {
    expect(event('DepositProcessed', [9n, 0xabcn, 0n], [1n, 700n, 700n, 0n, 5n])).toEqual([
      { kind: 'cash', account: '9', amount: 700n },
    ])
    const token = 0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7n
    const inD = event('DepositProcessed', [9n, 0xabcn, 0n], [1n, token, 700n, 700n, 5n])
    expect(inD[0]).toEqual({ kind: 'cash', account: '9', amount: 700n })
    // No event tells what interest came with it.
    expect(inD[1]?.kind).toBe('unsaid')
  })

  test('of generation C, in which nothing has interest, is read too', () => {
    expect(event('Withdraw', [9n, 0xabcn, 0n], [1n, 700n, 99n, 5n])).toEqual([
      { kind: 'cash', account: '9', amount: -700n },
    ])
    expect(event('Transfer', [8n, 9n, 0n], [1n, 700n, 99n, 5n])).toEqual([
      { kind: 'cash', account: '9', amount: -700n },
      { kind: 'cash', account: '8', amount: 700n },
    ])
    const order = [0x42n, 3n, 1n, -90n, 1n, 2n]
    expect(event('Trade', [8n, 9n, 0n, 0n], [...order, ...order, 3n, -90n, 2n, 1n])).toEqual([
      { kind: 'exchanged', account: '8', asset: '0x42', base: 3n, quote: -92n },
      { kind: 'exchanged', account: '9', asset: '0x42', base: -3n, quote: 89n },
      { kind: 'cash', account: '0', amount: 3n },
    ])
  })

  test('that opens a position, or moves funding, is read', () => {
    expect(event('NewPosition', [900n, 1n, 2n], [])).toEqual([{ kind: 'opened', account: '900' }])
    expect(event('FundingTick', [0x4254n], [-7n])).toEqual([
      { kind: 'funding', asset: '0x4254', index: -7n },
    ])
  })

  test('of another size is a doubt about each position that it is of, and nobody else', () => {
    const what = 'an event Trade with 3 data fields, expected 16 or 18'
    expect(event('Trade', [8n, 9n, 0n, 0n], [1n, 2n, 3n])).toEqual([
      { kind: 'unreadable', account: '8', what },
      { kind: 'unreadable', account: '9', what },
    ])
  })

  test('of prices says nothing of accounts', () => {
    expect(event('PriceTick', [0x4254n], [7n])).toEqual([])
    expect(event('Deposit', [9n, 0xabcn, 0n], [1n, 700n, 700n, 5n])).toEqual([])
  })

  test('asks for the kind of an asset only where it decides something', () => {
    const data = [3n, 1n]
    expect(assetsIn({ keys: [BigInt(selectorOf('Withdraw')), 9n], data })).toEqual([3n])
    expect(assetsIn({ keys: [BigInt(selectorOf('Trade')), 9n], data })).toEqual([])
  })
})
