import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { evmMargin } from '../domain/margin/evm-margin.ts'
import { dollars } from '../domain/pnl/row-usd.ts'
import type { World } from './compose.ts'
import { liquidatedEngines } from './world/schedules.ts'

/**
 * One sentence for each exchange on which our own account could take nothing over: whoever liquidates there gets the positions,
 * and must have the margin for them. Of an exchange that does not answer `checkWorld` tells.
 */
export async function checkLiquidators({
  network,
  ports,
}: Pick<World, 'network' | 'ports'>): Promise<readonly string[]> {
  const sentences = liquidatedEngines(network).map(async (name) => {
    const look = await ports.engines[name]?.liquidation?.look()
    const wrong = look && withoutMargin(look)
    return wrong === undefined ? [] : [`engines.${name}: ${wrong}`]
  })
  return (await Promise.all(sentences)).flat()
}

function withoutMargin(look: LiquidationLook): string | undefined {
  if (look.kind !== 'evm-engine') return undefined
  const { liquidator, book, dollar } = look
  const usd = (amount: bigint): string => dollars(amount, dollar.toString().length - 1).toFixed(2)
  const { id, collateral, holdings } = liquidator
  const advice = 'liquidations hand it their positions, so deposit collateral for it'
  if (holdings.length === 0 && collateral <= 0n)
    return `account ${id} has no collateral on the exchange; ${advice}`
  const margin = evmMargin(liquidator, book)
  // Where a price is too old nothing can be said, and nothing be done either.
  if (margin.kind === 'unknown' || margin.value > margin.initial) return undefined
  return `account ${id} is worth ${usd(margin.value)} USD and its positions need ${usd(margin.initial)} as initial margin, so it can take none over; ${advice}, or close some of them`
}
