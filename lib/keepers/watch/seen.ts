import { messageOf } from '../message-of.ts'
import type { Seen } from './watch-view.ts'

/** What cannot be asked now is told as such, and keeps nobody from looking at the rest. */
export async function seen<Value>(ask: () => Promise<Value>): Promise<Seen<Value>> {
  try {
    return { kind: 'seen', value: await ask() }
  } catch (error) {
    return { kind: 'unseen', reason: messageOf(error) }
  }
}
