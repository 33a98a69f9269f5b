import { concat, type Hex, keccak256, pad, toHex } from 'viem'

import { evmChain } from '../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmEngine } from '../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { feedId } from '../../lib/adapters/engines/evm-engine/feed-id.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Clock, Engine } from '../../lib/ports.ts'
import { anvilSecret, evmKey } from '../adapters/chains/keys.ts'
import { operator, signers } from '../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine as Contract,
  someRules,
  startEngine,
} from '../infra/contracts/evm-engine/engine.ts'
import { anUpdate, usd } from '../infra/contracts/evm-engine/moves.ts'
import { feedPrices, markets } from './many-accounts.ts'

export type PlantedEngine = {
  readonly contract: Contract
  readonly chain: ReturnType<typeof evmChain>
  readonly engine: Engine
  readonly clock: Clock
  /** The account that sends and liquidates. */
  readonly account: string
  /** Writes accounts into the contract's own storage, as if they had traded; throws where it then tells anything else. */
  plant(accounts: readonly Account[]): Promise<void>
  /** All markets at so many times their first price, pushed as oracles do. */
  push(times: readonly number[]): Promise<void>
}

/** The EVM engine on a node of its own with the markets of many accounts. Its time moves when prices are pushed. */
export async function plantedEngine(): Promise<PlantedEngine> {
  const sender = evmKey(anvilSecret)
  const config = {
    markets: Object.fromEntries(
      markets.map((market) => [market, aMarket({ maxPriceAgeSeconds: 86_400 })]),
    ),
    operators: [operator.address, sender.address],
    rules: someRules({ smallPosition: usd(1_000) }),
  }
  // It keeps a copy of everything for each block else, and with many accounts does little more than that.
  const contract = await startEngine(config, undefined, ['--prune-history', '8'])
  const clock: Clock = {
    now: () => timestamp(Number(contract.now()) * 1_000),
    sleep: async () => contract.warp(1),
  }
  const chain = evmChain({
    name: 'bench',
    rpcUrls: [contract.node.url],
    chainId: 31_337,
    blockSeconds: 12,
    finalityBlocks: 1,
    keys: [sender],
    clock,
    decodeRevert: decodeEngineRevert,
  })
  const engine = evmEngine({
    name: 'dex',
    chain: 'bench',
    account: sender.address,
    address: contract.address,
    rpc: chain.rpc,
    chainId: 31_337,
    markets,
  })
  const storage = await storageOf(contract)

  return {
    contract,
    chain,
    engine,
    clock,
    account: sender.address,
    async plant(accounts) {
      await storage.write(accounts.flatMap((one) => storage.wordsOf(one)))
      const head = await chain.head()
      for (let from = 0; from < accounts.length; from += atOnce) {
        const some = accounts.slice(from, from + atOnce)
        const read = await engine.positions?.read(
          some.map(({ id }) => id),
          head,
        )
        for (const one of some) {
          const found = read?.accounts.get(one.id)
          if (found?.kind !== 'account' || !isSame(found.account, one))
            throw new RangeError(`the contract tells something else of ${one.id}`)
        }
      }
    },
    async push(times) {
      await contract.warp(1)
      const prices = feedPrices(times)
      const updates = await Promise.all(
        markets.map(async (symbol, at) =>
          anUpdate(contract, { symbol, prices: [prices[at] ?? 0n], by: [signers[0]] }),
        ),
      )
      await contract.act(operator.address, 'pushPrices', updates)
    },
  }
}

const atOnce = 500

function isSame(one: Account, other: Account): boolean {
  return wordsIn(one) === wordsIn(other)
}

function wordsIn({ collateral, holdings }: Account): string {
  return [
    collateral,
    ...holdings.flatMap((held) => [held.asset, held.balance, held.fundingIndex, held.cost]),
  ].join(' ')
}

type Word = readonly [slot: bigint, value: bigint]

/** Where the contract keeps accounts, found by trying: no layout is written down here. */
async function storageOf(contract: Contract) {
  const { node, address } = contract
  const someone = `0x${'51'.repeat(20)}`
  const [feed] = markets.map(feedId)
  if (!feed) throw new RangeError('there are no markets')

  async function write(words: readonly Word[]): Promise<void> {
    for (let from = 0; from < words.length; from += atOnce) {
      const calls = words.slice(from, from + atOnce).map(([slot, value], id) => ({
        jsonrpc: '2.0',
        id,
        method: 'anvil_setStorageAt',
        params: [address, toHex(slot), toHex(value, { size: 32 })],
      }))
      const answer = await fetch(node.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(calls),
      })
      const answers = (await answer.json()) as readonly { readonly result?: unknown }[]
      if (answers.some(({ result }) => result !== true))
        throw new RangeError('the node did not write its storage')
    }
  }

  async function found(slotBy: (base: bigint) => bigint, told: () => Promise<bigint>) {
    for (let base = 0n; base < 64n; base += 1n) {
      const slot = slotBy(base)
      await write([[slot, 77n]])
      const isIt = (await told()) === 77n
      await write([[slot, 0n]])
      if (isIt) return base
    }
    throw new RangeError('the contract keeps its accounts somewhere else')
  }

  const accounts = await found(
    (base) => keyed(someone, base),
    async () => ((await contract.ask('accountOf', someone)) as readonly [bigint])[0],
  )
  const positions = await found(
    (base) => keyed(feed, keyed(someone, base)),
    async () => ((await contract.ask('position', someone, feed)) as { readonly size: bigint }).size,
  )

  return {
    write,
    /** Accounts.sol `Account` and `Position`. */
    wordsOf({ id, collateral, holdings }: Account): readonly Word[] {
      const head = keyed(id, accounts)
      const list = BigInt(keccak256(toHex(head + 1n, { size: 32 })))
      return [
        [head, BigInt.asUintN(256, collateral)],
        [head + 1n, BigInt(holdings.length)],
        ...holdings.flatMap(({ asset, balance, fundingIndex, cost = 0n }, at): Word[] => {
          const position = keyed(asset, keyed(id, positions))
          const sizes = BigInt.asUintN(128, balance) | (BigInt.asUintN(128, cost) << 128n)
          return [
            [list + BigInt(at), BigInt(asset)],
            [position, sizes],
            [position + 1n, BigInt.asUintN(192, fundingIndex)],
          ]
        }),
      ]
    },
  }
}

/** A mapping's slot for a key. */
function keyed(key: string, base: bigint): bigint {
  return BigInt(keccak256(concat([pad(key as Hex), toHex(base, { size: 32 })])))
}
