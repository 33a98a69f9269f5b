import * as z from 'zod/mini'

import type { Store } from '../../ports.ts'
import type { PositionsSeen } from './watch-view.ts'

/** As many as are told of: what was corrected in one slot must not be gone before anybody looked. */
const looks = 6

/** What index-positions found of an exchange's accounts, newest first. A slot that found it taken says nothing. */
export async function positionsSeen(
  { history }: Pick<Store, 'history'>,
  engine: string,
): Promise<readonly PositionsSeen[]> {
  const entries = await history.recent('index-positions', engine, looks)
  return entries.flatMap(({ decided, at }) => {
    const look = Look.safeParse(JSON.parse(decided))
    return look.success ? [{ ...look.data, engine, at }] : []
  })
}

const Some = z.object({
  count: z.int(),
  first: z.array(
    z.object({
      of: z.string(),
      why: z.enum(['apart', 'unknown-account', 'out-of-order', 'unreadable']),
      detail: z.string(),
    }),
  ),
})

const Look = z.object({
  compared: z.int(),
  stopped: z.optional(z.string()),
  apart: Some,
  doubts: Some,
})
