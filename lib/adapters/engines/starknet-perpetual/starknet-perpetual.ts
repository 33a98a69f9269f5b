import type { EngineAction } from '../../../domain/action.ts'
import type { Call } from '../../../domain/transaction.ts'
import type { Clock, Engine, OrderSource, StarkCurve, StarkKey } from '../../../ports.ts'
import type { Rpc } from '../../rpc.ts'
import { checkCore } from './check.ts'
import type { Core, Listing } from './core.ts'
import { StrangeContractError, UnfitUpdateError } from './errors.ts'
import { fundingLook } from './funding-look.ts'
import { fundingTick } from './funding-tick.ts'
import { type Generation, generationAt } from './generation.ts'
import { exchangeTimeCalls, interestCalls } from './interest-calls.ts'
import { coreInterest } from './interest-look.ts'
import { deleverageCalls, liquidationCalls } from './liquidation-calls.ts'
import { coreLiquidationEvents } from './liquidation-events.ts'
import { coreLiquidationLook } from './liquidation-look.ts'
import { ownOrders } from './own-orders.ts'
import { corePositions } from './positions.ts'
import { priceTick, whyNotStorable } from './price-tick.ts'
import { readState } from './read-state.ts'
import { oracleRegistry } from './registry.ts'
import { signReports, starkKeys, verifyReports } from './sign-reports.ts'

export type StarknetPerpetualOptions = {
  readonly name: string
  readonly chain: string
  /** The account that sends; an operator of the exchange. */
  readonly account: `0x${string}`
  /** The core contract. */
  readonly address: `0x${string}`
  /** Of the chain. */
  readonly chainId: `0x${string}`
  readonly listings: readonly Listing[]
  readonly generation: Generation | 'detect'
  /** Least reports for a push where more are wanted than the contract asks for. */
  readonly quorum?: number
  /** The block from which on its accounts are followed. */
  readonly positionsFrom?: number | undefined
  /** The account that sends liquidations, where that is another one. */
  readonly liquidationAccount?: `0x${string}`
  /** Whether its interest and its time are kept here, which takes generation D. */
  readonly keepsInterest?: boolean
  /** Our own position, which takes over what is liquidated, and its owner's key where this process signs. */
  readonly position?: string | undefined
  readonly ownKey?: (() => Promise<StarkKey>) | undefined
  /** Others who take over. */
  readonly orders?: readonly OrderSource[]
  /** The chain's. */
  readonly rpc: Rpc
  readonly clock: Clock
  readonly curve: StarkCurve
}

/** An exchange that runs StarkWare's starknet-perpetual: prices are the median of Stork-style signatures. */
export function starknetPerpetual(options: StarknetPerpetualOptions): Engine {
  const { name, account, address, rpc, clock, curve, quorum = 1 } = options
  const core: Core = { engine: name, address, rpc, listings: options.listings }
  const listings = new Map<string, Listing>(core.listings.map((one) => [one.market, one]))
  const registry = oracleRegistry(core, clock)
  const contract = { chainId: options.chainId, address }
  const { position, ownKey: key, chainId } = options
  const own =
    position !== undefined && key && ownOrders({ engine: name, position, key, chainId, clock })
  const signing = { engine: name, contract, listings, registry, curve, whyNotStorable }
  // A class has megabytes, so it is asked for only where the newest generation's views are not there.
  let generation = options.generation === 'detect' ? newest : options.generation

  /** Asks again where the contract turns out to be of another generation: it may have been upgraded. */
  async function detecting<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StrangeContractError) || options.generation !== 'detect') throw error
      const found = await detect(core)
      if (found === generation) throw error
      generation = found
      return ask()
    }
  }

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
        keepsInterest: options.keepsInterest === true,
        ownership: position !== undefined && key ? { position, key, curve } : undefined,
      }),

    state: async () => detecting(async () => readState(core, generation, quorum)),

    positions: corePositions(core, options.positionsFrom ?? 0),

    funding: {
      look: async () => detecting(async () => fundingLook(core, { generation, account })),
    },

    interest: coreInterest(core, { account, curve }),

    liquidation: {
      orders: [...(own ? [own] : []), ...(options.orders ?? [])],
      events: async (after, to) => coreLiquidationEvents(core, { after, to }),
      look: async (held = []) =>
        detecting(async () =>
          coreLiquidationLook(core, {
            generation,
            account: options.liquidationAccount ?? account,
            position,
            held,
          }),
        ),
    },

    signAll: async (reports, keys) => signReports(signing, reports, starkKeys(keys)),

    verifyAll: async (reports) => verifyReports(signing, reports),

    encode: (action, sequence) => encode(core, listings, { action, sequence }),
  }
}

const newest: Generation = 'D'

async function detect(core: Core): Promise<Generation> {
  const [generation] = await core.rpc.values([generationAt(core.address)])
  if (generation !== undefined) return generation
  throw new StrangeContractError(core.engine, core.address, 'takes no price ticks')
}

/** One call for each price, or one for all funding, with the operator's nonces one after the other: one account transaction makes them all, or none. */
function encode(
  { engine, address }: Core,
  listings: ReadonlyMap<string, Listing>,
  { action, sequence }: { readonly action: EngineAction; readonly sequence: bigint | undefined },
): readonly Call[] {
  if (sequence === undefined)
    throw new UnfitUpdateError(engine, action.kind, 'the operator nonce is not known')
  const listed = (market: string): Listing => {
    const listing = listings.get(market)
    if (!listing) throw new UnfitUpdateError(engine, market, 'it is not listed there')
    return listing
  }
  switch (action.kind) {
    case 'push-prices':
      return action.updates.map((update, at) =>
        priceTick({
          engine,
          core: address,
          listing: listed(update.market),
          nonce: sequence + BigInt(at),
          update,
        }),
      )
    case 'settle-funding':
      return [fundingTick({ core: address, nonce: sequence, action, listed })]
    case 'update-exchange-time':
      return exchangeTimeCalls({ core: address, nonce: sequence }, action)
    case 'apply-interests':
      return interestCalls({ core: address, nonce: sequence }, action)
    case 'liquidate':
      return liquidationCalls({ engine, core: address, nonce: sequence }, action)
    case 'deleverage':
      return deleverageCalls({ engine, core: address, nonce: sequence }, action)
    case 'settle-batch':
      throw new UnfitUpdateError(engine, action.kind, 'it settles no batches')
    case 'tell-uptime':
      throw new UnfitUpdateError(engine, action.kind, 'it is no uptime feed')
  }
}
