import { starknetFundingPayment } from '../funding/index-change.ts'
import type { Account, Holding } from '../margin/account.ts'
import type { AccountEvent } from './account-event.ts'
import { newAccount } from './book.ts'
import { costAfter } from './costs.ts'

/** What a holding is paid when it settles up to `index`: below zero, it pays. */
export function fundingDue({ balance, fundingIndex }: Holding, index: bigint): bigint {
  return starknetFundingPayment({ from: fundingIndex, to: index, balance })
}

type Told = Extract<
  AccountEvent,
  { kind: 'opened' | 'collateral' | 'position' | 'whole' | 'cash' | 'exchanged' }
>

/** The account after the event; undefined where only one who knew it could say. `indexOf` gives the asset's funding index. */
export function accountAfter(
  account: Account | undefined,
  event: Told,
  indexOf: (asset: string) => bigint,
): Account | undefined {
  const known = account ?? newAccount(event.account)
  switch (event.kind) {
    case 'opened':
      return known
    case 'collateral':
      return { ...known, collateral: event.collateral }
    case 'position':
      return {
        ...known,
        collateral: event.collateral,
        holdings: withHolding(known.holdings, event.holding),
      }
    case 'whole':
      return { ...known, collateral: event.collateral, holdings: event.holdings }
    case 'cash':
      return account && { ...account, collateral: account.collateral + event.amount }
    case 'exchanged':
      return account && exchanged(account, event, indexOf(event.asset))
  }
}

function exchanged(
  account: Account,
  { asset, base, quote }: Extract<AccountEvent, { kind: 'exchanged' }>,
  index: bigint,
): Account {
  const held = account.holdings.find((one) => one.asset === asset)
  const due = held ? fundingDue(held, index) : 0n
  const balance = (held?.balance ?? 0n) + base
  const cost = costAfter(held, { base, quote })
  const holding = { asset, balance, fundingIndex: index, ...(cost !== undefined && { cost }) }
  return {
    ...account,
    collateral: account.collateral + due + quote,
    holdings: withHolding(account.holdings, holding),
  }
}

/** In the place that the asset had, or at the end. */
function withHolding(holdings: readonly Holding[], holding: Holding): readonly Holding[] {
  const at = holdings.findIndex(({ asset }) => asset === holding.asset)
  if (holding.balance === 0n) return at < 0 ? holdings : holdings.toSpliced(at, 1)
  return at < 0 ? [...holdings, holding] : holdings.with(at, holding)
}
