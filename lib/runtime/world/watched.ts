import type { OpenPlaces } from '../../adapters/rpc.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { Network, NetworkWatched } from '../network/schema.ts'
import type { Text } from '../reference.ts'
import type { Secrets } from '../secrets.ts'

type Parts = {
  readonly secrets: Secrets
  readonly clock: Clock
  readonly cutOff: AbortSignal | undefined
}

const dayMs = 86_400_000

/** The systems of a network file that are only watched. */
export async function composeWatched({
  network,
  ...parts
}: Parts & { readonly network: Network }): Promise<Readonly<Record<string, WatchedSystem>>> {
  const entries = Object.entries(network.watched).map(
    async ([name, system]) => [name, await composeSystem(name, system, parts)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

/** Each kind is loaded where the network has one. */
async function composeSystem(
  name: string,
  system: NetworkWatched,
  parts: Parts,
): Promise<WatchedSystem> {
  const { clock, cutOff } = parts
  switch (system.kind) {
    case 'starknet': {
      const { starknetWatch } = await import('../../adapters/watched/starknet.ts')
      const { core, windowDays } = system
      return starknetWatch({
        name,
        l2: await openPlaces(name, system.rpc, parts),
        l1: await openPlaces(`${name}.l1`, system.l1Rpc, parts),
        core,
        windowMs: windowDays * dayMs,
        clock,
      })
    }
    case 'starkeep': {
      const [{ starkeepWatch }, { restPlace }] = await Promise.all([
        import('../../adapters/watched/starkeep.ts'),
        import('../../adapters/watched/rest-place.ts'),
      ])
      return starkeepWatch({ name, rest: restPlace({ url: system.url }), clock })
    }
    case 'stark-perpetual': {
      const [{ starkPerpetualWatch }, { readUpdateStateCall }] = await Promise.all([
        import('../../adapters/watched/stark-perpetual.ts'),
        import('../../adapters/settlement/stark-perpetual/update-state-call.ts'),
      ])
      const { perpetual, assets, operators, windowDays } = system
      return starkPerpetualWatch({
        name,
        l1: await openPlaces(name, system.l1Rpc, parts),
        perpetual,
        assets,
        operators,
        windowMs: windowDays * dayMs,
        clock,
        systemTimeIn: (calldata) => readUpdateStateCall(calldata)?.output.next.systemTime,
      })
    }
    case 'op-stack': {
      const { opStackWatch } = await import('../../adapters/watched/op-stack.ts')
      const { rpc, l1Rpc, rollupRpc, portal, windowDays } = system
      return opStackWatch({
        name,
        l2: await openPlaces(name, rpc, parts),
        l1: await openPlaces(`${name}.l1`, l1Rpc, parts),
        rollupNodes: rollupRpc && (await openPlaces(`${name}.rollup`, rollupRpc, parts)),
        portal,
        windowMs: windowDays * dayMs,
        clock,
      })
    }
    case 'arbitrum': {
      const { arbitrumWatch } = await import('../../adapters/watched/arbitrum.ts')
      const { rpc, l1Rpc, bridge, timelock, windowDays } = system
      return arbitrumWatch({
        name,
        l2: await openPlaces(name, rpc, parts),
        l1: await openPlaces(`${name}.l1`, l1Rpc, parts),
        bridge,
        timelock,
        windowMs: windowDays * dayMs,
        clock,
      })
    }
    case 'dydx-v4': {
      const [{ dydxInsuranceFund, dydxWatch }, { restPlace }] = await Promise.all([
        import('../../adapters/watched/dydx.ts'),
        import('../../adapters/watched/rest-place.ts'),
      ])
      const { chainId, markets, insuranceFund = dydxInsuranceFund } = system
      const urls = await addressesOf(system.nodes, parts.secrets)
      const places = placesOf(urls.map((url) => new URL(url).host))
      return dydxWatch({
        name,
        nodes: urls.map((url, at) => restPlace({ url, place: places[at] ?? '', cutOff })),
        indexer: restPlace({ url: await addressOf(system.indexer, parts.secrets), cutOff }),
        chainId,
        markets,
        insuranceFund,
        clock,
      })
    }
    case 'exchange-marks': {
      const { exchangeMarksWatch } = await import('../../adapters/watched/exchange-marks.ts')
      const { exchange, baseUrl, markets } = system
      return exchangeMarksWatch({ name, exchange, baseUrl, markets, clock, cutOff })
    }
    case 'perpetual-core': {
      const [{ perpetualCoreWatch }, { generationAt }, views] = await Promise.all([
        import('../../adapters/watched/perpetual-core.ts'),
        import('../../adapters/engines/starknet-perpetual/generation.ts'),
        import('../../adapters/engines/starknet-perpetual/views.ts'),
      ])
      const { core, assets, accounts, windowDays } = system
      const { assetConfig, timelyData, riskFactorTiers } = views
      return perpetualCoreWatch({
        name,
        l2: await openPlaces(name, system.rpc, parts),
        core,
        assets: assets.map(BigInt),
        accounts,
        windowMs: windowDays * dayMs,
        clock,
        readers: { generationAt, assetConfig, timelyData, riskFactorTiers },
      })
    }
    case 'piltover': {
      const { piltoverWatch } = await import('../../adapters/watched/piltover.ts')
      const { contract, windowDays } = system
      return piltoverWatch({
        name,
        l2: await openPlaces(name, system.rpc, parts),
        l1: await openPlaces(`${name}.l1`, system.l1Rpc, parts),
        contract,
        windowMs: windowDays * dayMs,
        clock,
      })
    }
  }
}

/** A place for each node. */
async function openPlaces(
  chain: string,
  nodes: readonly Text[],
  { secrets, cutOff }: Parts,
): Promise<OpenPlaces> {
  const [{ onePlace }, { hostOf }] = await Promise.all([
    import('../../adapters/chains/one-place.ts'),
    import('../../adapters/chains/http.ts'),
  ])
  const urls = await addressesOf(nodes, secrets)
  const places = placesOf(urls.map(hostOf))
  return (signal) =>
    urls.map((url, at) =>
      onePlace({
        chain,
        url,
        place: places[at] ?? '',
        cutOff: cutOff ? AbortSignal.any([cutOff, signal]) : signal,
      }),
    )
}

async function addressesOf(nodes: readonly Text[], secrets: Secrets): Promise<readonly string[]> {
  return Promise.all(nodes.map(async (node) => addressOf(node, secrets)))
}

async function addressOf(node: Text, secrets: Secrets): Promise<string> {
  return (await secrets.text(node)).reveal().trim()
}

/** Two of one host are told apart by their order. */
function placesOf(hosts: readonly string[]): readonly string[] {
  return hosts.map((host, at) => {
    const same = hosts.slice(0, at).filter((other) => other === host).length
    return same === 0 ? host : `${host} (${same + 1})`
  })
}
