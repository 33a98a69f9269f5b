import type { Acknowledgement, Silence } from '../../domain/attention.ts'
import type { ChannelPace } from '../../domain/channel-pace.ts'
import type { AlertDesk, Clock } from '../../ports.ts'
import type { MemoryRows } from './memory-rows.ts'
import {
  acknowledgementKey,
  acknowledgementPartition,
  channelKey,
  silenceKey,
  silencePartition,
} from './table.ts'
import { checkVersion } from './version.ts'

/** The twin of `dynamoDesk`. */
export function memoryDesk(rows: MemoryRows, clock: Clock): AlertDesk {
  const paceOf = (channel: string) => rows.get(channelKey(channel)) as ChannelPace | undefined
  return {
    pace: async (channel) => paceOf(channel),

    async writePace(pace) {
      checkVersion(pace.version)
      if ((paceOf(pace.channel)?.version ?? 0) !== pace.version - 1) return 'stale'
      rows.put(channelKey(pace.channel), pace)
      return 'written'
    },

    async silences() {
      const all = [...rows.partition(silencePartition, 'ascending')] as Silence[]
      return all.filter(({ until }) => until > clock.now())
    },

    async silence(silence) {
      rows.put(silenceKey(silence.id), silence, { expiresAt: silence.until })
    },

    async acknowledgements() {
      const all = [...rows.partition(acknowledgementPartition, 'ascending')] as Acknowledgement[]
      return all.filter(({ until }) => until > clock.now())
    },

    async acknowledge(one) {
      rows.put(acknowledgementKey(one.rule, one.subject), one, { expiresAt: one.until })
    },
  }
}
