import * as z from 'zod/mini'

import type { Store } from '../../ports.ts'
import type { PeersSeen } from './watch-view.ts'

/** Enough that none is missed between two looks of a watch that looks less often than prices are pushed. */
const looks = 6

/** What push-prices noted of the nodes; the reports that prove it are in the rows. One of another version is left out. */
export async function peersSeen(
  { history }: Pick<Store, 'history'>,
  engine: string,
): Promise<readonly PeersSeen[]> {
  const entries = await history.recent('peers', engine, looks)
  return entries.flatMap(({ view, at }) => {
    const look = Look.safeParse(JSON.parse(view))
    if (!look.success) return []
    const lies = look.data.lies.map((lie) => ({ ...lie, evidence: [] }))
    return [{ ...look.data, lies, engine, at }]
  })
}

const faults = [
  'unreadable',
  'unsigned',
  'foreign',
  'replayed',
  'off-time',
  'forged',
  'duplicate',
  'equivocated',
] as const

const Look = z.object({
  sights: z.array(
    z.object({
      node: z.string(),
      said: z.enum(['reports', 'nothing', 'timeout', 'network', 'http', 'too-large', 'unreadable']),
      detail: z.string(),
      usable: z.int(),
      refused: z.partialRecord(z.enum(faults), z.int()),
    }),
  ),
  lies: z.array(
    z.object({
      node: z.string(),
      what: z.enum(['foreign', 'replayed', 'off-time', 'forged', 'equivocated', 'apart']),
      detail: z.string(),
    }),
  ),
  apart: z.array(z.string()),
})
