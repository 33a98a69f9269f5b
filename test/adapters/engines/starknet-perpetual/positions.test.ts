import { describe, expect, test } from 'vitest'

import { corePositions } from '../../../../lib/adapters/engines/starknet-perpetual/positions.ts'
import { feltOfSigned, selectorOf } from '../../../../lib/adapters/starknet-felt.ts'
import type { BlockEvents, BlockId } from '../../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../../lib/domain/positions/apply-blocks.ts'
import { accountIn, emptyBook } from '../../../../lib/domain/positions/book.ts'
import { recordings } from './position-vectors.ts'
import { blockHash, type NodeEvent, positionsNode } from './positions-node.ts'

const address = '0xc04e'

function open(rpc: ReturnType<typeof positionsNode>) {
  return corePositions({ engine: 'core', address, rpc, listings: [] }, 0)
}

function at(number: number, branch = 'a') {
  return { number, hash: blockHash(number, branch) }
}

function interest(block: number, account: bigint, amount: bigint): NodeEvent {
  return { block, name: 'InterestApplied', keys: [account], data: [feltOfSigned(amount)] }
}

describe('events', () => {
  const events = [
    { block: 3, name: 'NewPosition', keys: [7n, 1n, 2n], data: [] },
    interest(3, 7n, 10n),
    interest(3, 7n, -4n),
    interest(5, 7n, 1n),
  ]

  test('come page by page, by block, in the order in which the node gives them', async () => {
    const node = positionsNode({ events: () => events })
    expect(await open(node).events(at(2), at(9))).toEqual({
      kind: 'events',
      through: at(9),
      blocks: [
        {
          block: at(3),
          events: [
            { place: 0, event: { kind: 'opened', account: '7' } },
            { place: 1, event: { kind: 'cash', account: '7', amount: 10n } },
            { place: 2, event: { kind: 'cash', account: '7', amount: -4n } },
          ],
        },
        {
          block: at(5),
          events: [{ place: 0, event: { kind: 'cash', account: '7', amount: 1n } }],
        },
      ],
    })
    expect(node.asked.filter((method) => method === 'starknet_getEvents')).toHaveLength(2)
  })

  test('have the places that the node tells, so that one out of order shows, and one told twice counts once', async () => {
    const told = [
      { ...interest(3, 7n, 10n), at: [0, 4] as const },
      { ...interest(3, 7n, 20n), at: [2, 0] as const },
      { ...interest(3, 7n, 20n), at: [2, 0] as const },
      { ...interest(3, 8n, 5n), at: [1, 9] as const },
    ]
    const found = await open(positionsNode({ events: () => told })).events(at(2), at(9))
    if (found.kind === 'gone') throw new Error('it is there')
    const book = applyBlocks(emptyBook(at(2), ['7', '8']), found.blocks, found.through)
    expect(accountIn(book, '7')?.collateral).toBe(30n)
    expect([...book.doubts].map(([id, { why }]) => [id, why])).toEqual([['8', 'out-of-order']])
  })

  test('of more blocks than fit into one answer are those of whole blocks', async () => {
    const many = Array.from({ length: 300 }, (_, n) => interest(3 + Math.floor(n / 3), 7n, 1n))
    const node = positionsNode({ events: () => many })
    const blocks: BlockEvents[] = []
    let now: BlockId = at(2)
    while (now.number < 200) {
      const found = await open(node).events(now, at(200))
      if (found.kind === 'gone') throw new Error('it is there')
      expect(found.through).toEqual(at(found.through.number))
      blocks.push(...found.blocks)
      now = found.through
    }
    expect(node.asked.length).toBeLessThan(200)
    expect(blocks.map(({ block }) => block.number)).toEqual(
      many.flatMap(({ block }, n) => (n % 3 === 0 ? block : [])),
    )
    expect(blocks.every((one) => one.events.length === 3)).toBe(true)
  })

  test('are none where a block has another hash now, before or after', async () => {
    const node = positionsNode({ events: () => events })
    expect(await open(node).events(at(2, 'b'), at(9))).toEqual({ kind: 'gone' })
    expect(await open(node).events(at(2), at(9, 'b'))).toEqual({ kind: 'gone' })
  })

  test('are none where the chain changes while they are read', async () => {
    let branch = 'a'
    const changing = positionsNode({
      events: () => {
        const seen = events
        queueMicrotask(() => {
          branch = 'b'
        })
        return seen
      },
      branch: () => branch,
    })
    expect(await open(changing).events(at(2), at(9))).toEqual({ kind: 'gone' })
  })

  test('of deposits ask what was deposited, once', async () => {
    const spot = [1n, 1n, 2n ** 128n - 2n, 0n, 1n, 10n, 10n, 0n, 0xabcn, 1n]
    const deposits = [1n, 0x57n, 0x57n].map((asset) => ({
      block: 4,
      name: 'DepositProcessed',
      keys: [7n, 0xabcn, 0n],
      data: [asset, 700n, 700n, 0n, 5n],
    }))
    const node = positionsNode({
      events: () => deposits,
      view: (_, asset) => (asset === 0x57n ? spot : 'ASSET_NOT_EXISTS'),
    })
    const positions = open(node)
    const found = await positions.events(at(2), at(9))
    await positions.events(at(2), at(9))
    if (found.kind === 'gone') throw new Error('it is there')
    expect(found.blocks[0]?.events.map(({ event }) => event)).toEqual([
      { kind: 'cash', account: '7', amount: 700n },
      { kind: 'exchanged', account: '7', asset: '0x57', base: 700n, quote: 0n },
      { kind: 'exchanged', account: '7', asset: '0x57', base: 700n, quote: 0n },
    ])
    expect(node.asked.filter((method) => method === 'starknet_call')).toHaveLength(2)
  })
})

/** A call as accounts write it in their calldata. */
function call(to: bigint, entrypoint: string, words: readonly bigint[]) {
  return [to, BigInt(selectorOf(entrypoint)), BigInt(words.length), ...words]
}

describe('a liquidated spot asset', () => {
  const weth = 0x57n
  const spot = [1n, 1n, 2n ** 128n - 2n, 0n, 1n, 10n, 10n, 0n, 0xabcn, 1n]
  const order = [weth, 30n, 1n, feltOfSigned(-90n), 1n, 0n]
  const data = [...order, feltOfSigned(-30n), 90n, 0n, 1n, 0n, 0n, 0n, 0n]
  /** The operator nonce, whose asset it was, who pays, who receives it. */
  const args = (receiver: bigint) => [9n, 800n, 5n, receiver, weth, 30n]

  function liquidation(calls: readonly (readonly bigint[])[]): NodeEvent {
    const calldata = [BigInt(calls.length), ...calls.flat()]
    return { block: 4, name: 'Liquidate', keys: [800n, 5n, 0n], data, calldata }
  }

  async function toldOf(event: NodeEvent) {
    const node = positionsNode({ events: () => [event], view: () => spot })
    const found = await open(node).events(at(2), at(9))
    if (found.kind === 'gone') throw new Error('it is there')
    return found.blocks.flatMap(({ events: all }) => all.map((one) => one.event))
  }

  test('goes to whom its transaction names, who is asked about: no event does', async () => {
    const core = BigInt(address)
    const told = await toldOf(
      liquidation([
        call(core, 'price_tick', [8n, weth, 3n, 0n]),
        call(core, 'liquidate_spot_asset', args(952n)),
      ]),
    )
    expect(told).toEqual([
      { kind: 'exchanged', account: '800', asset: '0x57', base: -30n, quote: 90n },
      { kind: 'cash', account: '5', amount: -90n },
      { kind: 'unsaid', account: '5', what: 'who received the liquidated asset' },
      { kind: 'unsaid', account: '952', what: 'what it received of a liquidated asset' },
    ])
  })

  test('is nobody else’s: calls of other contracts and of other positions do not count', async () => {
    const core = BigInt(address)
    const told = await toldOf(
      liquidation([
        call(0xbadn, 'liquidate_spot_asset', args(951n)),
        call(core, 'liquidate', args(953n)),
        call(core, 'liquidate_spot_asset', [9n, 801n, 5n, 954n, weth, 30n]),
      ]),
    )
    expect(told.map((one) => 'account' in one && one.account)).toEqual(['800', '5', '5'])
    expect(await toldOf(liquidation([[core]]))).toEqual(told)
  })
})

describe.each(recordings)('views of generation %s', (generation, { margins, idOf }) => {
  test('show collateral with the funding that is due; what is read is what is stored', async () => {
    expect(margins.length).toBeGreaterThan(0)
    for (const { pre, expect: shown } of margins) {
      // Risk factors come without the holdings whose balance is zero, which no view shows.
      const held = pre.holdings.filter(({ balance }) => balance !== 0n)
      const words = held.flatMap((one, leg) => [
        BigInt(idOf(one.asset)),
        feltOfSigned(one.balance),
        one.price,
        shown.risk_factors[leg] ?? 0n,
        feltOfSigned(one.cached_funding_index),
        ...(generation === 'D' ? [0n] : []),
      ])
      const position = [BigInt(held.length), ...words, feltOfSigned(shown.collateral_provisional)]
      const node = positionsNode({
        events: () => [],
        view: (name, argument) => {
          if (name === 'get_position_assets') return position
          const one = held.find(({ asset }) => BigInt(idOf(asset)) === argument)
          return [1n, one?.price ?? 0n, 0n, feltOfSigned(one?.funding_index ?? 0n)]
        },
      })
      const read = await open(node).read(['7'], at(9))
      const holdings = held.map((one) => ({
        asset: idOf(one.asset),
        balance: one.balance,
        fundingIndex: one.cached_funding_index,
      }))
      const account = { id: '7', collateral: pre.collateral_stored, holdings }
      expect(read.accounts.get('7')).toEqual({ kind: 'account', account })
    }
  })
})

describe('a position', () => {
  test('that the contract does not know is none, one that it cannot show is told alone', async () => {
    const node = positionsNode({
      events: () => [],
      view: (name, argument) => {
        if (name !== 'get_position_assets') return [1n, 0n, 0n, 0n]
        if (argument === 7n) return 'POSITION_DOESNT_EXIST'
        if (argument === 8n) return 'i64_add Overflow'
        return argument === 9n ? [2n, 1n, 2n] : [0n, feltOfSigned(-5n)]
      },
    })
    const { accounts } = await open(node).read(['6', '7', '8', '9'], at(9))
    expect(Object.fromEntries(accounts)).toEqual({
      6: { kind: 'account', account: { id: '6', collateral: -5n, holdings: [] } },
      7: { kind: 'none' },
      8: { kind: 'unreadable', detail: 'the contract says i64_add Overflow' },
      9: { kind: 'unreadable', detail: 'a position of 3 felts, 2 holdings' },
    })
  })

  test('may have a hundred holdings', async () => {
    const legs = Array.from({ length: 100 }, (_, leg) => [BigInt(leg + 1), 3n, 0n, 0n, 2n ** 32n])
    const node = positionsNode({
      events: () => [],
      view: (name) =>
        name === 'get_position_assets' ? [100n, ...legs.flat(), 1_000n] : [1n, 0n, 0n, 0n],
    })
    const { accounts } = await open(node).read(['6'], at(9))
    const read = accounts.get('6')
    // Each of a hundred receives three, which the view shows as collateral already.
    expect(read?.kind === 'account' && read.account.collateral).toBe(700n)
    expect(read?.kind === 'account' && read.account.holdings.length).toBe(100)
  })

  test('of a contract whose views have their first names is read too', async () => {
    const node = positionsNode({
      events: () => [],
      view: (name) => (name === 'get_position_assets' ? [0n, 8n] : 'ENTRYPOINT_NOT_FOUND'),
    })
    const { accounts } = await open(node).read(['6'], at(9))
    expect(accounts.get('6')).toMatchObject({ account: { collateral: 8n } })
  })
})
