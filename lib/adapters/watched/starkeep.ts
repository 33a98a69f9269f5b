import * as z from 'zod/mini'

import { timestamp } from '../../domain/time.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import { lookAtOnce } from './look.ts'
import type { OpenRest } from './rest-place.ts'

const Answer = z.object({
  network: z.string(),
  lookedAt: z.nullable(z.int()),
  chains: z.record(z.string(), z.object({ state: z.string() })),
})

/**
 * Another deployment of Starkeep, by what it serves at `/uptime`: each look of its watch stands for a block, so that a watch
 * which is dead is told like a chain that stalls. What it says of its chains are settings.
 */
export function starkeepWatch({
  name,
  rest: open,
  clock,
}: {
  readonly name: string
  readonly rest: OpenRest
  readonly clock: Clock
}): WatchedSystem {
  return {
    name,
    look: async (before, until) =>
      lookAtOnce({
        clock,
        before,
        until,
        glances(signal) {
          const rest = open(signal)
          return [
            {
              parts: ['heads', 'settings'],
              async see() {
                const { network, lookedAt, chains } = await rest.get('/uptime', Answer)
                if (lookedAt === null) throw new NeverLookedError(network)
                const number = Math.floor(lookedAt / 1000)
                const head = {
                  kind: 'head',
                  number,
                  hash: `0x${number.toString(16)}`,
                  time: timestamp(lookedAt),
                } as const
                return {
                  heads: [{ chain: 'watch', place: rest.place, answer: head }],
                  settings: Object.fromEntries(
                    Object.entries(chains).map(([chain, { state }]) => [
                      `chain:${chain}`,
                      state === 'down' ? 'down' : 'up',
                    ]),
                  ),
                }
              },
            },
          ]
        },
      }),
  }
}

/** A deployment that serves answers, and whose watch has not looked for a week, or never. */
export class NeverLookedError extends Error {
  override readonly name = 'NeverLookedError'

  constructor(network: string) {
    super(
      `the watch of ${network} has never looked, or not for a week; is watch-liveness among its jobs?`,
    )
  }
}
