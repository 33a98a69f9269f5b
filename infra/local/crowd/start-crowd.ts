import { createHash } from 'node:crypto'

import { privateKeyToAddress } from 'viem/accounts'

import type { Clock } from '../../../lib/ports.ts'
import { type CrowdEngine, crowdEngine, type Deal } from './crowd-engine.ts'

type Hex = `0x${string}`

export type CrowdOptions = {
  readonly url: string
  readonly engine: Hex
  readonly chainId: number
  /** An operator of the exchange, who sends for all of them. */
  readonly operatorKey: Hex
  /** Who takes over what is liquidated, and needs money for it. */
  readonly liquidator: Hex
  readonly symbols: readonly string[]
  readonly clock: Clock
  readonly onProgress: (message: string) => void
}

/** How many trade. */
const traders = 24
const everyMs = 5_000

/** In the token's smallest units. */
const usd = 1_000_000n
const traderMoney = 10_000n * usd
const houseMoney = 100_000_000n * usd
const liquidatorMoney = 20_000_000n * usd
const insuranceMoney = 100_000n * usd

/** A price that old is not traded at: the engine would refuse it soon. */
const mostPriceAgeSeconds = 45n

/**
 * People who trade on the local engine, so that there is somebody to liquidate: each holds one to three markets at 3 to 18
 * times leverage, long or short, against a house that takes every other side. Whoever was liquidated comes back with new money
 * some seconds later.
 */
export function startCrowd(options: CrowdOptions): { close(): Promise<void> } {
  const { clock, onProgress } = options
  const people = peopleOf(options)
  const stopping = new AbortController()
  const { signal } = stopping
  const engine = crowdEngine({ ...options, address: options.engine, keys: people.keys, signal })
  let isReady = false
  let said = ''

  async function turn(): Promise<void> {
    if (!isReady) await prepare(engine, people, options)
    isReady = true
    await openPositions(engine, people, options)
  }

  async function live(): Promise<void> {
    while (!signal.aborted) {
      try {
        await turn()
      } catch (error) {
        const message =
          error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
        // Once: a chain that was stopped on purpose is no news each five seconds.
        if (message !== said && !signal.aborted) onProgress(`The crowd could not trade: ${message}`)
        said = message
      }
      await clock.sleep(everyMs, signal)
    }
  }

  const living = live()
  return {
    async close() {
      stopping.abort()
      await living
    },
  }
}

type People = {
  readonly house: Hex
  readonly traders: readonly Hex[]
  readonly keys: ReadonlyMap<Hex, Hex>
}

/** The same at every start on one directory: their keys come from its operator's. */
function peopleOf({ operatorKey }: CrowdOptions): People {
  const keys = Array.from({ length: traders + 1 }, (_, at) => {
    const digest = createHash('sha256').update(`${operatorKey} crowd ${at}`).digest('hex')
    const key: Hex = `0x00${digest.slice(2)}`
    return [privateKeyToAddress(key), key] as const
  })
  const [house, ...others] = keys.map(([address]) => address)
  if (!house) throw new TypeError('there is no house')
  return { house, traders: others, keys: new Map(keys) }
}

/** Money for those who have none yet. */
async function prepare(engine: CrowdEngine, { house }: People, { liquidator }: CrowdOptions) {
  const [ours, theirs] = await engine.accounts([house, liquidator])
  if (ours?.collateral === 0n && ours.positions === 0) {
    await engine.deposit([{ owner: house, amount: houseMoney }])
    await engine.fundInsurance(insuranceMoney)
  }
  if (theirs?.collateral === 0n && theirs.positions === 0)
    await engine.deposit([{ owner: liquidator, amount: liquidatorMoney }])
}

async function openPositions(
  engine: CrowdEngine,
  people: People,
  { symbols, clock }: CrowdOptions,
): Promise<void> {
  const marks = await engine.marks(symbols)
  const now = BigInt(Math.floor(clock.now() / 1_000))
  const fresh = symbols.flatMap((symbol, at) => {
    const mark = marks[at]
    const isFresh = mark && mark.price > 0n && now - mark.publishedAt <= mostPriceAgeSeconds
    return isFresh ? [{ symbol, price: mark.price }] : []
  })
  if (fresh.length < symbols.length) return
  const accounts = await engine.accounts(people.traders)
  const idle = people.traders.flatMap((owner, at) => {
    const account = accounts[at]
    return account?.positions === 0 ? [{ owner, at, collateral: account.collateral }] : []
  })
  if (idle.length === 0) return
  await engine.deposit(
    idle.flatMap(({ owner, collateral }) =>
      collateral < traderMoney / 2n ? [{ owner, amount: traderMoney - min(collateral, 0n) }] : [],
    ),
  )
  const round = Math.floor(clock.now() / everyMs)
  await engine.trade(
    idle.flatMap(({ owner, at }) => dealsOf({ owner, at, round, house: people.house, fresh })),
  )
}

/** One to three markets, at a leverage between 3 and 18 in all. */
function dealsOf({
  owner,
  at,
  round,
  house,
  fresh,
}: {
  readonly owner: Hex
  readonly at: number
  readonly round: number
  readonly house: Hex
  readonly fresh: readonly { readonly symbol: string; readonly price: bigint }[]
}): readonly Deal[] {
  const luck = createHash('sha256').update(`${owner} ${round}`).digest()
  const legs = 1 + ((luck[0] ?? 0) % Math.min(3, fresh.length))
  const leverage = 3n + BigInt((luck[1] ?? 0) % 16)
  return Array.from({ length: legs }, (_, leg): Deal[] => {
    const market = fresh[(at + leg) % fresh.length]
    if (!market) return []
    const { symbol, price } = market
    const worth = (traderMoney * leverage) / BigInt(legs)
    const size = (worth * 10n ** 30n) / price
    const isLong = ((luck[2 + leg] ?? 0) & 1) === 0
    return [{ symbol, price, size, buyer: isLong ? owner : house, seller: isLong ? house : owner }]
  }).flat()
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
