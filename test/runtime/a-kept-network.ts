import { engineFunding } from '../../lib/runtime/network/funding.ts'
import { engineLiquidation } from '../../lib/runtime/network/liquidation.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { starkexChain, starkexEngine } from '../../lib/runtime/network/starkex.ts'
import { aNetwork } from './a-network.ts'

const every = (everySeconds: number) => ({ everySeconds, offsetMs: 0 })

/** `aNetwork`'s exchange with funding by the hour, accounts that are followed, and liquidation. */
export function keptNetwork(): Network {
  const network = aNetwork()
  const { evm } = network.engines
  if (evm?.kind !== 'evm-engine') throw new TypeError('the sample has an evm-engine')
  const funding = engineFunding.parse({ late: { kind: 'cap', maxSeconds: 3_600 } })
  const liquidation = engineLiquidation.parse({})
  return {
    ...network,
    engines: { evm: { ...evm, funding, liquidation } },
    jobs: {
      'settle-funding': every(60),
      'index-positions': { ...every(2), checkSlots: 3 },
      liquidate: every(2),
      deleverage: every(2),
      'keep-books': every(60),
    },
  }
}

/** The same of a StarkEx exchange whose batches are told. */
export function starkexNetwork(): Network {
  const chain = starkexChain.parse({
    kind: 'starkex',
    gateway: 'https://gateway.example',
    system: 'perps-main',
    batches: { feeder: 'https://feeder.example', availability: 'https://data.example' },
  })
  const engine = starkexEngine.parse({
    kind: 'starkex',
    chain: 'gateway',
    quorum: 1,
    signers: [{ key: '0x1', name: 'Maker' }],
    liquidation: { collateralAsset: '0x1', risk: {} },
  })
  const network = keptNetwork()
  return { ...network, chains: { gateway: chain }, engines: { perps: engine }, markets: {} }
}
