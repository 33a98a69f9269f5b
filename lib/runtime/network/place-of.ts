import { entry } from './entry.ts'
import type { Network, NetworkEngine } from './schema.ts'

/** Where on its chain an exchange is: the address of its contract, or the name of its StarkEx system. */
export function placeOf({ chains }: Pick<Network, 'chains'>, engine: NetworkEngine): string {
  if (engine.kind !== 'starkex') return engine.address
  const chain = entry(chains, engine.chain)
  return chain?.kind === 'starkex' ? chain.system : ''
}
