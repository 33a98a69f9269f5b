import * as z from 'zod/mini'

import { type KeeperTurns, noTurns } from '../domain/liquidation/keeper-turns.ts'
import { timestamp } from '../domain/time.ts'
import type { Store } from '../ports.ts'

const At = z.pipe(z.int(), z.transform(timestamp))
const Decided = z.object({
  turns: z.object({
    since: z.record(z.string(), At),
    left: z.record(z.string(), z.object({ times: z.int(), at: At })),
    ours: z.array(z.string()),
  }),
})

/** What the newest slot of `liquidate` knew of the other keepers; nothing where none did, or another version wrote it. */
export async function turnsBefore(
  { history }: Pick<Store, 'history'>,
  engine: string,
): Promise<KeeperTurns> {
  const [newest] = await history.recent('liquidate', engine, 1)
  if (!newest) return noTurns
  const read = Decided.safeParse(JSON.parse(newest.decided))
  return read.success ? read.data.turns : noTurns
}
