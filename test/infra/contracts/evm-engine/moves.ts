import type { PrivateKeyAccount } from 'viem/accounts'

import { operator, signers } from './actors.ts'
import { type Engine, type Event } from './engine.ts'
import {
  feedOf,
  type Order,
  type Parts,
  type ReportFields,
  signOrder,
  type SignedOrder,
  signReport,
} from './typed-data.ts'

/** Whole dollars, or units of an asset, at 18 decimals. */
export function e18(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6)) * 10n ** 12n
}

/** Dollars in the token's smallest units. */
export function usd(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6))
}

export type Update = {
  readonly feedId: `0x${string}`
  readonly roundId: bigint
  readonly reports: readonly (ReportFields & Parts)[]
}

/** One price per signer, in the signers' order; all other fields may be bent. */
export async function anUpdate(
  engine: Engine,
  bent: {
    readonly symbol?: string
    readonly prices: readonly bigint[]
    readonly round?: bigint
    readonly by?: readonly PrivateKeyAccount[]
    readonly fields?: Partial<ReportFields>
  },
): Promise<Update> {
  const { symbol = 'BTC-USD', prices, round = engine.now(), by = signers, fields } = bent
  const feedId = feedOf(symbol)
  const reports = prices.map(async (price, at) => {
    const signer = by[at]
    if (!signer) throw new RangeError('there are more prices than signers')
    return signReport(signer, engine.domain, {
      feedId,
      roundId: round,
      observedAt: engine.now(),
      oldestInputAt: engine.now() - 2n,
      price,
      sources: 7,
      configHash: `0x${'c0'.repeat(32)}`,
      ...fields,
    })
  })
  return { feedId, roundId: round, reports: await Promise.all(reports) }
}

/** A second later, all signers agree on a price. */
export async function setPrice(engine: Engine, symbol: string, price: bigint, by = 1) {
  await engine.warp(1)
  const prices = Array.from({ length: by }, () => price)
  await engine.act(operator.address, 'pushPrices', [await anUpdate(engine, { symbol, prices })])
}

export async function deposit(engine: Engine, owner: PrivateKeyAccount, amount: bigint) {
  const { address } = owner
  await engine.token(address, 'mint', address, amount)
  await engine.token(address, 'approve', engine.address, amount)
  return engine.act(address, 'deposit', address, amount)
}

let lastNonce = 0n

/** An order that anything may be bent of. */
export async function anOrder(
  engine: Engine,
  owner: PrivateKeyAccount,
  { by = owner, ...bent }: Partial<Order> & { readonly by?: PrivateKeyAccount },
): Promise<SignedOrder> {
  lastNonce += 1n
  const size = bent.size ?? e18(1)
  return signOrder(by, engine.domain, {
    account: owner.address,
    feedId: feedOf('BTC-USD'),
    size,
    price: size > 0n ? 2n ** 112n - 1n : 1n,
    maxFeeBps: 100,
    expiry: engine.now() + 1_000n,
    nonce: lastNonce,
    ...bent,
  })
}

/** Two willing accounts trade. */
export async function trade(
  engine: Engine,
  deal: {
    readonly buyer: PrivateKeyAccount
    readonly seller: PrivateKeyAccount
    readonly symbol?: string
    readonly size: bigint
    readonly price: bigint
  },
): Promise<readonly Event[]> {
  return engine.act(operator.address, 'trade', ...(await tradeArguments(engine, deal)))
}

export async function tradeArguments(
  engine: Engine,
  deal: Parameters<typeof trade>[1],
): Promise<readonly unknown[]> {
  const { buyer, seller, symbol = 'BTC-USD', size, price } = deal
  const feedId = feedOf(symbol)
  return [
    await anOrder(engine, buyer, { size, feedId }),
    await anOrder(engine, seller, { size: -size, feedId }),
    size,
    price,
  ]
}
