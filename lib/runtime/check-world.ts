import { messageOf } from '../keepers/message-of.ts'
import type { World } from './compose.ts'

/**
 * Asks every chain and every exchange whether what the network file says of it is so: one sentence for each thing that
 * is not. An operator wants to know before the first price is due.
 */
export async function checkWorld({ network, ports }: World): Promise<readonly string[]> {
  const chains = Object.entries(ports.chains).map(async ([name, chain]) => {
    try {
      await chain.head()
      return []
    } catch (error) {
      const said = `chains.${name}.rpc: ${messageOf(error)}; see that the node runs and the address is right`
      return [said]
    }
  })
  const silent = await Promise.all(chains)
  const unreachable = new Set(Object.keys(ports.chains).filter((_, at) => silent[at]?.length))
  const engines = Object.entries(ports.engines).map(async ([name, engine]) => {
    // One sentence is enough for one node that does not answer.
    if (unreachable.has(engine.chain)) return []
    try {
      const wrong = await engine.check(ports.oracles)
      return wrong.map(
        (sentence) => `engines.${name} (${network.engines[name]?.address ?? ''}): ${sentence}`,
      )
    } catch (error) {
      return [`engines.${name}: ${messageOf(error)}`]
    }
  })
  return [...silent.flat(), ...(await Promise.all(engines)).flat()]
}
