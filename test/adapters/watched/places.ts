import { setTimeout as after } from 'node:timers/promises'

import { onePlace } from '../../../lib/adapters/chains/one-place.ts'
import type { OpenPlaces } from '../../../lib/adapters/rpc.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import type { Clock } from '../../../lib/ports.ts'

export const realClock: Clock = {
  now: () => timestamp(Date.now()),
  async sleep(ms, signal) {
    await after(ms, undefined, { signal }).catch(() => undefined)
  },
}

/** Nodes, each asked alone. */
export function placesOf(...urls: readonly string[]): OpenPlaces {
  return (signal) => urls.map((url) => onePlace({ chain: 'watched', url, cutOff: signal }))
}

export const nothingBefore: LookedBefore = { cursor: {}, heads: {} }

/** What the next look is told after that one. */
export function afterwards({ cursor, heads }: SystemSight): LookedBefore {
  return {
    cursor,
    heads: Object.fromEntries(
      heads.flatMap(({ chain, answer }) =>
        answer.kind === 'head'
          ? [[chain, { number: answer.number, hash: answer.hash }] as const]
          : [],
      ),
    ),
  }
}
