import { describe, expect, test } from 'vitest'

import { AlertNotTakenError } from '../../lib/domain/alert.ts'
import type { AlertChannel } from '../../lib/ports.ts'
import { lateChannel } from '../../lib/runtime/late-channel.ts'
import { aDigest, anAlert } from '../adapters/alerts/support.ts'

function aLateChannel(failures: number) {
  const heard: string[] = []
  let opens = 0
  const channel: AlertChannel = {
    name: 'team',
    deliver: async ({ subject }) => void heard.push(subject),
    digest: async ({ key }) => void heard.push(key),
  }
  const late = lateChannel('team', async () => {
    opens += 1
    if (opens <= failures) throw new Error('the secret alert-credentials cannot be read')
    return Promise.resolve(channel)
  })
  return { late, heard, opens: () => opens }
}

describe('a channel that is opened with its first message', () => {
  test('is opened once', async () => {
    const { late, heard, opens } = aLateChannel(0)
    expect(opens()).toBe(0)
    await Promise.all([late.deliver(anAlert()), late.digest(aDigest())])
    expect([opens(), heard]).toEqual([1, ['core:BTC-USD', 'digest:sepolia:chat:1700000000000']])
  })

  test('has certainly not taken what it could not be opened for, and is opened again', async () => {
    const { late, heard } = aLateChannel(1)
    const error = await late.deliver(anAlert()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AlertNotTakenError)
    expect(String(error)).toContain('the secret alert-credentials cannot be read')
    await late.deliver(anAlert())
    expect(heard).toEqual(['core:BTC-USD'])
  })
})
