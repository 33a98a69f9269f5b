import {
  type Abi,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  http,
  parseSignature,
  stringToHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

import type { Clock } from '../../../lib/ports.ts'
import { readCompiledEvmEngine } from '../../contracts/evm-engine/compiled-evm-engine.ts'

type Hex = `0x${string}`

/** A deal between two of the crowd, at the mark. */
export type Deal = {
  readonly symbol: string
  readonly buyer: Hex
  readonly seller: Hex
  /** 1e-18 units. */
  readonly size: bigint
  /** USD at 18 decimals. */
  readonly price: bigint
}

export type CrowdMark = { readonly price: bigint; readonly publishedAt: bigint }

/** The local engine as its crowd uses it: through an operator of its own, in batches. */
export type CrowdEngine = {
  readonly operator: Hex
  marks(symbols: readonly string[]): Promise<readonly CrowdMark[]>
  /** Cash and how many positions. */
  accounts(
    owners: readonly Hex[],
  ): Promise<readonly { readonly collateral: bigint; readonly positions: number }[]>
  deposit(owners: readonly { readonly owner: Hex; readonly amount: bigint }[]): Promise<void>
  fundInsurance(amount: bigint): Promise<void>
  /** Each by itself: one that the engine refuses stops no other. */
  trade(deals: readonly Deal[]): Promise<void>
}

/** Marks, accounts and money of one engine; `keys` signs for the owners. After `signal` nothing is waited for. */
export function crowdEngine({
  url,
  address,
  operatorKey,
  keys,
  chainId,
  clock,
  signal,
}: {
  readonly url: string
  readonly address: Hex
  readonly operatorKey: Hex
  readonly keys: ReadonlyMap<Hex, Hex>
  readonly chainId: number
  readonly clock: Clock
  readonly signal: AbortSignal
}): CrowdEngine {
  const { engine, dollar } = readCompiledEvmEngine()
  const account = privateKeyToAccount(operatorKey)
  const transport = http(url)
  const wallet = createWalletClient({ account, transport })
  const reader = createPublicClient({ transport })
  let nonce = 0n
  let approved = false

  async function send(to: Hex, abi: Abi, functionName: string, args: readonly unknown[]) {
    const hash = await wallet.writeContract({ address: to, abi, functionName, args, chain: null })
    const status = await statusOf(hash)
    if (status === '0x0') throw new CrowdError(`${functionName} was reverted in ${hash}`)
  }

  /** By hand, since a chain that stands still would keep viem's own wait for minutes after a stop. */
  async function statusOf(hash: Hex): Promise<Hex> {
    while (!signal.aborted) {
      const receipt = await reader.request({ method: 'eth_getTransactionReceipt', params: [hash] })
      if (receipt) return receipt.status
      await clock.sleep(200, signal)
    }
    throw new CrowdError(`it was stopped while ${hash} was pending`)
  }

  async function batch(calls: readonly Hex[]): Promise<void> {
    if (calls.length > 0) await send(address, engine.abi, 'batch', [calls])
  }

  /** Test dollars are free. */
  async function haveDollars(amount: bigint): Promise<void> {
    const token = (await reader.readContract({
      address,
      abi: engine.abi,
      functionName: 'collateralToken',
    })) as Hex
    await send(token, dollar.abi, 'mint', [account.address, amount])
    if (!approved) await send(token, dollar.abi, 'approve', [address, 2n ** 256n - 1n])
    approved = true
  }

  async function orderOf(owner: Hex, { symbol }: Deal, size: bigint) {
    const key = keys.get(owner)
    if (key === undefined) throw new CrowdError(`there is no key of ${owner}`)
    nonce += 1n
    const order = {
      account: owner,
      feedId: stringToHex(symbol, { size: 32 }),
      size,
      // Whatever the price: the crowd trades at the mark.
      price: size > 0n ? 2n ** 112n - 1n : 1n,
      maxFeeBps: 100,
      expiry: 2n ** 63n,
      nonce: (BigInt(clock.now()) << 20n) + nonce,
    }
    const signature = await privateKeyToAccount(key).signTypedData({
      domain: { name: 'PerpMark', version: '1', chainId, verifyingContract: address },
      types: { Order: orderFields },
      primaryType: 'Order',
      message: order,
    })
    const { r, s, yParity } = parseSignature(signature)
    return { order, v: 27 + yParity, r, s }
  }

  return {
    operator: account.address,

    async marks(symbols) {
      const ids = symbols.map((symbol) => stringToHex(symbol, { size: 32 }))
      const [, , views] = (await reader.readContract({
        address,
        abi: engine.abi,
        functionName: 'snapshot',
        args: [ids],
      })) as readonly [boolean, readonly Hex[], readonly { readonly mark: CrowdMark }[]]
      return views.map(({ mark }) => mark)
    },

    async accounts(owners) {
      return Promise.all(
        owners.map(async (owner) => {
          const [collateral, feedIds] = (await reader.readContract({
            address,
            abi: engine.abi,
            functionName: 'accountOf',
            args: [owner],
          })) as readonly [bigint, readonly Hex[]]
          return { collateral, positions: feedIds.length }
        }),
      )
    },

    async deposit(owners) {
      if (owners.length === 0) return
      await haveDollars(owners.reduce((sum, { amount }) => sum + amount, 0n))
      await batch(
        owners.map(({ owner, amount }) =>
          encodeFunctionData({ abi: engine.abi, functionName: 'deposit', args: [owner, amount] }),
        ),
      )
    },

    async fundInsurance(amount) {
      await haveDollars(amount)
      await send(address, engine.abi, 'fundInsurance', [amount])
    },

    async trade(deals) {
      const calls = await Promise.all(
        deals.map(async (deal) => {
          const { buyer, seller, size, price } = deal
          const args = [
            await orderOf(buyer, deal, size),
            await orderOf(seller, deal, -size),
            size,
            price,
          ]
          return encodeFunctionData({ abi: engine.abi, functionName: 'trade', args })
        }),
      )
      await batch(calls)
    },
  }
}

/** As the engine hashes it (Trading.sol). */
const orderFields = [
  { name: 'account', type: 'address' },
  { name: 'feedId', type: 'bytes32' },
  { name: 'size', type: 'int256' },
  { name: 'price', type: 'uint256' },
  { name: 'maxFeeBps', type: 'uint16' },
  { name: 'expiry', type: 'uint64' },
  { name: 'nonce', type: 'uint256' },
] as const

/** The crowd could not do what it does. */
export class CrowdError extends Error {
  override readonly name = 'CrowdError'
}
