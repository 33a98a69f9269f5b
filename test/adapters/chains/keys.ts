import { sign as starkSign, getStarkKey } from '@scure/starknet'
import { privateKeyToAccount } from 'viem/accounts'

import { timestamp } from '../../../lib/domain/time.ts'
import type { Clock, EvmKey, StarkKey } from '../../../lib/ports.ts'

/** The first of anvil's published development accounts; worthless anywhere else. */
export const anvilSecret = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
export const otherAnvilSecret = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'

export function evmKey(secret: `0x${string}`): EvmKey {
  const account = privateKeyToAccount(secret)
  return { address: account.address, sign: async (hash) => account.sign({ hash }) }
}

export function starkKey(secret: string): StarkKey {
  const hex = secret.replace('0x', '').padStart(64, '0')
  const signed = (hash: bigint) => {
    const { r, s } = starkSign(hash.toString(16).padStart(64, '0'), hex)
    return { r, s }
  }
  return {
    publicKey: `0x${BigInt(getStarkKey(hex)).toString(16)}`,
    sign: async (hash) => signed(hash),
    signAll: async (hashes) => hashes.map(signed),
  }
}

export const wallClock: Clock = {
  now: () => timestamp(Date.now()),
  sleep: async (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}
