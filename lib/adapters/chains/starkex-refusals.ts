import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Clock } from '../../ports.ts'
import { readStarkexTransaction } from '../starkex-transaction.ts'

/** What a gateway has refused lately, by what it was about: it can be asked nothing beforehand. */
export type StarkexRefusals = {
  /**
   * After a refusal: the assets of a price tick that its words name, or the account that a liquidation or a deleverage is
   * about, are not worth another try for a while.
   */
  learn(transaction: string, reason: string): void
  /**
   * After it was taken: whatever was wrong with its subjects is not any more, and what was refused by how accounts stood may be
   * tried again where it has changed that.
   */
  forget(transaction: string): void
  /** Why the transaction would be refused; undefined where nothing is known against it. */
  reasonAgainst(transaction: string): string | undefined
}

/** As long as a price is worth sending. Each refusal doubles it, up to an hour: each try costs all other prices one push. */
const firstRestMs = 60_000
const longestRestMs = 60 * 60_000

type Refused = {
  readonly reason: string
  readonly restMs: number
  readonly until: Timestamp
  readonly accounts: Subject['accounts']
}

export function starkexRefusals({ now }: Pick<Clock, 'now'>): StarkexRefusals {
  const refused = new Map<string, Refused>()
  return {
    learn(transaction, reason) {
      for (const { name, asset, accounts } of subjectsOf(transaction)) {
        if (asset !== undefined && !isNamed(asset, reason)) continue
        const before = refused.get(name)
        const restMs = before ? Math.min(before.restMs * 2, longestRestMs) : firstRestMs
        refused.set(name, { reason, restMs, until: timestamp(now() + restMs), accounts })
      }
    },

    forget(transaction) {
      const subjects = subjectsOf(transaction)
      for (const { name } of subjects) refused.delete(name)
      const isForAll = subjects.some(({ asset }) => asset !== undefined)
      const touched = new Set(subjects.flatMap(({ accounts = [] }) => accounts))
      for (const [name, { accounts = [] }] of refused)
        if (accounts.some((one) => isForAll || touched.has(one))) refused.delete(name)
    },

    reasonAgainst(transaction) {
      const resting = subjectsOf(transaction).flatMap(({ name }) => {
        const one = refused.get(name)
        return one && one.until > now() ? [one.reason] : []
      })
      return resting[0]
    },
  }
}

type Subject = {
  readonly name: string
  /** Only where a refusal names it, is it refused; absent where a transaction has no other subject. */
  readonly asset?: string
  /** Whose state it is refused by, with all prices; absent where that decides nothing. */
  readonly accounts?: readonly bigint[]
}

/** What a transaction can be refused for. A funding tick has none: it is whole or nothing, and who decides it counts its tries. */
function subjectsOf(text: string): readonly Subject[] {
  const transaction = readStarkexTransaction(JSON.parse(text))
  switch (transaction?.type) {
    case 'ORACLE_PRICES_TICK':
      return transaction.prices.map(({ assetId }) => {
        const asset = `0x${assetId.toString(16)}`
        return { name: `price of ${asset}`, asset }
      })
    case 'LIQUIDATE': {
      const { liquidated, order } = transaction
      const name = `liquidation of ${liquidated}, ${order.syntheticAsset}`
      return [{ name, accounts: [liquidated] }]
    }
    case 'DELEVERAGE': {
      const { deleveraged, deleverager, asset } = transaction
      const name = `deleverage of ${deleveraged} by ${deleverager}, ${asset}`
      return [{ name, accounts: [deleveraged, deleverager] }]
    }
    case 'FUNDING_TICK':
    case undefined:
      return []
  }
}

/** Ids in words may be of any length, with zeros before them. */
function isNamed(asset: string, reason: string): boolean {
  return new RegExp(`0x0*${asset.slice(2)}(?![0-9a-f])`).test(reason.toLowerCase())
}
