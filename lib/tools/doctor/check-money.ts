import { Decimal } from '../../domain/decimal.ts'
import { feeTokenDecimals, feeTokens } from '../../domain/fee-token.ts'
import { noGasMoney } from '../../domain/liveness-lanes.ts'
import { runway } from '../../domain/spending.ts'
import { messageOf } from '../../keepers/message-of.ts'
import type { World } from '../../runtime/compose.ts'
import { lanesOf } from '../../runtime/world/lanes.ts'
import type { Diagnosis } from './diagnosis.ts'

/** What each sending account has, and how long that lasts at what it has spent by the store's rows. */
export async function checkMoney(world: World): Promise<readonly Diagnosis[]> {
  const lanes = lanesOf(world, () => undefined).filter(({ chain }) => feeTokens[chain.kind])
  return await Promise.all(
    lanes.map(async ({ id, account, chain }): Promise<Diagnosis> => {
      const at = { area: 'money', subject: id } as const
      try {
        const [balance, row] = await Promise.all([
          chain.balance(account),
          world.ports.store.lanes.read(id).catch(() => undefined),
        ])
        return { ...at, ...judged(world, { id, balance, row, token: feeTokens[chain.kind] ?? '' }) }
      } catch (error) {
        const fix = `see what is wrong with chains.${chain.name} above`
        return {
          ...at,
          state: 'warning',
          says: `its balance was not told: ${messageOf(error)}`,
          fix,
        }
      }
    }),
  )
}

type Account = {
  readonly id: string
  readonly balance: bigint
  readonly row: Awaited<ReturnType<World['ports']['store']['lanes']['read']>>
  readonly token: string
}

function judged(
  { network: { alerts }, ports: { clock } }: World,
  { id, balance, row, token }: Account,
): Pick<Diagnosis, 'state' | 'says' | 'fix'> {
  const amount = new Decimal(balance.toString()).div(new Decimal(10).pow(feeTokenDecimals)).toSD(4)
  const has = `it has ${amount.toString()} ${token}`
  const spending = row?.spending
  const lasts = runway(balance, spending)
  const days = lasts?.days === undefined ? '' : `, ${lasts.days.toFixed(1)} days`
  const enough = lasts
    ? `, enough for ${lasts.transactions} transactions${days} at what they have cost lately`
    : '; nothing was spent yet'
  const finding = noGasMoney({
    lane: id,
    balance,
    short: row?.noFunds,
    spending,
    now: clock.now(),
    warnDays: alerts.gasMoneyDays,
    warnTransactions: alerts.gasMoneyTransactions,
  })
  const says = `${has}${enough}`
  const fix = `send it some ${token}`
  if (finding?.severity === 'critical' || balance === 0n) return { state: 'fault', says, fix }
  return finding ? { state: 'warning', says, fix } : { state: 'ok', says }
}
