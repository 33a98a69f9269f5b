import type { Targets } from '../../adapters/peers/report-wire.ts'
import { entry } from '../network/entry.ts'
import { placeOf } from '../network/place-of.ts'
import type { Network } from '../network/schema.ts'

/** Which contract on which chain each exchange is, in words that every operator would use. */
export function targetsOf({ engines, chains }: Network): Targets {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      const chain = entry(chains, engine.chain)
      if (!chain) return []
      const id = chain.kind === 'starkex' ? '' : `:${chain.chainId}`
      return [[name, `${chain.kind}${id}:${placeOf({ chains }, engine)}`.toLowerCase()]]
    }),
  )
}
