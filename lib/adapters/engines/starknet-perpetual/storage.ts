import type { StarkCurve } from '../../../ports.ts'
import type { RpcRequest } from '../../rpc.ts'
import { Felt, feltHex, selectorOf, signedFelt } from '../../starknet-felt.ts'
import type { BlockId } from '../../starknet-read.ts'

// Who owns a position is in no view, nor is what generation D counts interest by, so storage is read (starknet-perpetual
// positions.cairo, types/position.cairo).
// A variable is at the keccak of its name; a map's entry at the Pedersen hash of that and its key, and a member of the entry at
// the hash of that and the keccak of the member's name.

/** What all interest ever paid comes to, with its sign. */
export function interestDivergence(contract: `0x${string}`, at: BlockId): RpcRequest<bigint> {
  const request = stored(contract, BigInt(selectorOf('interest_divergence')), at)
  return { ...request, read: (result) => signedFelt(request.read(result)) }
}

/** Until when each of these positions has had its interest, in seconds of the exchange's time; 0 before its first. */
export function lastInterestTimes(curve: Curve, asked: Asked): readonly RpcRequest<bigint>[] {
  return ofPositions(curve, asked, 'last_interest_applied_time')
}

/** By which key the orders of each of these positions must be signed, in every generation; 0 where there is no such position. */
export function ownerKeys(curve: Curve, asked: Asked): readonly RpcRequest<bigint>[] {
  return ofPositions(curve, asked, 'owner_public_key')
}

type Curve = Pick<StarkCurve, 'pedersen'>

type Asked = {
  readonly contract: `0x${string}`
  readonly positions: readonly string[]
  readonly at: BlockId
}

function ofPositions(
  curve: Curve,
  { contract, positions, at }: Asked,
  member: 'last_interest_applied_time' | 'owner_public_key',
): readonly RpcRequest<bigint>[] {
  const map = BigInt(selectorOf('positions'))
  const second = BigInt(selectorOf(member))
  const entries = curve.pedersen(positions.map((id) => ({ first: map, second: BigInt(id) })))
  const slots = curve.pedersen(entries.map((first) => ({ first, second })))
  return slots.map((slot) => stored(contract, slot % addressBound, at))
}

/** Storage addresses leave room for what is larger than a felt (starknet-specs). */
const addressBound = 2n ** 251n - 256n

function stored(contract: `0x${string}`, key: bigint, at: BlockId): RpcRequest<bigint> {
  return {
    method: 'starknet_getStorageAt',
    params: { contract_address: contract, key: feltHex(key), block_id: at },
    read: (result) => Felt.parse(result),
  }
}
