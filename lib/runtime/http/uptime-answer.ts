import type { Context } from 'hono'

import type { Clock, Store } from '../../ports.ts'

/** What the watch says of each chain, in the form of the well-known sequencer feeds and in words. */
export type UptimeAnswer = {
  readonly network: string
  readonly at: number
  /** When the watch looked last; null where it never did, or not for a week. */
  readonly lookedAt: number | null
  readonly chains: Readonly<Record<string, ChainAnswer>>
}

type ChainAnswer = {
  readonly state: 'up' | 'degraded' | 'down' | 'recovering'
  /** 1 where it is down, as sequencer uptime feeds have it. */
  readonly answer: 0 | 1
  /** When `answer` last became another one. Unix seconds: a grace period runs from here, never from `updatedAt`. */
  readonly startedAt: number
  /** Of the newest look. Unix seconds. */
  readonly updatedAt: number
  /** Since when it has been in that state, in milliseconds. */
  readonly since: number
  readonly reason: string
}

export type UptimeData = {
  readonly network: string
  readonly chains: readonly string[]
  readonly store: Pick<Store, 'uptimes'>
  readonly clock: Clock
}

/** Reads a row for each chain. */
export async function uptimeAnswer(data: UptimeData): Promise<UptimeAnswer> {
  const read = await Promise.all(data.chains.map(async (chain) => data.store.uptimes.read(chain)))
  const known = read.flatMap((one) => one ?? [])
  const looks = known.map(({ at }) => at)
  return {
    network: data.network,
    at: data.clock.now(),
    lookedAt: looks.length === 0 ? null : Math.max(...looks),
    chains: Object.fromEntries(
      known.map(({ chain, state, since, flippedAt, at, reason }) => [
        chain,
        {
          state,
          answer: state === 'down' ? 1 : 0,
          startedAt: Math.floor(flippedAt / 1000),
          updatedAt: Math.floor(at / 1000),
          since,
          reason,
        },
      ]),
    ),
  }
}

/** `GET /uptime`. */
export async function uptimeRoute(context: Context, data: UptimeData): Promise<Response> {
  return context.json(await uptimeAnswer(data), 200, { 'cache-control': 'no-store' })
}
