import { describe, expect, onTestFinished, test } from 'vitest'

import { boxAccounts } from '../../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetChain } from '../../../../lib/adapters/chains/starknet.ts'
import {
  starknetPerpetual,
  type StarknetPerpetualOptions,
} from '../../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { asInput } from '../../../infra/local/starknet-box/a-box.ts'
import { movedClock } from '../../../keepers/lane/lane-in-memory.ts'
import { starkKey } from '../../chains/keys.ts'
import { btc, eth, sol, suiteConfig } from '../../chains/starknet-world.ts'

const [owner, stranger] = [starkKey('0xabc'), starkKey('0xabd')]

/** An exchange with position 100 of `owner`, on a node, and our engine for it. */
async function anExchange(generation: 'C' | 'D') {
  const [sender] = boxAccounts({})
  const account = sender?.address ?? '0x0'
  const clock = movedClock()
  const box = await startStarknetBox({
    blocks: 'demand',
    core: asInput(suiteConfig(BigInt(account))),
    clock,
    setup: {
      generation,
      positions: [
        { id: '100', ownerPublicKey: owner.publicKey, collateral: '1000000', holdings: [] },
      ],
    },
  })
  onTestFinished(async () => box.stop())
  const { rpc } = starknetChain({
    name: 'starknet',
    rpcUrls: [box.url],
    chainId: box.chainId,
    blockSeconds: 3_600,
    finalityBlocks: 1,
    keys: {},
    clock,
  })
  return async (other: Partial<StarknetPerpetualOptions>) =>
    starknetPerpetual({
      name: 'core',
      chain: 'starknet',
      account,
      address: box.coreAddress,
      chainId: box.chainId,
      listings: [btc, eth, sol],
      generation: 'detect',
      rpc,
      clock,
      curve: starkCurve,
      ...other,
    }).check([])
}

describe.each(['C', 'D'] as const)('at the start, on generation %s', (generation) => {
  test('the key that signs our orders must be the owner’s of our position', async () => {
    const check = await anExchange(generation)
    const by = (key: typeof owner, position = '100') => ({
      position,
      ownKey: async () => Promise.resolve(key),
    })
    expect(await check(by(owner))).toEqual([])
    expect(await check(by(stranger))).toEqual([
      `core.liquidation.liquidator.key: position 100 is of the key ${owner.publicKey}, but its orders would be signed by ${stranger.publicKey}; name its owner's key`,
    ])
    expect(await check(by(owner, '101'))).toEqual([
      'core.liquidation.liquidator.position: there is no position 101',
    ])
    // Who signs no orders is not asked for a key.
    expect(await check({ position: '101' })).toEqual([])
  })

  test('interest is kept only where the contract has any', async () => {
    const check = await anExchange(generation)
    expect(await check({ keepsInterest: true })).toEqual(
      generation === 'D'
        ? []
        : [
            'core: `interest` is of generation D only, and its generation is C; take `interest` out',
          ],
    )
  })
})
