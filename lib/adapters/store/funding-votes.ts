import type { FundingVote } from '../../domain/funding/funding-vote.ts'
import type { FundingVotes } from '../../ports.ts'
import { bytes, expiresAtOf, keyItem, packedOf, ttl } from './item.ts'
import { pack } from './packed.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { fundingVoteKey, fundingVotePartition } from './table.ts'
import { putIf } from './writes.ts'

/** One packed row per voter and slot, written once. */
export function dynamoFundingVotes(access: TableAccess): FundingVotes {
  return {
    async cast(engine, epoch, vote) {
      const row = {
        ...keyItem(fundingVoteKey(engine, epoch, vote)),
        vote: bytes(pack(vote)),
        expiresAt: ttl(expiry('fundingVote', access.clock.now())),
      }
      const decision = await putIf(access, row, { expression: 'attribute_not_exists(pk)' })
      return decision.kind === 'written' ? 'cast' : 'already-cast'
    },

    async ofEpoch(engine, epoch) {
      const found: FundingVote[] = []
      const rows = partition(access, fundingVotePartition(engine, epoch), { newestFirst: false })
      for await (const item of rows)
        if (!isExpired(expiresAtOf(item), access.clock.now()))
          found.push(packedOf(item, 'vote') as FundingVote)
      return found
    },
  }
}
