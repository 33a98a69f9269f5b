import * as z from 'zod'

import type { Timestamp } from '../../domain/time.ts'
import { isOfNow, type Uptime } from '../../domain/watch/uptime.ts'
import { blockSecondsOf } from '../network/block-seconds.ts'
import { entry } from '../network/entry.ts'
import { placeOf } from '../network/place-of.ts'
import type { Network } from '../network/schema.ts'
import type { Look } from './look.ts'

const time = z.int().min(0)

/** What watch-liveness records of a look, as far as people are shown it. */
export const watchSchema = z.object({
  chains: z.record(
    z.string(),
    z.object({
      head: z.object({ number: z.int(), hash: z.string(), time }).optional(),
      error: z.string().optional(),
      nodes: z
        .array(
          z.object({
            node: z.string(),
            state: z.enum(['healthy', 'behind', 'quarantined', 'unknown']),
            why: z.string(),
            height: z.int().optional(),
            lagBlocks: z.int(),
            latencyMs: z.int().optional(),
            answers: z.int(),
            faults: z.int(),
          }),
        )
        // Views of before this was recorded.
        .default([]),
    }),
  ),
  engines: z.record(
    z.string(),
    z.object({
      error: z.string().optional(),
      paused: z.boolean().optional(),
      prices: z
        .record(
          z.string(),
          z.object({
            price: z.string().regex(/^\d+(\.\d+)?$/, 'expected a decimal number'),
            publishedAt: time,
          }),
        )
        .optional(),
    }),
  ),
})

/** What the watch saw last of chains and engines. */
export type Watch = z.output<typeof watchSchema> & { readonly at: Timestamp }

/** Undefined while it has not looked yet. */
export async function readWatch({ store, problems }: Look): Promise<Watch | undefined> {
  return await problems.attempt(
    'last look of watch-liveness',
    async () => {
      const [newest] = await store.history.recent('watch-liveness', 'network', 1)
      return newest && { ...watchSchema.parse(JSON.parse(newest.view)), at: newest.at }
    },
    undefined,
  )
}

export type ChainView = {
  readonly chain: string
  readonly kind: string
  readonly blockSeconds: number
  /** The newest block that the watch saw. */
  readonly head:
    | {
        readonly number: number
        readonly hash: string
        readonly at: number
        readonly ageMs: number
      }
    | undefined
  /** How old the head may be before the chain counts as stalled. */
  readonly stalledAfterMs: number
  readonly error: string | undefined
  /** Its RPC nodes as the watch knows them. */
  readonly nodes: Watch['chains'][string]['nodes']
  /** When the watch looked. */
  readonly seenAt: number | undefined
  /** What the watch says of it; undefined where it has said nothing yet, or not lately. */
  readonly uptime: Pick<Uptime, 'state' | 'since' | 'reason'> | undefined
}

export function chainsView(look: {
  readonly network: Network
  readonly watch: Watch | undefined
  readonly uptimes: readonly Uptime[]
  readonly now: Timestamp
}): readonly ChainView[] {
  const { network, watch, uptimes, now } = look
  return Object.entries(network.chains).map(([chain, described]) => {
    const { kind } = described
    const blockSeconds = blockSecondsOf(described)
    const { head, error, nodes = [] } = (watch && entry(watch.chains, chain)) ?? {}
    const word = uptimes.find((one) => one.chain === chain)
    return {
      chain,
      kind,
      blockSeconds,
      head: head && {
        number: head.number,
        hash: head.hash,
        at: head.time,
        ageMs: Math.max(0, now - head.time),
      },
      stalledAfterMs: blockSeconds * 1000 * network.alerts.chainStallFactor,
      error,
      nodes,
      seenAt: watch?.at,
      uptime: word && isOfNow(word, now) ? said(word) : undefined,
    }
  })
}

function said({ state, since, reason }: Uptime): ChainView['uptime'] {
  return { state, since, reason }
}

export type EngineView = {
  readonly engine: string
  readonly kind: string
  readonly chain: string
  readonly address: string
  readonly paused: boolean | undefined
  readonly error: string | undefined
  readonly seenAt: number | undefined
}

export function enginesView(look: {
  readonly network: Network
  readonly watch: Watch | undefined
}): readonly EngineView[] {
  const { network, watch } = look
  return Object.entries(network.engines).map(([engine, described]) => {
    const { kind, chain } = described
    const address = placeOf(network, described)
    const { paused, error } = (watch && entry(watch.engines, engine)) ?? {}
    return { engine, kind, chain, address, paused, error, seenAt: watch?.at }
  })
}
