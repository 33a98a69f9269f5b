import { feedId } from '../../lib/adapters/engines/evm-engine/feed-id.ts'
import { markets } from '../bench/many-accounts.ts'
import type { Model } from '../infra/contracts/evm-engine/model.ts'
import type { BurstWorld } from './burst-world.ts'
import type { Below } from './burst.ts'
import { us } from './exchange-twin.ts'

/** What no liquidation and no deleverage changes: all money, and for each market all sizes. */
export type Totals = { readonly money: bigint; readonly sizes: readonly bigint[] }

export function totalsOf({ holders, insurance, pool }: Model): Totals {
  let money = insurance + pool
  const sizes = new Map<string, bigint>()
  for (const { cash, held } of holders.values()) {
    money += cash
    for (const [asset, { size }] of held) sizes.set(asset, (sizes.get(asset) ?? 0n) + size)
  }
  return { money, sizes: markets.map((market) => sizes.get(feedId(market)) ?? 0n) }
}

/** Of what must hold after a burst, that which does not. */
export async function brokenRules(
  { twin, store, chain }: BurstWorld,
  {
    before,
    fallen,
    left,
  }: {
    readonly before: Totals
    readonly fallen: readonly Below[]
    readonly left: readonly Below[]
  },
): Promise<readonly string[]> {
  const problems: string[] = []
  const told = (problem: string): void => void problems.push(problem)
  const after = totalsOf(twin.model)
  // Fundings are rounded against whoever has them, at most a unit for each holding that was touched.
  if (after.money !== before.money) told(`${after.money - before.money} units of money came up`)
  for (const [at, size] of after.sizes.entries())
    if (size !== before.sizes[at]) told(`sizes of ${markets[at] ?? ''} do not add up`)

  const effects = chain.effects().map(({ data }) => (JSON.parse(data) as { intent: string }).intent)
  if (new Set(effects).size !== effects.length) told('work took effect twice')
  const stored = await store.intents.recent(`fake/${us}`, effects.length + 1_000)
  const byName = new Map(stored.map((one) => [`${one.action.kind} ${one.action.round}`, one]))
  for (const name of effects) if (!byName.has(name)) told(`${name} is on the chain alone`)
  for (const [name, { state, action }] of byName) {
    const parts = twin.done.filter(({ intent }) => intent === name)
    // What was not sent in time is decided anew, with all that is below its margin then.
    const isGone = state.kind === 'failed' && state.why === 'expired' && !state.inclusion
    if (isGone && parts.length > 0) told(`${name} expired and took effect`)
    if (isGone) continue
    if (state.kind === 'failed') told(`${name} failed: ${state.why}`)
    else if (parts.length !== action.updates.length)
      told(`${parts.length} of ${action.updates.length} parts of ${name} were done`)
    const first = parts.findIndex(({ wasBroke }) => !wasBroke)
    if (
      first >= 0 &&
      parts.slice(first).some(({ wasBroke, kind }) => wasBroke && kind === 'liquidate')
    )
      told(`in ${name} an account with less than nothing waits behind another one`)
  }
  if (fallen.length === 0) told('nobody fell')
  for (const { id, isBroke } of left)
    if (!isBroke) told(`${id} is still below its margin`)
    else if (canBeMet(twin.model, id)) told(`${id} still has less than nothing`)
  return problems
}

/** Whether anybody on the other side of a position has a profit: the contract takes from nobody else. */
function canBeMet(model: Model, id: string): boolean {
  return [...model.holder(id).held].some(([asset, { size }]) => {
    const price = model.price.get(asset) ?? 0n
    return [...model.holders.values()].some(({ held }) => {
      const theirs = held.get(asset)
      if (!theirs || theirs.size > 0n === size > 0n) return false
      return theirs.size * price - theirs.cost * 10n ** 30n >= 10n ** 30n
    })
  })
}
