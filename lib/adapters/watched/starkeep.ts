import * as z from 'zod/mini'

import { timestamp } from '../../domain/time.ts'
import type { HeadSight, LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import { type Glance, shared, watchedAtOnce } from './look.ts'
import type { OpenRest } from './rest-place.ts'

const Answer = z.object({
  network: z.string(),
  lookedAt: z.nullable(z.int()),
  chains: z.record(z.string(), z.object({ state: z.string() })),
})
type Answer = z.infer<typeof Answer>

type StarkeepWatchOptions = {
  readonly name: string
  readonly rest: OpenRest
  readonly clock: Clock
}

/**
 * Another deployment of Starkeep, by what it serves at `/uptime`: each look of its watch stands for a block, so that a watch
 * which is dead is told like a chain that stalls. Which of its chains it calls down are settings.
 */
export function starkeepWatch(options: StarkeepWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  { rest: open }: StarkeepWatchOptions,
  _: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const rest = open(signal)
  const answer = shared(rest.get('/uptime', Answer))
  return [
    { parts: ['heads'], see: async () => ({ heads: [await headOf(rest.place, answer)] }) },
    { parts: ['settings'], see: async () => ({ settings: downIn(await answer) }) },
  ]
}

/** One that does not answer, or never looked, is no deployment that stands still: nothing is known of it. */
async function headOf(place: string, asked: Promise<Answer>): Promise<HeadSight> {
  const chain = 'watch'
  try {
    const { network, lookedAt } = await asked
    if (lookedAt === null) throw new NeverLookedError(network)
    const number = Math.floor(lookedAt / 1000)
    const hash = `0x${number.toString(16)}`
    return { chain, place, answer: { kind: 'head', number, hash, time: timestamp(lookedAt) } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no reason'
    return { chain, place, answer: { kind: 'trouble', reason } }
  }
}

function downIn({ chains }: Answer): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(chains).map(([chain, { state }]) => [
      `chain:${chain}`,
      state === 'down' ? 'down' : 'not down',
    ]),
  )
}

/** A deployment that answers, and whose watch has not looked for a week, or never. */
export class NeverLookedError extends Error {
  override readonly name = 'NeverLookedError'

  constructor(network: string) {
    super(
      `the watch of ${network} has never looked, or not for a week; is watch-liveness among its jobs?`,
    )
  }
}
