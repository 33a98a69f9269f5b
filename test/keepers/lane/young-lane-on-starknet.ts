import { describe, expect, test } from 'vitest'

import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import type { StarknetNode } from '../../adapters/chains/starknet-suite.ts'
import { suiteConfig } from '../../adapters/chains/starknet-world.ts'
import { aYoungLane } from './young-lane.ts'

type Start = (config: (operator: bigint) => CoreConfig) => Promise<StarknetNode>

/** A lane whose account is not there, on a node's own rules. */
export function youngLaneOnStarknet(name: string, start: Start): void {
  describe(name, () => {
    test('waits for money, deploys its account, and tells the price from nonce 1', async () => {
      const node = await start(suiteConfig)
      try {
        const it = await aYoungLane(node)
        await it.add('first', '100')
        await it.advance()
        expect(await it.lane()).toMatchObject({ inFlight: [], noFunds: {} })
        expect(await it.stateOf('first')).toEqual({ kind: 'waiting' })

        await it.fund()
        await it.advance()
        await node.makeBlock()
        await it.advance()
        await node.makeBlock()
        await it.advance()
        expect(await it.stateOf('first')).toMatchObject({
          kind: expect.stringMatching(/included|settled/) as string,
          nonce: 1,
        })
        expect(await it.prices()).toEqual({ 'BTC-USD': '100' })
        expect(await it.chain.nonce(it.address)).toEqual({ latest: 2, pending: 2 })
        expect(await it.chain.deployments?.isDue(it.address)).toBe(false)
        expect(await it.lane()).not.toHaveProperty('noFunds')
      } finally {
        await node.stop()
      }
    }, 120_000)
  })
}
