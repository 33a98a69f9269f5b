import type { EngineAction } from '../action.ts'
import type { Account, Holding } from '../margin/account.ts'
import type { StarkexLiquidationLook } from './liquidation-look.ts'

/** What work of ours makes of accounts that no batch tells yet, by account, in its order. */
export type StarkexEffects = ReadonlyMap<string, readonly Effect[]>

type Effect = {
  readonly asset: string
  readonly base: bigint
  readonly cash: bigint
  /** It only makes a holding smaller. */
  readonly isClosing: boolean
}

export function starkexEffects(actions: readonly EngineAction[]): StarkexEffects {
  const changes = actions.flatMap((action) => {
    if (action.kind === 'liquidate') return action.updates.flatMap(ofLiquidation)
    return action.kind === 'deleverage' ? action.updates.flatMap(ofDeleverage) : []
  })
  const byAccount = Map.groupBy(changes, ({ account }) => account)
  return new Map(
    [...byAccount].map(([account, all]) => [account, all.map(({ effect }) => effect)] as const),
  )
}

type Change = { readonly account: string; readonly effect: Effect }

function ofLiquidation({
  account,
  asset,
  base,
  cash,
  starkex,
}: Extract<EngineAction, { kind: 'liquidate' }>['updates'][number]): readonly Change[] {
  const closed = { account, effect: { asset, base, cash, isClosing: true } }
  if (!starkex) return [closed]
  const { order, fee } = starkex
  const taken = { asset, base: -base, cash: -cash - fee, isClosing: false }
  return [closed, { account: String(order.position), effect: taken }]
}

function ofDeleverage({
  account,
  counterparty,
  asset,
  base = 0n,
  quote = 0n,
}: Extract<EngineAction, { kind: 'deleverage' }>['updates'][number]): readonly Change[] {
  return [
    { account, effect: { asset, base, cash: quote, isClosing: true } },
    { account: counterparty, effect: { asset, base: -base, cash: -quote, isClosing: true } },
  ]
}

/**
 * An account as it is with them. When a batch was begun is not quite known, so some may be in it already: what would close
 * more than there is was.
 */
export function withEffects(
  account: Account,
  effects: StarkexEffects,
  look: Pick<StarkexLiquidationLook, 'marks'>,
): Account {
  return (effects.get(account.id) ?? []).reduce(
    (before, effect) => withEffect(before, effect, look),
    account,
  )
}

function withEffect(
  account: Account,
  { asset, base, cash, isClosing }: Effect,
  { marks }: Pick<StarkexLiquidationLook, 'marks'>,
): Account {
  const { holdings } = account
  const held = holdings.find((one) => one.asset === asset)
  const before = held?.balance ?? 0n
  const balance = before + base
  const isMore = balance !== 0n && balance > 0n !== before > 0n
  if (isClosing && (before === 0n || isMore)) return account
  const mark = Object.hasOwn(marks, asset) ? marks[asset] : undefined
  const next: Holding = held
    ? { ...held, balance }
    : { asset, balance, fundingIndex: mark?.fundingIndex ?? 0n }
  const others = holdings.filter((one) => one !== held)
  return {
    ...account,
    collateral: account.collateral + cash,
    holdings: balance === 0n ? others : [...others, next],
  }
}
