import type { Account, Holding } from '../margin/account.ts'

/**
 * What a holding cost after a deal: an increase adds what was paid, a decrease takes its share with it, and what goes beyond zero
 * is new. Rounds towards zero. Undefined where it was not known before, and where nothing is left.
 */
export function costAfter(
  held: Pick<Holding, 'balance' | 'cost'> | undefined,
  { base, quote }: { readonly base: bigint; readonly quote: bigint },
): bigint | undefined {
  const { balance, cost } = held ?? { balance: 0n, cost: 0n }
  const later = balance + base
  if (cost === undefined || later === 0n) return undefined
  if (balance === 0n || balance > 0n === base > 0n) return cost - quote
  if (later > 0n === balance > 0n) return (cost * later) / balance
  return (-quote * later) / base
}

/** The account with what its holdings cost by the index, where whoever told of it does not know that and the balance is the same. */
export function withCosts(account: Account, known: Account | undefined): Account {
  if (!known || account.holdings.every(({ cost }) => cost !== undefined)) return account
  const holdings = account.holdings.map((holding): Holding => {
    const same = known.holdings.find(
      ({ asset, balance }) => asset === holding.asset && balance === holding.balance,
    )
    const cost = holding.cost ?? same?.cost
    return cost === undefined ? holding : { ...holding, cost }
  })
  return { ...account, holdings }
}
