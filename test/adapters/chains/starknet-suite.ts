import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { starkKey } from './keys.ts'

/** A running Starknet node, with a core on it that was set up by the suite's config. */
export type StarknetNode = {
  readonly url: string
  /** As `starknet_chainId` answers. */
  readonly chainId: `0x${string}`
  readonly core: `0x${string}`
  /** The core's governor and only operator; funded. Its account contract takes Cairo 1 calldata. */
  readonly operator: NodeAccount
  /** Funded, without any role. */
  readonly stranger: NodeAccount
  /** Builds a block of what was accepted, where the node does not do so by itself. */
  makeBlock(): Promise<void>
  stop(): Promise<void>
}

export type NodeAccount = { readonly address: `0x${string}`; readonly privateKey: `0x${string}` }

/** Starts a node and deploys a core with the given config, whose `governor` and only operator is `operator`. */
export type StartStarknetNode = (config: (operator: bigint) => CoreConfig) => Promise<StarknetNode>

/** What every Starknet node must do with our adapters, and they with it. Each node is started once. */
export function starknetSuite(name: string, startNode: StartStarknetNode): void {
  describe(name, () => {
    let node: StarknetNode
    beforeAll(async () => {
      node = await startNode(suiteConfig)
    }, 120_000)
    afterAll(async () => node.stop())

    test('is a node of its chain', async () => {
      const answer = await fetch(node.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'starknet_chainId', params: [] }),
      })
      expect(await answer.json()).toMatchObject({ result: node.chainId })
    })
  })
}

/** Worthless secrets, one per oracle of the suite's core. */
const oracleSecrets = ['0x3e9', '0x3ea', '0x3eb'] as const

/** Three markets that all three oracles are registered for; two reports make a price. */
function suiteConfig(operator: bigint): CoreConfig {
  const names = { BTC: 1_000_000n, ETH: 10_000n, SOL: 1_000n }
  return {
    governor: operator,
    operators: [operator],
    maxPriceInterval: 86_400n,
    maxOraclePriceValidity: 600n,
    maxFundingInterval: 86_400n,
    maxFundingRate: 35_792n,
    assets: Object.entries(names).map(([base, resolutionFactor]) => ({
      assetId: ascii(`${base}-${String(resolutionFactor).length - 1}`, 15),
      resolutionFactor,
      quorum: 2,
      oracles: oracleSecrets.map((secret, at) => ({
        publicKey: BigInt(starkKey(secret).publicKey),
        assetName: ascii(`${base}USDMARK`, 16),
        oracleName: ascii(`Orc${at}`, 5),
      })),
      riskFactorTiers: [10, 20],
      firstTierBoundary: 100_000_000_000n,
      tierSize: 50_000_000_000n,
    })),
  }
}

function ascii(text: string, bytes: number): bigint {
  return BigInt(`0x${Buffer.from(text.padEnd(bytes, '\0'), 'latin1').toString('hex')}`)
}
