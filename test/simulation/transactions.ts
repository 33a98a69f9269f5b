import type { EngineAction } from '../../lib/domain/action.ts'
import type { Decimal } from '../../lib/domain/decimal.ts'
import type { Fee } from '../../lib/domain/fee.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { Call } from '../../lib/domain/transaction.ts'
import type { ChainKind } from './plan.ts'
import { pricePush } from './price-push.ts'

/** Those that may send on a chain. */
export const accounts = [
  '0x00000000000000000000000000000000000000aa',
  '0x00000000000000000000000000000000000000bb',
] as const

/** What one call asks of the exchange. */
export type Push = {
  /** Names the work, the same for every deployment that shares a table. */
  readonly work: string
  readonly round: number
  readonly sequence: number | undefined
  readonly prices: readonly Price[]
}

export type Price = {
  readonly market: string
  readonly price: Decimal
  readonly publishedAt: Timestamp
}

export type Transaction = {
  readonly hash: `0x${string}`
  readonly bytes: string
  /** Its number among those of the chain. */
  readonly account: number
  readonly nonce: number
  readonly fee: Fee
  readonly pushes: readonly Push[]
  /** What it is for, each once. */
  readonly works: readonly string[]
  /** Signed by the lane of this table; undefined for somebody else's. */
  readonly table: number | undefined
}

/** Calls and transactions by their bytes: nothing is hashed, and nothing has to be read back out of text. */
export type Registry = {
  /** The calldata of one push. */
  calldata(table: number, action: EngineAction, sequence: bigint | undefined): `0x${string}`
  sign(table: number, transaction: Unsigned): Transaction
  foreign(account: number, nonce: number, fee: Fee): Transaction
  byBytes(bytes: string): Transaction | undefined
  byHash(hash: string): Transaction | undefined
  pushOf(call: Call): readonly Push[]
}

export type Unsigned = {
  readonly chain: ChainKind
  readonly account: number
  readonly calls: readonly Call[]
  readonly nonce: number
  readonly fee: Fee
}

export function registry(): Registry {
  const pushes = new Map<string, Push>()
  const byBytes = new Map<string, Transaction>()
  const byHash = new Map<string, Transaction>()

  function keep(transaction: Omit<Transaction, 'hash' | 'works'>): Transaction {
    const known = byBytes.get(transaction.bytes)
    if (known) return known
    const works = [...new Set(transaction.pushes.map(({ work }) => work))]
    const kept = { ...transaction, works, hash: `0x${(byHash.size + 1).toString(16)}` } as const
    byBytes.set(kept.bytes, kept)
    byHash.set(kept.hash, kept)
    return kept
  }

  function pushOf(call: Call): readonly Push[] {
    const push = pushes.get(dataOf(call) ?? '')
    return push ? [push] : []
  }

  return {
    calldata(table, action, sequence) {
      const prices = pricePush(action).updates.map(({ market, price, reports }) => {
        const times = reports.map(({ observedAt }) => observedAt)
        return { market, price, publishedAt: timestamp(Math.min(...times)) }
      })
      const work = workOf(table, action)
      const told = prices.map(
        ({ market, publishedAt, price }) => `${market}@${publishedAt}=${price.toFixed()}`,
      )
      // Hex in name only: people read it in a trace.
      const data = `${work} ${sequence ?? '-'} ${told.join()}` as `0x${string}`
      if (!pushes.has(data))
        pushes.set(data, {
          work,
          round: action.round,
          sequence: sequence === undefined ? undefined : Number(sequence),
          prices,
        })
      return data
    },

    sign(table, { chain, account, calls, nonce, fee }) {
      const data = calls.map(dataOf)
      const bytes = `${chain} ${table} ${account}/${nonce} ${feeText(fee)} ${data.join('+')}`
      return keep({ bytes, account, nonce, fee, pushes: calls.flatMap(pushOf), table })
    },

    foreign(account, nonce, fee) {
      const bytes = `foreign ${byHash.size} ${account}/${nonce}`
      return keep({ bytes, account, nonce, fee, pushes: [], table: undefined })
    },
    byBytes: (bytes) => byBytes.get(bytes),
    byHash: (hash) => byHash.get(hash),
    pushOf,
  }
}

/** The same work for whoever decides it in one table. */
export function workOf(table: number, { engine, round }: EngineAction): string {
  return `${engine}:round-${round}@table-${table}`
}

function dataOf(call: Call): string | undefined {
  if (call.kind === 'starknet') return call.calldata[0]
  return call.kind === 'evm' ? call.data : undefined
}

function feeText(fee: Fee): string {
  switch (fee.kind) {
    case 'evm':
      return `${fee.maxFeePerGas}/${fee.maxPriorityFeePerGas}`
    case 'starknet':
      return `${fee.l2Gas.maxPricePerUnit}/${fee.tip}`
    case 'starkex':
      return 'nothing'
  }
}
