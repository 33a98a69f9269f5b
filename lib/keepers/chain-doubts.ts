import { type ChainDoubt, doubtBy } from '../domain/chain-doubt.ts'
import { suspectIn } from '../domain/proving/l2-suspect.ts'
import type { Clock, Store } from '../ports.ts'

/** What speaks against an exchange's chain; undefined where nothing does. */
export type ChainDoubts = (engine: string) => Promise<ChainDoubt | undefined>

/**
 * By the rows of the lanes that prove each exchange and by the watch's word on its chain, as they are now: a row for each, and
 * none where nothing is proved and nobody watches.
 */
export function chainDoubts(
  { batches, uptimes }: Pick<Store, 'batches' | 'uptimes'>,
  {
    clock,
    provenBy,
    chainOf,
  }: {
    readonly clock: Clock
    readonly provenBy: Readonly<Record<string, readonly string[]>>
    readonly chainOf: Readonly<Record<string, string>>
  },
): ChainDoubts {
  return async (engine) => {
    const lanes = Object.hasOwn(provenBy, engine) ? (provenBy[engine] ?? []) : []
    const chain = Object.hasOwn(chainOf, engine) ? chainOf[engine] : undefined
    const [rows, uptime] = await Promise.all([
      Promise.all(lanes.map(async (lane) => batches.lane(lane))),
      chain === undefined ? undefined : uptimes.read(chain),
    ])
    return suspectIn(rows) ?? doubtBy(uptime, clock.now())
  }
}
