import type { RpcNode } from '../../domain/rpc-node.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Clock } from '../../ports.ts'
import { retryAfterMs } from '../retry-after.ts'
import type { Requests, RpcAnswer } from '../rpc.ts'
import { EndpointError, RateLimitedError, type Trouble } from './errors.ts'
import { hostOf } from './http.ts'
import {
  answered,
  isQuarantined,
  isResting,
  newNode,
  type NodeHealth,
  struck,
} from './node-health.ts'
import { askEndpoint } from './rpc-endpoint.ts'

/** One URL of a chain, and how it has done. */
export type SetNode = {
  readonly name: string
  readonly health: () => NodeHealth
  readonly change: (next: (health: NodeHealth) => NodeHealth) => void
  /** Throws `EndpointError`; a fault of the node is held against it. */
  readonly ask: (requests: Requests, signal?: AbortSignal) => Promise<readonly RpcAnswer[]>
  /** Holds a fault against it that shows in what it said. */
  readonly blame: (trouble: Trouble, detail: string) => EndpointError
}

/** Nodes answer within tens of milliseconds; past this the next one is the better bet. */
const usualTimeoutMs = 5_000

/** Hosted nodes limit a batch to 50 or more. */
const batchSize = 50

export function openNodes({
  urls,
  clock,
  timeoutMs = usualTimeoutMs,
  cutOff,
  jitter,
}: {
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly timeoutMs?: number | undefined
  readonly cutOff?: AbortSignal | undefined
  readonly jitter: () => number
}): readonly SetNode[] {
  return urls.map((url, at) => {
    const name = nameAmong(urls, at)
    let health = newNode

    function blame(trouble: Trouble, detail: string, restMs?: number): EndpointError {
      health = struck(health, { trouble, detail, now: clock.now(), jitter: jitter(), restMs })
      return new EndpointError(name, trouble, detail)
    }

    return {
      name,
      health: () => health,
      change(next) {
        health = next(health)
      },
      blame: (trouble, detail) => blame(trouble, detail),
      async ask(requests, signal) {
        const began = clock.now()
        if (isResting(health, began)) throw stillResting(name, health)
        try {
          const signals = [signal, cutOff].flatMap((one) => one ?? [])
          const answers = await askEndpoint({
            url,
            requests,
            timeoutMs,
            batchSize,
            signal: AbortSignal.any(signals),
          })
          const now = clock.now()
          health = answered(health, { tookMs: Math.max(0, now - began), now })
          return answers
        } catch (error) {
          if (!(error instanceof EndpointError)) throw error
          // A request that a node does not take is no sign of its health.
          if (error.trouble === 'refused') throw error
          throw blame(error.trouble, error.detail, restAsked(error, clock.now()))
        }
      },
    }
  })
}

/** That it was not asked. */
export function stillResting(name: string, { restUntil }: NodeHealth): EndpointError {
  const until = new Date(restUntil).toISOString()
  return new EndpointError(name, 'rate-limited', `it has asked to be left alone until ${until}`)
}

/** How long it wants to be left alone, where it has said so. */
export function restAsked(error: EndpointError, now: Timestamp): number | undefined {
  return error instanceof RateLimitedError ? retryAfterMs(error.retryAfter, now) : undefined
}

/** Several URLs of one host differ in what must not be shown. */
function nameAmong(urls: readonly string[], at: number): string {
  const host = hostOf(urls[at] ?? '')
  const before = urls.slice(0, at).filter((url) => hostOf(url) === host).length
  return before === 0 ? host : `${host} #${before + 1}`
}

/** What people are shown of it. */
export function shownNode(
  { name, health }: Pick<SetNode, 'name' | 'health'>,
  now: Timestamp,
): RpcNode {
  const { identified, head, lagBlocks, lagScore, latencyMs, quarantine, answers, faults } = health()
  const known = identified && head !== undefined
  const usable = lagBlocks > 0 ? 'behind' : 'healthy'
  const state = known ? usable : 'unknown'
  const isAlone = quarantine !== undefined || isResting(health(), now)
  const until = Math.max(quarantine?.until ?? 0, health().restUntil)
  return {
    node: name,
    state: isAlone ? 'quarantined' : state,
    why: isAlone ? whyAlone(health()) : '',
    since: quarantine?.since,
    until: isQuarantined(health(), now) ? timestamp(until) : undefined,
    height: head?.number,
    lagBlocks,
    lagScore: Math.round(lagScore * 10) / 10,
    latencyMs: latencyMs === undefined ? undefined : Math.round(latencyMs),
    answers,
    faults,
  }
}

function whyAlone({ quarantine }: NodeHealth): string {
  if (!quarantine) return 'rate-limited: it has asked to be left alone'
  return `${quarantine.why.trouble}: ${quarantine.why.detail}`
}
