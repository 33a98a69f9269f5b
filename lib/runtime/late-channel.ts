import { AlertNotTakenError } from '../domain/alert.ts'
import { messageOf } from '../keepers/message-of.ts'
import type { AlertChannel } from '../ports.ts'

/**
 * A channel that is opened with its first message. Where that fails, as where its secret cannot be read, this message is not
 * taken and the next one tries again: one channel's trouble keeps nobody from being told by the others.
 */
export function lateChannel(name: string, open: () => Promise<AlertChannel>): AlertChannel {
  let opened: Promise<AlertChannel> | undefined
  async function channel(): Promise<AlertChannel> {
    const asked = (opened ??= open())
    try {
      return await asked
    } catch (error) {
      if (opened === asked) opened = undefined
      throw new AlertNotTakenError(`the channel "${name}"`, messageOf(error))
    }
  }
  return {
    name,
    deliver: async (alert) => (await channel()).deliver(alert),
    digest: async (digest) => (await channel()).digest(digest),
  }
}
