import { describe, expect, test } from 'vitest'

import type { NetworkChannel } from '../../lib/runtime/network/schema.ts'
import { channelRules } from '../../lib/runtime/world/channel-rules.ts'

const rulesOf = (channel: NetworkChannel) => {
  const channels = { one: channel }
  const rules = channelRules({ alerts: { channels } } as unknown as Parameters<
    typeof channelRules
  >[0])
  return rules['one']
}

const url = { kind: 'literal', text: 'http://127.0.0.1/x' } as const

describe('how much a channel is told', () => {
  test.each([
    ['slack', { kind: 'slack', url }, 60, 1_000, 14_400_000],
    ['telegram', { kind: 'telegram', token: url, chatId: '1' }, 20, 1_000, 14_400_000],
    ['discord', { kind: 'discord', url }, 30, 400, 14_400_000],
    ['terminal', { kind: 'terminal' }, 600, 0, undefined],
  ] as const)('of %s is no more than its service takes', (_kind, channel, most, gap, remind) => {
    const rules = rulesOf(channel as unknown as NetworkChannel)
    expect(rules?.mostPerMinute).toBeLessThanOrEqual(most)
    expect(rules?.gapMs).toBeGreaterThanOrEqual(gap)
    expect(rules?.remindMs).toBe(remind)
    // Two digests must fit beside them.
    expect(rules?.singlesPerMinute).toBeLessThanOrEqual((rules?.mostPerMinute ?? 0) - 2)
  })

  test('is what the network file says where it says it', () => {
    const quiet = [{ days: ['sun' as const], from: '00:00', to: '00:00', zone: 'UTC' }]
    const pace = { perMinute: 6, singlesPerMinute: 2, infoEveryMinutes: 15, remindHours: 0 }
    expect(rulesOf({ kind: 'slack', url, pace, quiet })).toEqual({
      mostPerMinute: 6,
      singlesPerMinute: 2,
      gapMs: 1_000,
      gatherInfoMs: 900_000,
      quiet,
      remindMs: undefined,
    })
  })

  test('of infos to people is gathered for an hour', () => {
    expect(rulesOf({ kind: 'slack', url })?.gatherInfoMs).toBe(3_600_000)
  })
})
