import type { RpcAnswer, RpcRequest } from '../../rpc.ts'
import { contractReason } from '../../starknet-revert.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'

/**
 * What the contract said; undefined where it has no such asset. An error that says nothing of the contract is the node's trouble: the
 * question is put once more, and what then goes wrong is thrown as the chain's.
 */
export async function answered<T>(
  core: Core,
  request: RpcRequest<T>,
  answer: RpcAnswer<T> | undefined,
): Promise<T | undefined> {
  if (answer?.kind === 'result') return answer.value
  const reason = answer && contractReason(answer.error)
  if (reason !== undefined && unknownAsset.has(reason)) return undefined
  if (reason !== undefined || (answer && drift.has(answer.error.code))) {
    const said = reason ?? answer?.error.message
    throw new StrangeContractError(
      core.engine,
      core.address,
      `did not say what it was asked: ${said}`,
    )
  }
  const [value] = await core.rpc.values([request])
  return value
}

/** Generation D says the one, those before it the other. */
const unknownAsset = new Set(['ASSET_NOT_EXISTS', 'SYNTHETIC_NOT_EXISTS'])

/** starknet-specs: CONTRACT_NOT_FOUND and ENTRYPOINT_NOT_FOUND. */
const drift = new Set([20, 21])
