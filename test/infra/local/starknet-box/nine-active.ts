import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { outcome, priceTickCalldata, run } from './a-core.ts'
import { ownerPublicKey } from './flow-calldata.ts'
import { recordedCore } from './recorded-core.ts'
import type { Generation } from './vectors.ts'

export const start = 1_808_000_000n
export const price = 100n * 10n ** 18n

/** What the operator's nonce was when the vectors were recorded. */
export const nonces: Readonly<Record<Generation, bigint>> = { C: 89n, D: 90n }

/** Nine assets ACTIVE and the tenth PENDING, as when the vectors were recorded. */
export function nineActive(generation: Generation = 'C'): CoreState {
  const core = recordedCore(start, 'ours', generation)
  const ids = Object.values(core.assets).slice(0, 9)
  const active = ids.reduce((before, { id }, at) => {
    const calldata = priceTickCalldata({ nonce: BigInt(at), assetId: id, price, timestamp: start })
    const answer = run(before, { name: 'price_tick', calldata, now: start })
    if (answer.kind !== 'ok') throw new Error(outcome(answer))
    return answer.core
  }, core)
  return { ...active, operatorNonce: nonces[generation] }
}

/** Two healthy positions of one owner: 101 long and 5 short the same. */
export function withTraders(core: CoreState): CoreState {
  const assetId = Object.values(core.assets).at(0)?.id ?? 0n
  const planted = [
    { id: 101n, ownerPublicKey, collateral: 10n ** 9n, holdings: [{ assetId, balance: 100n }] },
    { id: 5n, ownerPublicKey, collateral: 10n ** 9n, holdings: [{ assetId, balance: -100n }] },
  ]
  return withPlanted(core, planted).core
}

type Step = { readonly name: string; readonly calldata: readonly bigint[] }

/** `price_tick N+1 (median wrong)` and its like, in the vectors' words. */
export function stepOf(words: string, core: CoreState, nonce: bigint): Step {
  const assets = Object.values(core.assets)
  const offset = BigInt(/\bN([+-]\d+)/.exec(words)?.[1] ?? 0)
  const assetId = assets.at(words.includes('PENDING') ? 9 : 0)?.id ?? 0n
  const wrong = words.includes('median wrong') ? { signedPrice: price + 1n } : {}
  if (words.startsWith('price_tick'))
    return {
      name: 'price_tick',
      calldata: priceTickCalldata({
        nonce: nonce + offset,
        assetId,
        price,
        timestamp: start,
        ...wrong,
      }),
    }
  if (words.startsWith('funding_tick')) {
    const listed = assets.slice(0, words.endsWith(' with it') ? 10 : 9).map(({ id }) => id)
    const ticks = listed.toSorted((a, b) => (a < b ? -1 : 1)).flatMap((id) => [id, 0n])
    const calldata = [nonce + offset, BigInt(listed.length), ...ticks, start]
    return { name: 'funding_tick', calldata }
  }
  return { name: words, calldata: words === 'get_timely_data' ? [assetId] : [] }
}

/** A text without the amounts and positions of another chain. */
export function maskedNumbers(text: string): string {
  return text.startsWith('POSITION_IS_NOT') ? text.replaceAll(/-?\d+/g, 'N') : text
}
