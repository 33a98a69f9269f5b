import type { Acknowledgement, Silence } from '../../domain/attention.ts'
import type { ChannelPace } from '../../domain/channel-pace.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { AlertDesk } from '../../ports.ts'
import { bytes, type Item, keyItem, packedOf, ttl, whole } from './item.ts'
import { pack } from './packed.ts'
import { get, partition } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import {
  acknowledgementKey,
  acknowledgementPartition,
  channelKey,
  type Key,
  silenceKey,
  silencePartition,
} from './table.ts'
import { nextVersion } from './version.ts'
import { put, putIf } from './writes.ts'

/** One row for each channel, and for each word of people about alerts until it is over. */
export function dynamoDesk(access: TableAccess): AlertDesk {
  const { clock } = access

  async function standing<T extends { readonly until: Timestamp }>(
    pk: string,
    name: string,
  ): Promise<readonly T[]> {
    const found: T[] = []
    for await (const item of partition(access, pk, { newestFirst: false }))
      found.push(packedOf(item, name) as T)
    return found.filter(({ until }) => until > clock.now())
  }

  return {
    async pace(channel) {
      const item = await get(access, channelKey(channel))
      return item && (packedOf(item, 'pace') as ChannelPace)
    },

    async writePace(pace) {
      const item = {
        ...keyItem(channelKey(pace.channel)),
        version: whole(pace.version),
        pace: bytes(pack(pace)),
      }
      const decision = await putIf(access, item, nextVersion(pace.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    silences: () => standing<Silence>(silencePartition, 'silence'),

    silence: (silence) => put(access, word(silenceKey(silence.id), 'silence', silence)),

    acknowledgements: () => standing<Acknowledgement>(acknowledgementPartition, 'acknowledgement'),

    acknowledge: (one) =>
      put(access, word(acknowledgementKey(one.rule, one.subject), 'acknowledgement', one)),
  }
}

/** Deleted some days after it is over; until then every read asks whether it is. */
function word(key: Key, name: string, value: { readonly until: Timestamp }): Item {
  return { ...keyItem(key), [name]: bytes(pack(value)), expiresAt: ttl(value.until) }
}
