import type { NetworkChain } from './schema.ts'
import { gatewayBlockSeconds } from './starkex.ts'

/** How often a chain makes a block, as the file says or as its kind does. */
export function blockSecondsOf(chain: NetworkChain): number {
  return chain.kind === 'starkex' ? gatewayBlockSeconds : chain.blockSeconds
}
