import type { RpcAnswer, RpcRefusal, RpcRequest } from '../rpc.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'
import { failuresIn } from './gather.ts'
import { unexpectedRefusal } from './refusal.ts'
import type { RpcSet } from './rpc-set.ts'

type Refused = { readonly kind: 'refused'; readonly why: string; readonly reason: string }
type Said = { readonly kind: 'accepted' | 'known' } | Refused

/**
 * Sends a transaction to every node in good standing, and says what became of it: one node that has it is enough; it is
 * refused only where all that were asked refuse it, for the reason that most of them give.
 */
export async function sendEverywhere<Meaning extends Said>(sent: {
  readonly chain: string
  readonly rpc: RpcSet
  readonly request: RpcRequest
  /** Undefined where the error does not say that the node has not got the transaction. */
  readonly meaningOf: (refusal: RpcRefusal) => Meaning | undefined
}): Promise<{ readonly kind: 'accepted' } | Meaning> {
  const { chain, rpc, request, meaningOf } = sent
  const ends = await rpc.everywhere([request], ([answer]) => answer?.kind === 'result')
  const answers = ends.flatMap((end) => (end.kind === 'answered' ? end.value : []))
  if (answers.some(({ kind }) => kind === 'result')) return { kind: 'accepted' }
  const refusals = answers.flatMap((answer) => refusalOf(answer))
  const said = refusals.map((refusal) => meaningOf(refusal))
  const known = said.find((meaning) => meaning?.kind === 'known')
  if (known) return known
  const unclear = refusals.find((_, at) => said[at] === undefined)
  if (unclear) throw unexpectedRefusal(chain, request.method, unclear)
  // A node whose answer is missing may have taken it; one that had no time for us has not.
  const missing = failuresIn(ends)
  const mayHaveIt = missing.filter(({ trouble }) => trouble !== 'rate-limited')
  const most = commonest(said.flatMap((meaning) => meaning ?? []))
  if (most && mayHaveIt.length === 0) return most
  throw new ChainUnavailableError(chain, request.method, [
    ...missing,
    ...(most && 'reason' in most
      ? [new EndpointError('another node', 'refused', most.reason)]
      : []),
  ])
}

function refusalOf(answer: RpcAnswer): readonly RpcRefusal[] {
  return answer.kind === 'error' ? [answer.error] : []
}

/** Of equally common reasons the one that has the least consequence: first those after which the chain is looked at again. */
const mildestFirst = ['nonce', 'nonce-too-high', 'nonce-too-low', 'duplicate-nonce', 'underpriced']

function commonest<Meaning extends Said>(said: readonly Meaning[]): Meaning | undefined {
  const why = (meaning: Meaning) => ('why' in meaning ? meaning.why : '')
  const votes = (meaning: Meaning) => said.filter((one) => why(one) === why(meaning)).length
  const mildness = (meaning: Meaning) => mildestFirst.indexOf(why(meaning)) + 1 || 9
  return said.toSorted(
    (one, other) => votes(other) - votes(one) || mildness(one) - mildness(other),
  )[0]
}
