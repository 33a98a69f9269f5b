import type { Clock } from '../../ports.ts'
import type { AnswersOf, Requests, Rpc, RpcAnswer, RpcRefusal, ValuesOf } from '../rpc.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'
import { hostOf } from './http.ts'
import { askEndpoint } from './rpc-endpoint.ts'

/** Nodes answer within tens of milliseconds; past this the next endpoint is the better bet. */
const usualTimeoutMs = 5_000

/** Hosted nodes limit a batch to 50 or more. */
const usualBatchSize = 50

/** How long an endpoint that failed goes to the end of the line: its time-out is paid once, not at each request. */
const restMs = 30_000

/** Asks the endpoints in order, each only where those before it failed. */
export function jsonRpc({
  chain,
  urls,
  clock,
  timeoutMs = usualTimeoutMs,
  batchSize = usualBatchSize,
}: {
  readonly chain: string
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly timeoutMs?: number
  /** 1: one HTTP request for each, for nodes without batches. */
  readonly batchSize?: number
}): Rpc {
  const restsUntil = new Map<string, number>()

  function line(): readonly string[] {
    const now = clock.now()
    const rests = (url: string) => (restsUntil.get(url) ?? 0) > now
    return [...urls.filter((url) => !rests(url)), ...urls.filter(rests)]
  }

  async function firstUsable<T>(requests: Requests, judge: Judge<T>): Promise<T> {
    const failures: EndpointError[] = []
    for (const url of line()) {
      try {
        // One after the other on purpose: the next endpoint is asked only where this one failed.
        const answers = await askEndpoint({ url, requests, timeoutMs, batchSize })
        restsUntil.delete(url)
        return judge(answers, hostOf(url))
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error
        if (error.trouble !== 'refused') restsUntil.set(url, clock.now() + restMs)
        failures.push(error)
      }
    }
    throw new ChainUnavailableError(chain, methodsOf(requests), failures)
  }

  return {
    answers: async <const R extends Requests>(requests: R) =>
      firstUsable(requests, (answers) => answers as AnswersOf<R>),
    values: async <const R extends Requests>(requests: R) =>
      firstUsable(requests, (answers, host) => valuesOf(answers, host) as ValuesOf<R>),
  }
}

type Judge<T> = (answers: readonly RpcAnswer[], host: string) => T

function valuesOf(answers: readonly RpcAnswer[], host: string): readonly unknown[] {
  return answers.map((answer) => {
    if (answer.kind === 'result') return answer.value
    throw new EndpointError(host, 'refused', refusalText(answer.error))
  })
}

/** An error of the node in one line. */
function refusalText({ code, message, data }: RpcRefusal): string {
  const more = typeof data === 'string' ? `, ${data}` : ''
  return `error ${code}: ${message}${more}`.replaceAll(/\s+/g, ' ').slice(0, 300)
}

function methodsOf(requests: Requests): string {
  return [...new Set(requests.map((request) => request.method))].join(', ')
}

/** An error that says nothing about what was asked: trouble of the node. */
export function unexpectedRefusal(
  chain: string,
  method: string,
  refusal: RpcRefusal,
): ChainUnavailableError {
  return new ChainUnavailableError(chain, method, [
    new EndpointError('the node', 'refused', refusalText(refusal)),
  ])
}
