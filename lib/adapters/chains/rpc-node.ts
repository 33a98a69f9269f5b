import type { RpcNode } from '../../domain/rpc-node.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Clock } from '../../ports.ts'
import type { Requests, RpcAnswer } from '../rpc.ts'
import { EndpointError, type Trouble } from './errors.ts'
import { hostOf } from './http.ts'
import { answered, isQuarantined, newNode, type NodeHealth, struck } from './node-health.ts'
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

    function blame(trouble: Trouble, detail: string): EndpointError {
      health = struck(health, { trouble, detail, now: clock.now(), jitter: jitter() })
      return new EndpointError(name, trouble, detail)
    }

    return {
      name,
      health: () => health,
      change(next) {
        health = next(health)
      },
      blame,
      async ask(requests, signal) {
        const began = clock.now()
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
          throw blame(error.trouble, error.detail)
        }
      },
    }
  })
}

/** Several URLs of one host differ in what must not be shown. */
function nameAmong(urls: readonly string[], at: number): string {
  const host = hostOf(urls[at] ?? '')
  const before = urls.slice(0, at).filter((url) => hostOf(url) === host).length
  return before === 0 ? host : `${host} #${before + 1}`
}

/** What people are shown of it. */
export function shownNode({ name, health }: SetNode, now: Timestamp): RpcNode {
  const { identified, head, lagBlocks, lagScore, latencyMs, quarantine, answers, faults } = health()
  const known = identified && head !== undefined
  const usable = lagBlocks > 0 ? 'behind' : 'healthy'
  const state = known ? usable : 'unknown'
  return {
    node: name,
    state: quarantine ? 'quarantined' : state,
    why: quarantine ? `${quarantine.why.trouble}: ${quarantine.why.detail}` : '',
    since: quarantine?.since,
    until: isQuarantined(health(), now) ? quarantine?.until : undefined,
    height: head?.number,
    lagBlocks,
    lagScore: Math.round(lagScore * 10) / 10,
    latencyMs: latencyMs === undefined ? undefined : Math.round(latencyMs),
    answers,
    faults,
  }
}
