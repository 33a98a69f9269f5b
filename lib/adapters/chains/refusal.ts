import type { RpcAnswer, RpcRefusal } from '../rpc.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'

/** The values, where an error of the node can only be trouble of the node. */
export function valuesOf(answers: readonly RpcAnswer[], host: string): readonly unknown[] {
  return answers.map((answer) => valueOf(answer, host))
}

export function valueOf<T>(answer: RpcAnswer<T>, host: string): T {
  if (answer.kind === 'result') return answer.value
  throw new EndpointError(host, 'refused', refusalText(answer.error))
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

/** An error of the node in one line. */
function refusalText({ code, message, data }: RpcRefusal): string {
  const more = typeof data === 'string' ? `, ${data}` : ''
  return `error ${code}: ${message}${more}`.replaceAll(/\s+/g, ' ').slice(0, 300)
}
