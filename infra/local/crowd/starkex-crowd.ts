import type { Position, PositionAsset } from '../starkex-gateway/position.ts'
import { type CrowdAsset, starknetCrowd } from './starknet-crowd.ts'

/**
 * People who hold something on the local StarkEx exchange from its first batch on: the same as on the local core, so that
 * there is somebody to liquidate. Nobody trades there, for an operator's ids are for one sender, which is ours.
 */
export function starkexCrowd(options: {
  readonly assets: readonly CrowdAsset[]
  /** Of whoever takes over what is liquidated; the others sign nothing. */
  readonly publicKey: string
  readonly seed: string
}): ReadonlyMap<bigint, Position> {
  const { people, deals } = starknetCrowd(options)
  const positions = new Map<bigint, Position>(
    (people ?? []).map(({ id, ownerPublicKey, money }) => [
      BigInt(id),
      {
        publicKey: BigInt(ownerPublicKey),
        collateral: BigInt(money),
        assets: new Map(),
      },
    ]),
  )
  for (const { a, b, assetId, base, quote } of deals ?? []) {
    const asset = BigInt(assetId)
    change(positions, BigInt(a), { asset, base: BigInt(base), quote: BigInt(quote) })
    change(positions, BigInt(b), { asset, base: -BigInt(base), quote: -BigInt(quote) })
  }
  return positions
}

function change(
  positions: Map<bigint, Position>,
  id: bigint,
  { asset, base, quote }: { readonly asset: bigint; readonly base: bigint; readonly quote: bigint },
): void {
  const position = positions.get(id)
  if (!position) return
  const assets = new Map<bigint, PositionAsset>(position.assets)
  const balance = (assets.get(asset)?.balance ?? 0n) + base
  if (balance === 0n) assets.delete(asset)
  else assets.set(asset, { balance, cachedIndex: 0n })
  const sorted = [...assets].toSorted(([one], [other]) => (one < other ? -1 : 1))
  positions.set(id, {
    ...position,
    collateral: position.collateral + quote,
    assets: new Map(sorted),
  })
}
