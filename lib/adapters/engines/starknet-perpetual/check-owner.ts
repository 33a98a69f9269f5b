import type { StarkCurve, StarkKey } from '../../../ports.ts'
import { view } from '../../starknet-read.ts'
import { contractReason } from '../../starknet-revert.ts'
import type { Core } from './core.ts'
import { ownerKeys } from './storage.ts'

/** Our own position, and the key that signs its orders. */
export type Ownership = {
  readonly position: string
  readonly key: () => Promise<StarkKey>
  readonly curve: Pick<StarkCurve, 'pedersen'>
}

/** Why the exchange would refuse every order of our position: it is not there, or another key than ours is its owner's. */
export async function ownerSentences(
  { engine, address: contract, rpc }: Core,
  { position, key, curve }: Ownership,
): Promise<readonly string[]> {
  const calldata = [BigInt(position)]
  const shown = view({ contract, entrypoint: 'get_position_assets', calldata, at: 'latest' })
  const [stored] = ownerKeys(curve, { contract, positions: [position], at: 'latest' })
  const [[said], [owner = 0n]] = await Promise.all([
    rpc.answers([shown]),
    rpc.values(stored ? [stored] : []),
  ])
  const place = `${engine}.liquidation.liquidator`
  if (said.kind === 'error' && contractReason(said.error) === 'POSITION_DOESNT_EXIST')
    return [`${place}.position: there is no position ${position}`]
  // A contract that keeps its positions elsewhere has nothing there: then the first order tells.
  if (owner === 0n) return []
  const { publicKey } = await key()
  return BigInt(publicKey) === owner
    ? []
    : [
        `${place}.key: position ${position} is of the key 0x${owner.toString(16)}, but its orders would be signed by ${publicKey}; name its owner's key`,
      ]
}
