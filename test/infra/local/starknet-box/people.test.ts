import { expect, onTestFinished, test } from 'vitest'

import { starknetCrowd } from '../../../../infra/local/crowd/starknet-crowd.ts'
import { starknetChain } from '../../../../lib/adapters/chains/starknet.ts'
import { corePositions } from '../../../../lib/adapters/engines/starknet-perpetual/positions.ts'
import { applyBlocks } from '../../../../lib/domain/positions/apply-blocks.ts'
import { emptyBook, idsOf } from '../../../../lib/domain/positions/book.ts'
import { compare } from '../../../../lib/domain/positions/reading.ts'
import { btc, eth } from './a-box.ts'
import { startBox } from './box-rpc.ts'

const assets = [btc, eth].map((assetId) => ({
  assetId: String(assetId),
  resolutionFactor: 1_000_000n,
  price: 100,
}))

test.each(['C', 'D'] as const)(
  'of generation %s, whoever follows the accounts from block 0 knows the people by their events, as the core has them',
  async (generation) => {
    const crowd = starknetCrowd({ assets, publicKey: '0x1234', seed: '7' })
    const { box, clock } = await startBox({ setup: { generation, ...crowd } })
    onTestFinished(async () => box.stop())
    const chain = starknetChain({
      name: 'starknet',
      rpcUrls: [box.url],
      chainId: box.chainId,
      blockSeconds: 2,
      finalityBlocks: 1,
      keys: {},
      clock: { ...clock, sleep: async () => undefined },
    })
    const core = { engine: 'dex', address: box.coreAddress, rpc: chain.rpc, listings: [] }
    const positions = corePositions(core, 0)
    const [first, head] = await Promise.all([chain.block(0), chain.head()])
    if (!first) throw new Error('a chain begins with block 0')
    const found = await positions.events(first, head)
    if (found.kind !== 'events') throw new Error(found.kind)
    const book = applyBlocks(emptyBook(first, positions.given), found.blocks, found.through)
    const ids = [...idsOf(book)]
    // The fund, the fees, a liquidator, a house and two dozen traders.
    expect(ids).toHaveLength(28)
    // What a deposit of generation D pays as interest no event says.
    const doubts = [...book.doubts.values()].map(({ why }) => why)
    expect(new Set(doubts)).toEqual(new Set(generation === 'D' ? ['unsaid'] : []))
    expect(compare(book, await positions.read(ids, found.through)).apart).toEqual([])
  },
)
