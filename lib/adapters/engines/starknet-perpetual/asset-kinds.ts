import { answered } from './answered.ts'
import type { Core } from './core.ts'
import type { AssetKind } from './position-events.ts'
import { assetConfig } from './views.ts'

/** starknet-specs: ENTRYPOINT_NOT_FOUND. */
const noSuchView = 21

/** Answers which kind each of some assets is: asked once each, since none ever changes. */
export function assetKinds(core: Core) {
  const known = new Map<bigint, AssetKind>()

  return async (assets: readonly bigint[]): Promise<(asset: bigint) => AssetKind> => {
    const unknown = [...new Set(assets)].filter((asset) => !known.has(asset))
    const requests = unknown.map((asset) =>
      assetConfig({
        contract: core.address,
        generation: 'D',
        assetId: `0x${asset.toString(16)}`,
        at: 'latest',
      }),
    )
    const answers = requests.length === 0 ? [] : await core.rpc.answers(requests)
    for (const [at, request] of requests.entries()) {
      const answer = answers[at]
      const asset = unknown[at] ?? 0n
      // Before generation C there was one collateral, and nothing else was ever deposited.
      const isOld = answer?.kind === 'error' && answer.error.code === noSuchView
      const config = isOld ? undefined : await answered(core, request, answer)
      known.set(asset, config?.kind ?? 'base')
    }
    return (asset) => known.get(asset) ?? 'base'
  }
}
