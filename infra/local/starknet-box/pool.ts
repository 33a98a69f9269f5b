import type { Hex } from './felt.ts'
import { senderOf, type Transaction } from './transaction.ts'

export type PoolEntry = {
  readonly hash: Hex
  readonly tx: Transaction
  /** Seconds. */
  readonly receivedAt: number
}

export type Pool = readonly PoolEntry[]

// The sequencer's rules (starkware-libs/sequencer, apollo mempool and gateway configuration).

/** How far ahead of its account's nonce a transaction may be. */
export const nonceWindow = 200n
/** How long a transaction waits before it is dropped. */
export const timeToLiveSeconds = 300
/** The least L2 gas price that is taken, in fri. */
export const leastL2GasPrice = 8_000_000_000n
export const mostCalldataFelts = 5_000
export const mostL2Gas = 1_210_000_000n
const mostTransactionsPerBlock = 500
/** The real pool is limited in bytes; nothing that runs on one machine sends this many. */
const mostEntries = 5_000

export type PoolVerdict =
  | { readonly kind: 'added'; readonly pool: Pool; readonly dropped: readonly PoolEntry[] }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'underpriced' }
  | { readonly kind: 'full' }

/** What the pool makes of a transaction whose nonce, signature and limits are right. `nonceOf` gives accounts' next nonces. */
export function offered(
  pool: Pool,
  entry: PoolEntry,
  nonceOf: (account: Hex) => bigint,
): PoolVerdict {
  if (pool.some(({ hash }) => hash === entry.hash)) return { kind: 'duplicate' }
  const rival = pool.find((other) => isSameNonce(other.tx, entry.tx))
  if (rival !== undefined) {
    if (!mayReplace(rival.tx, entry.tx)) return { kind: 'underpriced' }
    const rest = pool.filter((other) => other !== rival)
    return { kind: 'added', pool: [...rest, entry], dropped: [rival] }
  }
  if (pool.length < mostEntries) return { kind: 'added', pool: [...pool, entry], dropped: [] }
  const gapped = evictable(pool, nonceOf)
  if (gapped === undefined) return { kind: 'full' }
  const rest = pool.filter((other) => other !== gapped)
  return { kind: 'added', pool: [...rest, entry], dropped: [gapped] }
}

function isSameNonce(a: Transaction, b: Transaction): boolean {
  return a.nonce === b.nonce && senderOf(a) === senderOf(b)
}

/** Both the tip and the L2 gas price must rise by a tenth, rounded up; where the tip is nothing, nothing will do. */
function mayReplace(old: Transaction, now: Transaction): boolean {
  return (
    BigInt(now.tip) >= raised(BigInt(old.tip)) && l2GasPriceOf(now) >= raised(l2GasPriceOf(old))
  )
}

function raised(price: bigint): bigint {
  return price + (price + 9n) / 10n
}

export function l2GasPriceOf({ resource_bounds: { l2_gas: bound } }: Transaction): bigint {
  return BigInt(bound.max_price_per_unit)
}

/** Accounts with a gap before their first nonce give way first, their highest nonce first. */
function evictable(pool: Pool, nonceOf: (account: Hex) => bigint): PoolEntry | undefined {
  const nonces = new Set(pool.map(({ tx }) => `${senderOf(tx)} ${BigInt(tx.nonce)}`))
  return pool
    .filter(({ tx }) => !nonces.has(`${senderOf(tx)} ${nonceOf(senderOf(tx))}`))
    .toSorted((a, b) => (BigInt(a.tx.nonce) < BigInt(b.tx.nonce) ? 1 : -1))[0]
}

/** Who has waited too long. */
export function expired(pool: Pool, now: number): readonly PoolEntry[] {
  return pool.filter(({ receivedAt }) => now - receivedAt > timeToLiveSeconds)
}

/**
 * What a block takes, in its order: the highest tip first among those whose nonce is next, the higher hash where tips are equal. Who offers
 * less than the block's L2 gas price waits, and with him all later nonces of his account.
 */
export function blockOrder(
  pool: Pool,
  nonceOf: (account: Hex) => bigint,
  l2GasPrice: bigint,
): readonly PoolEntry[] {
  const next = new Map<Hex, bigint>()
  const ordered: PoolEntry[] = []
  const waiting = new Set(pool.filter(({ tx }) => l2GasPriceOf(tx) >= l2GasPrice))
  while (ordered.length < mostTransactionsPerBlock) {
    const ready = [...waiting].filter(
      ({ tx }) => BigInt(tx.nonce) === (next.get(senderOf(tx)) ?? nonceOf(senderOf(tx))),
    )
    const first = ready.toSorted(byTip)[0]
    if (first === undefined) return ordered
    waiting.delete(first)
    next.set(senderOf(first.tx), BigInt(first.tx.nonce) + 1n)
    ordered.push(first)
  }
  return ordered
}

function byTip(a: PoolEntry, b: PoolEntry): number {
  const [tipA, tipB] = [BigInt(a.tx.tip), BigInt(b.tx.tip)]
  if (tipA !== tipB) return tipA > tipB ? -1 : 1
  return BigInt(a.hash) > BigInt(b.hash) ? -1 : 1
}
