import type { Targets } from '../../adapters/peers/report-wire.ts'
import type { Network } from '../network/schema.ts'

/** Which contract on which chain each exchange is, in words that every operator would use. */
export function targetsOf({ engines, chains }: Network): Targets {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, { chain: chainName, address }]) => {
      const chain = Object.hasOwn(chains, chainName) ? chains[chainName] : undefined
      return chain ? [[name, `${chain.kind}:${chain.chainId}:${address}`.toLowerCase()]] : []
    }),
  )
}
