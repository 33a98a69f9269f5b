import { parseMarket } from '../../domain/market.ts'
import type { Clock, Engine } from '../../ports.ts'
import { accountFor } from '../network/accounts.ts'
import type { Network, NetworkEngine } from '../network/schema.ts'
import type { LinkedChain } from './chains.ts'

/** The exchanges of a network file, each on its chain. The file was checked: every name leads somewhere. */
export async function composeEngines(parts: {
  readonly network: Network
  readonly chains: Readonly<Record<string, LinkedChain>>
  readonly clock: Clock
}): Promise<Readonly<Record<string, Engine>>> {
  const entries = Object.entries(parts.network.engines).flatMap(([name, engine]) => {
    const chain = parts.chains[engine.chain]
    return chain ? [{ name, engine, chain }] : []
  })
  return Object.fromEntries(
    await Promise.all(
      entries.map(async ({ name, engine, chain }) => {
        return [name, await composeEngine(name, engine, { ...parts, chain })] as const
      }),
    ),
  )
}

/** Who only watches has no account; views are asked in nobody's name. */
const nobody = '0x0'

async function composeEngine(
  name: string,
  engine: NetworkEngine,
  {
    network,
    chain,
    clock,
  }: { readonly network: Network; readonly chain: LinkedChain; readonly clock: Clock },
): Promise<Engine> {
  const { quorum } = engine
  const of = network.chains[engine.chain]
  const account = (of && accountFor(of, 'prices')?.account.address) ?? nobody
  const listed = Object.entries(network.markets).flatMap(([symbol, { engines }]) => {
    const listing = Object.hasOwn(engines, name) ? engines[name] : undefined
    return listing ? [{ market: parseMarket(symbol), ...listing }] : []
  })
  const shared = {
    name,
    chain: engine.chain,
    account,
    rpc: chain.rpc,
    ...(quorum === undefined ? {} : { quorum }),
  }
  switch (engine.kind) {
    case 'evm-engine': {
      const { evmEngine } = await import('../../adapters/engines/evm-engine/evm-engine.ts')
      return evmEngine({
        ...shared,
        address: engine.address,
        chainId: Number(of?.chainId),
        markets: listed.map(({ market }) => market),
      })
    }
    case 'starknet-perpetual': {
      const [{ starknetPerpetual }, { starkCurve }] = await Promise.all([
        import('../../adapters/engines/starknet-perpetual/starknet-perpetual.ts'),
        import('../../adapters/signers/stark-wasm/stark-curve.ts'),
      ])
      return starknetPerpetual({
        ...shared,
        clock,
        curve: starkCurve,
        address: engine.address,
        chainId: of?.kind === 'starknet' ? of.chainId : nobody,
        generation: engine.generation,
        listings: listed.flatMap(({ market, assetId, resolutionFactor }) =>
          assetId === undefined || resolutionFactor === undefined
            ? []
            : [{ market, assetId, resolutionFactor }],
        ),
      })
    }
  }
}
