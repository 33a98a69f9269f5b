import type { EngineAction } from '../../../domain/action.ts'
import { priceToWire } from '../../../domain/price-message.ts'
import type { Call } from '../../../domain/transaction.ts'
import type { Clock, Engine } from '../../../ports.ts'
import type { Rpc } from '../../rpc.ts'
import { feltHex } from '../../starknet-felt.ts'
import { checkCore } from './check.ts'
import type { Core, Listing } from './core.ts'
import { StrangeContractError, UnfitUpdateError } from './errors.ts'
import { type Generation, generationAt } from './generation.ts'
import { isSignatureOf, priceHash, signatureWords, strangersHash } from './price-signature.ts'
import { priceTick, whyNotStorable } from './price-tick.ts'
import { readState } from './read-state.ts'
import { oracleRegistry } from './registry.ts'
import { operatorNonce } from './views.ts'

export type StarknetPerpetualOptions = {
  readonly name: string
  readonly chain: string
  /** The account that sends; an operator of the exchange. */
  readonly account: `0x${string}`
  /** The core contract. */
  readonly address: `0x${string}`
  readonly listings: readonly Listing[]
  readonly generation: Generation | 'detect'
  /** Least reports for a push where more are wanted than the contract asks for. */
  readonly quorum?: number
  /** The chain's. */
  readonly rpc: Rpc
  readonly clock: Clock
}

/** An exchange that runs StarkWare's starknet-perpetual: prices are the median of Stork-style signatures. */
export function starknetPerpetual(options: StarknetPerpetualOptions): Engine {
  const { name, account, address, rpc, clock, quorum = 1 } = options
  const core: Core = { engine: name, address, rpc, listings: options.listings }
  const listings = new Map<string, Listing>(core.listings.map((one) => [one.market, one]))
  const registry = oracleRegistry(core, clock)
  const generation = detection(core, options.generation)

  return {
    name,
    chain: options.chain,
    account,
    markets: core.listings.map(({ market }) => market),

    check: async (oracles) =>
      checkCore({
        core,
        account,
        said: options.generation,
        leastQuorum: quorum,
        oracles,
        registered: async () => registry.now(),
      }),

    async state() {
      try {
        return await readState(core, await generation.get(), quorum)
      } catch (error) {
        // An upgrade renames views; whoever asks next meets the new ones.
        if (error instanceof StrangeContractError) generation.forget()
        throw error
      }
    },

    async sign(report, keys) {
      const listing = listings.get(report.feed)
      if (!listing || !keys.stark) return undefined
      // What the exchange would store as 0 must not exist with a signature.
      if (whyNotStorable(priceToWire(report.price), listing.resolutionFactor)) return undefined
      const key = BigInt(keys.stark.publicKey)
      const names = await registry.names(BigInt(listing.assetId), key)
      if (!names) return undefined
      const { r, s } = await keys.stark.sign(priceHash(names, report))
      return { signer: feltHex(key), signature: [feltHex(r), feltHex(s)] }
    },

    async verify(report) {
      const listing = listings.get(report.feed)
      const signature = report.signatures[name]
      const read = signature && signatureWords(signature)
      if (!listing || !read) return false
      const names = await registry.names(BigInt(listing.assetId), read.key)
      const hash = names && strangersHash(names, report)
      return hash !== undefined && isSignatureOf(read.key, hash, read.words)
    },

    encode: (action, sequence) => encode(core, listings, { action, sequence }),

    async sequence() {
      const [nonce] = await rpc.values([operatorNonce(address)])
      return nonce
    },
  }
}

/** Asked once per process, and again after `forget`. */
function detection(core: Core, said: Generation | 'detect') {
  let found: Promise<Generation> | undefined
  async function detect(): Promise<Generation> {
    const [generation] = await core.rpc.values([generationAt(core.address)])
    if (generation !== undefined) return generation
    throw new StrangeContractError(core.engine, core.address, 'takes no price ticks')
  }
  return {
    async get(): Promise<Generation> {
      if (said !== 'detect') return said
      found ??= detect().catch((error: unknown) => {
        found = undefined
        throw error
      })
      return found
    },
    forget(): void {
      found = undefined
    },
  }
}

/** One call for each market, with the operator's nonces one after the other: one account transaction makes them all, or none. */
function encode(
  { engine, address }: Core,
  listings: ReadonlyMap<string, Listing>,
  { action, sequence }: { readonly action: EngineAction; readonly sequence: bigint | undefined },
): readonly Call[] {
  return action.updates.map((update, at) => {
    const listing = listings.get(update.market)
    if (!listing) throw new UnfitUpdateError(engine, update.market, 'it is not listed there')
    if (sequence === undefined)
      throw new UnfitUpdateError(engine, update.market, 'the operator nonce is not known')
    return priceTick({ engine, core: address, listing, nonce: sequence + BigInt(at), update })
  })
}
