import type { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { type AdlCandidate, rankForAdl } from '../margin/adl-ranking.ts'
import type { Taker } from '../margin/deleverage-set.ts'
import type { DeleverageRules, DeleverageView } from './deleverage-in-turn.ts'

/** An account as the rule ranks it, and how much it could take. */
export type TakingCandidate = AdlCandidate & { readonly most: bigint }

/**
 * Those on the other side in the rule's order. What is said of an account is said once for each of its holdings: after a part
 * that it took it is another one.
 */
export function takersInOrder(
  { rule, slot }: Pick<DeleverageView, 'rule' | 'slot'>,
  {
    takingOf,
    markOf,
    sizeOf,
  }: {
    readonly takingOf: (account: Account, asset: string) => TakingCandidate | undefined
    readonly markOf: (asset: string) => Decimal
    readonly sizeOf: (balance: bigint) => Decimal
  },
): DeleverageRules['ranked'] {
  const known = new Map<Account, Map<string, TakingCandidate | undefined>>()
  // A candidate is of one asset, which has one mark here.
  const ranks = new Map<AdlCandidate, Decimal>()

  function takingOnce(account: Account, asset: string): TakingCandidate | undefined {
    const said = known.get(account) ?? new Map<string, TakingCandidate | undefined>()
    known.set(account, said)
    if (!said.has(asset)) said.set(asset, takingOf(account, asset))
    return said.get(asset)
  }

  return (counterparties, { bankrupt, asset }) => {
    const theirs = bankrupt.holdings.find((one) => one.asset === asset)
    if (!theirs) return []
    const takers = new Map<string, Taker>()
    const candidates = counterparties.holding(asset).flatMap((account) => {
      const taking = account.id === bankrupt.id ? undefined : takingOnce(account, asset)
      if (!taking) return []
      takers.set(account.id, { account: account.id, most: taking.most })
      return [taking]
    })
    const ranked = rankForAdl(candidates, rule, {
      mark: markOf(asset),
      bankruptSize: sizeOf(theirs.balance),
      start: slot,
      known: ranks,
    })
    return ranked.flatMap(({ account }) => takers.get(account) ?? [])
  }
}
