import * as z from 'zod/mini'

import type { Timestamp } from '../../../domain/time.ts'
import type { ProgressSight } from '../../../domain/watch/system-sight.ts'
import type { RestPlace } from '../rest-place.ts'
import { blockNumber, isoTime } from './cosmos-block.ts'

const hourMs = 3_600_000

/** A month of hours, and two days. */
const most = 770

/** What was read before is read again so far: the indexer may have been behind. */
const overlap = 4

const Answer = z.object({
  historicalFunding: z.array(
    z.object({
      rate: z.string(),
      effectiveAt: isoTime,
      effectiveAtHeight: blockNumber,
    }),
  ),
})

/** The last fundings of one market. Throws `RestTroubleError`, and `NoFundingError`. */
export async function fundingSteps(
  indexer: RestPlace,
  {
    market,
    since,
    through,
  }: {
    readonly market: string
    /** The newest one of an earlier look. */
    readonly since: Timestamp | undefined
    /** The newest block that the indexer has taken in. */
    readonly through: Timestamp
  },
): Promise<ProgressSight> {
  const hours = since === undefined ? most : Math.ceil((through - since) / hourMs) + overlap
  const limit = Math.min(most, Math.max(overlap, hours))
  const path = `/v4/historicalFunding/${encodeURIComponent(market)}?limit=${limit}`
  const { historicalFunding } = await indexer.get(path, Answer)
  const steps = historicalFunding
    .map(({ rate, effectiveAt, effectiveAtHeight }) => ({
      position: effectiveAt,
      at: effectiveAt,
      what: `${rate} of ${market} for one hour, in block ${effectiveAtHeight}`,
    }))
    .toSorted((one, other) => one.position - other.position)
  const [oldest] = steps
  // Of a market that has been traded there always is one: an empty list would undo all that is known.
  if (!oldest) throw new NoFundingError(indexer.place, market)
  return {
    name: 'funding',
    from: oldest.position,
    through: Math.max(through, steps.at(-1)?.position ?? through),
    steps,
  }
}

/** An indexer that knows of no funding. */
export class NoFundingError extends Error {
  override readonly name = 'NoFundingError'

  constructor(place: string, market: string) {
    super(`${place} tells no funding of ${market}`)
  }
}
