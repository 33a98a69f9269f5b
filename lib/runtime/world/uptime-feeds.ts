import type { TellSettings } from '../../keepers/watch/tell-uptime.ts'
import type { Ports, UptimeFeed } from '../../ports.ts'
import { accountFor } from '../network/accounts.ts'
import { entry } from '../network/entry.ts'
import type { Network } from '../network/schema.ts'
import type { LinkedChain } from './chains.ts'

/** The feeds of a network file. It was checked: every name leads somewhere. */
export async function composeUptimeFeeds({
  network,
  chains,
}: {
  readonly network: Network
  readonly chains: Readonly<Record<string, LinkedChain>>
}): Promise<Readonly<Record<string, UptimeFeed>>> {
  const feeds = Object.entries(network.uptimeFeeds)
  if (feeds.length === 0) return {}
  const { evmUptimeFeed } = await import('../../adapters/uptime-feeds/evm-uptime-feed.ts')
  return Object.fromEntries(
    feeds.map(([name, { chain, address, of, description }]) => {
      const rpc = entry(chains, chain)?.rpc
      if (!rpc) throw new TypeError(`${chain} has no nodes that could be asked`)
      const account = teller(network, chain)
      return [name, evmUptimeFeed({ name, chain, rpc, address, account, of, description })]
    }),
  )
}

/** Those that this deployment tells anything. Who only reads one is kept from nothing by what is wrong with it. */
export function feedsToTell(
  network: Network,
  { uptimeFeeds }: Pick<Ports, 'uptimeFeeds'>,
): readonly UptimeFeed[] {
  if (!network.jobs['tell-uptime']) return []
  return Object.values(uptimeFeeds).filter(({ chain }) => teller(network, chain) !== undefined)
}

/** Who tells the feeds on a chain; undefined where nobody here does. */
function teller({ chains }: Network, name: string): `0x${string}` | undefined {
  const chain = entry(chains, name)
  return chain?.kind === 'evm' ? accountFor(chain, 'uptime')?.account.address : undefined
}

export function tellSettings({
  uptimeFeeds,
}: Pick<Network, 'uptimeFeeds'>): Readonly<Record<string, TellSettings>> {
  return Object.fromEntries(
    Object.entries(uptimeFeeds).map(([name, { of, refreshSeconds }]) => [
      name,
      { of, refreshMs: refreshSeconds * 1000 },
    ]),
  )
}
