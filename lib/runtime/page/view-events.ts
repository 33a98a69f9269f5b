import { setTimeout as wait } from 'node:timers/promises'

import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'

import type { NetworkView } from '../view/network-view.ts'

type Events = {
  readonly view: () => Promise<NetworkView>
  readonly everyMs: number
  /** The longest silence. */
  readonly heartbeatMs: number
  /** What a viewer is told of an error. */
  readonly sentence: (error: unknown) => string
}

/** A `view` event at once and every `everyMs`, or a `problem` event where there is none, until the viewer goes. */
export function viewEvents(context: Context, events: Events): Response {
  return streamSSE(context, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    while (!gone.signal.aborted) {
      await stream.writeSSE(await nextEvent(events))
      await silence(stream, events, gone.signal)
    }
  })
}

async function nextEvent({
  view,
  sentence,
}: Events): Promise<{ readonly event: string; readonly data: string }> {
  try {
    return { event: 'view', data: JSON.stringify(await view()) }
  } catch (error) {
    return { event: 'problem', data: sentence(error) }
  }
}

/** Waits `everyMs`, with a comment now and then so that nobody takes the connection for dead. Ends early when the viewer goes. */
async function silence(
  stream: SSEStreamingApi,
  { everyMs, heartbeatMs }: Events,
  gone: AbortSignal,
): Promise<void> {
  for (let left = everyMs; left > 0 && !gone.aborted; left -= heartbeatMs) {
    // Rejects only where the viewer goes.
    await wait(Math.min(left, heartbeatMs), undefined, { signal: gone }).catch(() => {})
    if (left > heartbeatMs) await stream.write(': still here\n\n')
  }
}
