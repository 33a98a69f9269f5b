import { type L2Suspect, suspectIn } from '../domain/proving/l2-suspect.ts'
import type { Store } from '../ports.ts'

/** Why what an exchange's chain says may be taken back; undefined where nothing speaks against it. */
export type L2Suspects = (engine: string) => Promise<L2Suspect | undefined>

/** By the rows of the lanes that prove each exchange, as they are now: a row for each, and none where nothing is proved. */
export function l2Suspects(
  { batches }: Pick<Store, 'batches'>,
  provenBy: Readonly<Record<string, readonly string[]>>,
): L2Suspects {
  return async (engine) => {
    const lanes = Object.hasOwn(provenBy, engine) ? (provenBy[engine] ?? []) : []
    return suspectIn(await Promise.all(lanes.map(async (lane) => batches.lane(lane))))
  }
}
