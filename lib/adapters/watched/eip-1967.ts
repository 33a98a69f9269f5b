import { keccak256, stringToBytes } from 'viem/utils'

import type { RpcRequest } from '../rpc.ts'
import { addressOf, hashOf, storageAt } from './evm-words.ts'

/** Where proxies keep where they lead to, and who may change that (EIP-1967). */
export const implementationSlot = slotOf('eip1967.proxy.implementation')
export const adminSlot = slotOf('eip1967.proxy.admin')

/** Where Arbitrum's rollup keeps what whoever is not its admin is led to. */
export const secondaryImplementationSlot = slotOf('eip1967.proxy.implementation.secondary')

/** The address in such a slot; undefined where there is none. */
export function addressInSlot(proxy: string, slot: `0x${string}`): RpcRequest<string | undefined> {
  const { read, ...request } = storageAt(proxy, slot)
  return {
    ...request,
    read(result) {
      const word = read(result)
      return word === 0n ? undefined : addressOf(word)
    },
  }
}

function slotOf(label: string): `0x${string}` {
  return hashOf(BigInt(keccak256(stringToBytes(label))) - 1n)
}
