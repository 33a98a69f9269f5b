import type { AnswersOf, Requests, RpcPlace, ValuesOf } from '../rpc.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'
import { hostOf } from './http.ts'
import { valuesOf } from './refusal.ts'
import { askEndpoint } from './rpc-endpoint.ts'

/** Whoever watches has a dozen places to ask, and none of them may keep the others waiting. */
const usualTimeoutMs = 5_000

/** Hosted nodes limit a batch to 50 or more. */
const batchSize = 50

/** One node of a chain for whoever wants to know what that very node says. */
export function onePlace({
  chain,
  url,
  place = hostOf(url),
  timeoutMs = usualTimeoutMs,
  cutOff,
}: {
  readonly chain: string
  readonly url: string
  /** Where two nodes of one host are asked. */
  readonly place?: string
  readonly timeoutMs?: number
  readonly cutOff?: AbortSignal | undefined
}): RpcPlace {
  async function ask(requests: Requests) {
    try {
      return await askEndpoint({ url, requests, batchSize, timeoutMs, signal: cutOff })
    } catch (error) {
      throw unavailable(requests, error)
    }
  }

  function unavailable(requests: Requests, error: unknown): unknown {
    if (!(error instanceof EndpointError)) return error
    return new ChainUnavailableError(chain, requests[0]?.method ?? '', [error])
  }

  return {
    place,
    rpc: {
      async answers(requests) {
        return (await ask(requests)) as AnswersOf<typeof requests>
      },
      async values(requests) {
        const answers = await ask(requests)
        try {
          return valuesOf(answers, place) as ValuesOf<typeof requests>
        } catch (error) {
          throw unavailable(requests, error)
        }
      },
    },
  }
}
