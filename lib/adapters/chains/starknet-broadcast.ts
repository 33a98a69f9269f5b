import type { BroadcastAnswer } from '../../domain/transaction.ts'
import type { RpcRefusal } from '../rpc.ts'

type Why = Extract<BroadcastAnswer, { kind: 'refused' }>['why']

/** A broadcast's answer, where `nonce` does not say on which side it is wrong. */
type StarknetAnswer =
  | Exclude<BroadcastAnswer, { kind: 'refused' }>
  | { readonly kind: 'refused'; readonly why: Why | 'nonce'; readonly reason: string }

/**
 * What an error of the methods that add transactions means (starknet-specs, write API); undefined where it does not say that
 * the pool has not got the transaction.
 */
export function starknetAnswer(error: RpcRefusal): StarknetAnswer | undefined {
  const meaning = meaningOf(error)
  if (meaning === undefined) return undefined
  if (meaning === 'known') return { kind: 'known' }
  return { kind: 'refused', why: meaning, reason: refusalWords(error) }
}

function meaningOf(error: RpcRefusal): 'known' | 'nonce' | Why | undefined {
  const said = `${error.message} ${typeof error.data === 'string' ? error.data : ''}`
  // Of a deployment: somebody else's came first. Nodes have no code of its own for that.
  if (/already deployed|unavailable for deployment/i.test(said)) return 'nonce-too-low'
  switch (error.code) {
    case 59:
      return 'known'
    case 52:
      return /duplicate.?nonce|same nonce/i.test(said) ? 'duplicate-nonce' : 'nonce'
    case 53: // resources do not cover validation or the least fee
    case 64: // a replacement that offers too little
    case 65: // below the pool's least fee
      return 'underpriced'
    case 54:
      return 'funds'
    case 55: // older nodes say everything that way
      if (/invalid transaction nonce|nonce is invalid/i.test(said)) return 'nonce'
      // What is sent after an account's deployment, by a node that has not got that.
      if (/address 0x[0-9a-f]+ is not deployed/i.test(said)) return 'nonce-too-high'
      return /exceed\w* balance|balance is (?:not enough|smaller)/i.test(said) ? 'funds' : 'invalid'
    case 28: // a deployment's class is not declared
    case 58: // not an account
    case 61: // version of transactions
    case -32602: // JSON-RPC: invalid params
      return 'invalid'
    default:
      return undefined
  }
}

/** The refusal in the node's words. */
function refusalWords({ message, data }: RpcRefusal): string {
  return typeof data === 'string' ? `${message}: ${data}` : message
}
