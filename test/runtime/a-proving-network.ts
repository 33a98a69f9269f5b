import { proving } from '../../lib/runtime/network/proving.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { aNetwork } from './a-network.ts'

const address = `0x${'a1'.repeat(20)}`

/** `aNetwork` with a proving lane under each of these names, with the deadlines of the network file's defaults. */
export function aProvingNetwork(names: readonly string[] = ['appchain']): Network {
  const lane = {
    source: { kind: 'own-engine', engine: 'evm', runs: 'https://runs.example' },
    provers: [{ name: 'sharp', kind: 'sharp', baseUrl: 'https://sharp.example', customerId: 'us' }],
    settlement: { kind: 'starknet-core', chain: 'l1', address, registry: address },
  }
  return {
    ...aNetwork(),
    proving: proving.parse(Object.fromEntries(names.map((name) => [name, lane]))),
  }
}
