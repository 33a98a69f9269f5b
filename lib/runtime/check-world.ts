import { messageOf } from '../keepers/message-of.ts'
import type { World } from './compose.ts'
import { accountFor } from './network/accounts.ts'
import { entry } from './network/entry.ts'
import { feedsToTell } from './world/uptime-feeds.ts'

/**
 * Asks every chain, every exchange and every other contract that is sent to whether what the network file says of it is so: one
 * sentence for each thing that is not. An operator wants to know before the first price is due.
 */
export async function checkWorld({ network, ports }: World): Promise<readonly string[]> {
  const silent = new Set<string>()
  const ofChains = Object.entries(ports.chains).map(async ([name, chain]) => {
    try {
      const wrong = await chain.check()
      return wrong.map((sentence) => `chains.${name}: ${sentence}`)
    } catch (error) {
      silent.add(name)
      const why = messageOf(error)
      const [key, what] = chain.kind === 'starkex' ? ['gateway', 'it'] : ['rpc', 'the node']
      return [`chains.${name}.${key}: ${why}; see that ${what} runs and the address is right`]
    }
  })
  const chains = await Promise.all(ofChains)
  // One sentence is enough for one node that does not answer.
  const asked = Object.entries(ports.engines).filter(([, engine]) => !silent.has(engine.chain))
  const ofEngines = asked.map(async ([name, engine]) => {
    try {
      const wrong = await engine.check(ports.oracles)
      return wrong.map((sentence) => `engines.${sentence}`)
    } catch (error) {
      return [`engines.${name}: ${messageOf(error)}`]
    }
  })
  // Who only watches a lane has no account that it could be asked about, and is kept from nothing else by it.
  const settled = Object.entries(ports.proving).filter(([, { settlement }]) => {
    const chain = entry(network.chains, settlement.chain)
    const sends = network.jobs['prove-batches'] && chain && accountFor(chain, 'settlement')
    return sends !== undefined && !silent.has(settlement.chain)
  })
  const ofLanes = settled.map(async ([name, { settlement }]) => {
    try {
      const wrong = await settlement.check()
      return wrong.map((sentence) => `proving.${name}.settlement: ${sentence}`)
    } catch (error) {
      return [`proving.${name}.settlement: ${messageOf(error)}`]
    }
  })
  const told = feedsToTell(network, ports).filter(({ chain }) => !silent.has(chain))
  const ofFeeds = told.map(async (feed) => {
    try {
      const wrong = await feed.check()
      return wrong.map((sentence) => `uptimeFeeds.${feed.name}: ${sentence}`)
    } catch (error) {
      return [`uptimeFeeds.${feed.name}: ${messageOf(error)}`]
    }
  })
  return [...chains, ...(await Promise.all([...ofEngines, ...ofLanes, ...ofFeeds]))].flat()
}
