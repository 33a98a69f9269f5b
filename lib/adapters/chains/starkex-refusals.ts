import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Clock } from '../../ports.ts'

/** What a gateway has refused lately, by asset: it can be asked nothing beforehand. */
export type StarkexRefusals = {
  /** After a refusal: the assets of the transaction that its words name are not worth another try for a while. */
  learn(transaction: string, reason: string): void
  /** After it was taken: whatever was wrong with its assets is not any more. */
  forget(transaction: string): void
  /** Why the transaction would be refused; undefined where nothing is known against it. */
  reasonAgainst(transaction: string): string | undefined
}

/** As long as a price is worth sending. Each refusal doubles it, up to an hour: each try costs all other prices one push. */
const firstRestMs = 60_000
const longestRestMs = 60 * 60_000

type Refused = { readonly reason: string; readonly restMs: number; readonly until: Timestamp }

export function starkexRefusals({ now }: Pick<Clock, 'now'>): StarkexRefusals {
  const refused = new Map<string, Refused>()
  return {
    learn(transaction, reason) {
      for (const asset of assetsIn(transaction)) {
        if (!new RegExp(`${asset}(?![0-9a-f])`).test(reason.toLowerCase())) continue
        const before = refused.get(asset)
        const restMs = before ? Math.min(before.restMs * 2, longestRestMs) : firstRestMs
        refused.set(asset, { reason, restMs, until: timestamp(now() + restMs) })
      }
    },

    forget(transaction) {
      for (const asset of assetsIn(transaction)) refused.delete(asset)
    },

    reasonAgainst(transaction) {
      const resting = assetsIn(transaction).flatMap((asset) => {
        const one = refused.get(asset)
        return one && one.until > now() ? [one.reason] : []
      })
      return resting[0]
    },
  }
}

const Tick = z.object({ oracle_prices: z.record(z.string(), z.unknown()) })

/** None where it is no price tick. */
function assetsIn(transaction: string): readonly string[] {
  const tick = Tick.safeParse(JSON.parse(transaction))
  return tick.success ? Object.keys(tick.data.oracle_prices) : []
}
