import { getStarkKey, sign } from '@scure/starknet'
import { expect, onTestFinished, test } from 'vitest'

import { boxAccounts } from '../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { feeToken } from '../../../infra/local/starknet-box/world.ts'
import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import {
  type Order,
  orderHash,
} from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { starknetPerpetual } from '../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { feltHex, feltOfSigned } from '../../../lib/adapters/starknet-felt.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { accountsOf } from '../../../lib/domain/positions/book.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { indexPositions } from '../../../lib/keepers/index-positions/index-positions.ts'
import { keepPositions } from '../../../lib/keepers/index-positions/keep-positions.ts'
import { starkKey } from '../../adapters/chains/keys.ts'
import {
  actionOf,
  ample,
  btc,
  eth,
  sol,
  suiteConfig,
} from '../../adapters/chains/starknet-world.ts'
import { memoryBooks } from '../../adapters/positions/memory-books.ts'
import { asInput } from '../../infra/local/starknet-box/a-box.ts'
import { movedClock } from '../lane/lane-in-memory.ts'
import { replays } from '../replay/replays.ts'

const listings = [btc, eth, sol]
const owners = { 100: '0x1a1', 101: '0x1b2' } as const
type Owned = keyof typeof owners

/** Odd, so that it does not divide evenly. */
const btcIndex = 1_234_567_891n

/** A box whose exchange has no positions yet but its own two, its operator, and an index that is asked slot by slot. */
async function startWorld(generation: 'C' | 'D') {
  const [operator] = boxAccounts({})
  if (!operator) throw new Error('a box has accounts')
  const clock = movedClock()
  const core = asInput(suiteConfig(BigInt(operator.address)))
  const box = await startStarknetBox({ blocks: 'demand', core, setup: { generation }, clock })
  onTestFinished(async () => box.stop())
  const chain = starknetChain({
    name: 'starknet',
    rpcUrls: [box.url],
    chainId: box.chainId,
    blockSeconds: 3_600,
    finalityBlocks: 10,
    keys: { [operator.address]: starkKey(operator.privateKey) },
    clock,
  })
  const engine = starknetPerpetual({
    name: 'core',
    chain: 'starknet',
    account: operator.address,
    address: box.coreAddress,
    chainId: box.chainId,
    listings,
    generation: 'detect',
    rpc: chain.rpc,
    clock,
    curve: starkCurve,
  })
  const store = memoryStore({ clock })
  const books = memoryBooks(store, clock)
  let slot = 0

  async function send(...calls: readonly (readonly [string, string, readonly bigint[]])[]) {
    const { pending } = await chain.nonce(operator?.address ?? '')
    const made = calls.map(([to, entrypoint, felts]) => ({
      kind: 'starknet' as const,
      to: feltHex(to),
      entrypoint,
      calldata: felts.map((felt) => feltHex(feltOfSigned(felt))),
    }))
    const request = { calls: made, nonce: pending, fee: ample }
    const { bytes, hash } = await chain.sign(operator?.address ?? '', request)
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    box.makeBlock()
    expect(await chain.status(hash)).toMatchObject({
      outcome: 'succeeded',
      reason: undefined,
    })
  }

  return {
    box,
    operator: BigInt(operator.address),
    clock,
    engine,
    send,
    /** The operator's own nonce comes first in what only it may call. */
    async operate(entrypoint: string, ...args: readonly bigint[]) {
      const { sequence = 0n } = await engine.state()
      await send([box.coreAddress, entrypoint, [sequence, ...args]])
    },
    async push(prices: readonly (readonly [typeof btc, string])[]) {
      const told = prices.map(([listing, price]) => ({ listing, prices: [price, price] }))
      const action = await actionOf(engine, told, (await chain.head()).time)
      const calls = engine.encode(action, (await engine.state()).sequence)
      for (const call of calls)
        if (call.kind === 'starknet')
          await send([call.to, call.entrypoint, call.calldata.map(BigInt)])
    },
    /** A process that begins, so that everybody is compared with the contract. */
    async look() {
      const index = replays(
        indexPositions({
          clock,
          store,
          books,
          chains: { starknet: chain },
          engines: { core: engine },
          shares: 2,
        }),
      )
      slot += 1
      const now = clock.now()
      const until = timestamp(now + 60_000)
      const view = await index.observe({ subject: 'core', slot, slotAt: now, until })
      const decision = index.decide(view)
      for (const action of decision.actions)
        if (action.kind === 'keep-positions')
          await keepPositions({ positions: books, store }, action)
      return decision
    },
    async cash() {
      const kept = await books.read('core')
      const all = kept?.book ? [...accountsOf(kept.book)] : []
      return Object.fromEntries(all.map(({ id, collateral }) => [id, collateral]))
    },
  }
}

function orderOf(id: Owned, base: bigint, quote: bigint): Order {
  return {
    positionId: BigInt(id),
    baseAssetId: BigInt(btc.assetId),
    baseAmount: base,
    quoteAssetId: 1n,
    quoteAmount: quote,
    feeAssetId: 1n,
    feeAmount: 1_000n,
    expiration: 4_000_000_000n,
    salt: 7n,
  }
}

function signedBy(id: Owned, order: Order, chainId: bigint): readonly bigint[] {
  const publicKey = BigInt(getStarkKey(owners[id]))
  const hash = orderHash(order, { publicKey, chainId })
  const { r, s } = sign(hash.toString(16), owners[id].slice(2))
  return [2n, r, s]
}

function words(order: Order): readonly bigint[] {
  return [
    order.positionId,
    order.baseAssetId,
    order.baseAmount,
    order.quoteAssetId,
    order.quoteAmount,
    order.feeAssetId,
    order.feeAmount,
    order.expiration,
    order.salt,
  ]
}

/** What `balance` of bitcoin receives of the one funding tick: rounded down. */
function due(balance: bigint): bigint {
  const exact = -btcIndex * balance
  return exact / 2n ** 32n - (exact % 2n ** 32n < 0n ? 1n : 0n)
}

test.each(['C', 'D'] as const)(
  'on a box of generation %s deposits, a trade, funding and a reduction leave the index as the views are',
  async (generation) => {
    const world = await startWorld(generation)
    const { box, operator, clock } = world
    const chainId = BigInt(box.chainId)
    const seen: (readonly [string, string])[] = []
    const compared: number[] = []
    async function step(what: string, work: () => Promise<void>) {
      await work()
      const { outcome, recorded } = await world.look()
      seen.push([what, outcome.reason])
      compared.push((recorded as { readonly compared: number }).compared)
    }

    await step('nothing', async () => undefined)
    for (const id of [100, 101] as const)
      await step(`position ${id}`, async () =>
        world.operate('new_position', BigInt(id), BigInt(getStarkKey(owners[id])), 0n, 0n),
      )
    for (const id of [100n, 101n]) {
      await step(`deposit into ${id}`, async () =>
        world.send(
          [feeToken, 'approve', [BigInt(box.coreAddress), 5_000_000_000n, 0n]],
          [box.coreAddress, 'deposit', [id, 5_000_000_000n, id]],
        ),
      )
      const interest = generation === 'D' ? [0n] : []
      await step(`its processing`, async () =>
        world.operate('process_deposit', operator, 1n, id, 5_000_000_000n, id, ...interest),
      )
    }
    await step('prices', async () =>
      world.push([
        [btc, '60000'],
        [eth, '3000'],
        [sol, '150'],
      ]),
    )
    const [buy, sell] = [
      orderOf(100, 20_000n, -1_200_000_000n),
      orderOf(101, -20_000n, 1_200_000_000n),
    ]
    const trade = [
      ...signedBy(100, buy, chainId),
      ...signedBy(101, sell, chainId),
      ...words(buy),
      ...words(sell),
      10_000n,
      -600_000_000n,
      300n,
      500n,
    ]
    await step('a trade', async () =>
      generation === 'C'
        ? world.operate('trade', ...trade)
        : world.operate('multi_trade', 1n, ...trade, 0n, 0n),
    )
    expect(await world.cash()).toEqual({
      0: 800n,
      1: 0n,
      100: 5_000_000_000n - 600_000_000n - 300n,
      101: 5_000_000_000n + 600_000_000n - 500n,
    })
    await step('funding', async () => {
      clock.pass(3_600_000)
      const indexes = listings
        .map(({ assetId }) => BigInt(assetId))
        .toSorted((one, other) => (one < other ? -1 : 1))
      const ticks = indexes.flatMap((asset) => [
        asset,
        asset === BigInt(btc.assetId) ? btcIndex : 0n,
      ])
      await world.operate('funding_tick', 3n, ...ticks, BigInt(Math.floor(clock.now() / 1_000)))
    })
    await step('a reduction', async () =>
      world.operate('reduce_asset_position', 100n, 101n, BigInt(btc.assetId), -4_000n),
    )
    expect(await world.cash()).toMatchObject({
      100: 4_399_999_700n + due(10_000n) + 240_000_000n,
      101: 5_599_999_500n + due(-10_000n) - 240_000_000n,
    })
    expect(seen.filter(([, reason]) => reason !== 'followed')).toEqual([])
    expect(Math.max(...compared)).toBe(4)
  },
  60_000,
)
