import type { OracleKeys } from '../../../ports.ts'
import type { StarkexFeeder } from '../../starkex-feeder.ts'
import type { StarkexExchange } from './exchange.ts'
import type { StarkexLiquidationRules } from './liquidation.ts'

/** One sentence for each thing in which the network file cannot be right about prices; the exchange itself cannot be asked. */
export function checkOracles(
  { engine, signers, quorum }: StarkexExchange,
  oracles: readonly OracleKeys[],
): readonly string[] {
  const few =
    signers.size < quorum
      ? [`${engine}: a price needs ${quorum} reports, and only ${signers.size} keys may sign them`]
      : []
  const strangers = oracles.flatMap(({ node, stark, next }) => {
    if (next?.stark && signers.has(BigInt(next.stark.publicKey))) return []
    if (!stark) return [`${engine}: node ${node} has no STARK key to sign with`]
    if ([next?.stark, stark].some((key) => key && signers.has(BigInt(key.publicKey)))) return []
    return [`${engine}: ${stark.publicKey} of node ${node} is not a signer`]
  })
  return [...few, ...strangers]
}

/** And what cannot be done there, since nobody tells its batches, or not all that it takes. */
export async function checkBatches({
  name,
  feeder,
  followsTransactions,
  liquidation,
  listings,
}: {
  readonly name: string
  readonly feeder: StarkexFeeder | undefined
  readonly followsTransactions: boolean
  readonly liquidation: StarkexLiquidationRules | undefined
  readonly listings: readonly { readonly market: string }[]
}): Promise<readonly string[]> {
  const listed = new Set(listings.map(({ market }) => market))
  const unlisted = Object.keys(liquidation?.risk ?? {}).filter((market) => !listed.has(market))
  return [
    ...(liquidation && !feeder
      ? [`${name}: nobody can be liquidated there, since its chain says nothing of its batches`]
      : []),
    ...unlisted.map(
      (market) => `${name}: liquidation.risk names ${market}, which it does not list`,
    ),
    ...(feeder && followsTransactions && (await feeder.lastBatchId()) === undefined
      ? [
          `${name}: its feeder does not tell its newest batch, so that transactions cannot be followed; set batches.tellsNewest to false`,
        ]
      : []),
  ]
}
