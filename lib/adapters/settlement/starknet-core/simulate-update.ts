import * as z from 'zod/mini'

import type { RpcRequest } from '../../rpc.ts'
import { blobVersionedHashes } from './blob-hashes.ts'
import { parseProgramOutput } from './program-output.ts'
import { type PublishedData, stateUpdateCall } from './state-update-call.ts'
import { updateGasCap } from './update-gas.ts'

type Hex = `0x${string}`

/**
 * Asks what the core would say to an update, from the operator's address and with as much gas as it will be offered. With blobs
 * their hashes are named: without them every node answers a false INVALID_BLOB_INDEX.
 */
export function simulatedUpdate({
  core,
  operator,
  programOutput,
  data,
  tag = 'latest',
}: {
  readonly core: Hex
  readonly operator: Hex
  readonly programOutput: readonly bigint[]
  readonly data: PublishedData
  readonly tag?: 'latest' | 'pending'
}): RpcRequest<Hex> {
  const output = parseProgramOutput(programOutput)
  const hashes = blobVersionedHashes(output.data)
  const call = {
    from: operator,
    to: core,
    data: stateUpdateCall(programOutput, data),
    gas: `0x${updateGasCap(output).toString(16)}`,
    ...(hashes.length > 0 ? { blobVersionedHashes: hashes } : {}),
  }
  return { method: 'eth_call', params: [call, tag], read: (result) => Data.parse(result) }
}

const Data = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
