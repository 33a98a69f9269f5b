import type { EngineAction, FundingUpdate } from './action.ts'
import type { LeftOut } from './left-out.ts'
import { notNewer, type PostedPrice } from './push-policy.ts'

/**
 * The parts of an action that an exchange has no more use for: others may have told it as much since the action was
 * decided. `known` is what it knows now, of one block.
 */
export function knownMeanwhile(
  action: EngineAction,
  known: {
    readonly prices: Readonly<Record<string, PostedPrice>>
    readonly fundingIndexes?: Readonly<Record<string, bigint>>
  },
): readonly LeftOut[] {
  switch (action.kind) {
    case 'push-prices':
      return notNewer(action.updates, known.prices)
    case 'update-exchange-time':
    case 'apply-interests':
    case 'liquidate':
    case 'deleverage':
    case 'settle-batch':
    case 'tell-uptime':
      // Whatever happened to an account meanwhile: the exchange itself refuses what is not due, each for itself.
      return []
    case 'settle-funding': {
      const moved = action.updates.filter(({ market, before }) => {
        const now = known.fundingIndexes?.[market]
        return now !== undefined && now !== before
      })
      return (action.whole && moved.length > 0 ? action.updates : moved).map(movedOn)
    }
  }
}

function movedOn({ market }: FundingUpdate): LeftOut {
  return { market, why: 'not-newer', reason: 'its funding was settled by somebody else meanwhile' }
}
