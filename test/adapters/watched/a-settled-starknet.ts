import { startAnvil } from '../../../infra/local/anvil.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { aCore } from '../../infra/local/starknet-box/a-box.ts'
import { aStarknetCore } from './a-starknet-core.ts'
import { askNode } from './ask-node.ts'
import { faultyNode } from './faulty-node.ts'
import { hashAt } from './starknet-blocks.ts'

/** A Starknet whose blocks are settled on an Ethereum, each chain seen through two nodes. */
export async function aSettledStarknet() {
  const [anvil, box] = await Promise.all([
    startAnvil({ extraArgs: ['--slots-in-an-epoch', '1'] }),
    startStarknetBox({ blocks: 'demand', core: aCore() }),
  ])
  const l1 = askNode(anvil.url)
  const begin = async () => {
    const number = box.makeBlock()
    return aStarknetCore(anvil.url, {
      blockNumber: BigInt(number),
      blockHash: await hashAt(box.url, number),
    })
  }
  const world = {
    box,
    core: await begin(),
    l1: await twoNodes(anvil.url),
    l2: await twoNodes(box.url),
    /** The newest block of L2. */
    newest: () => newest,
    /** A block of L2, and its settlement. */
    settleNext: async (): Promise<void> => {
      newest = box.makeBlock()
      await world.core.settle(BigInt(newest), await hashAt(box.url, newest))
    },
    /** Another core, with nothing behind it. */
    renew: async (): Promise<void> => {
      world.core = await begin()
      await world.settleNext()
    },
    /** Twelve seconds each. */
    mineL1: async (blocks: number) => l1('anvil_mine', `0x${blocks.toString(16)}`, '0xc'),
    waitOnL1: async (seconds: number): Promise<void> => {
      await l1('evm_increaseTime', seconds)
      await l1('anvil_mine', '0x1')
    },
    snapshotL1: async () => l1('evm_snapshot'),
    revertL1: async (snapshot: unknown) => l1('evm_revert', snapshot),
    /** Of its newest block. */
    l1Time: async (): Promise<number> => {
      const block = await l1('eth_getBlockByNumber', 'latest', false)
      return Number((block as { timestamp: string }).timestamp) * 1000
    },
    stop: async (): Promise<void> => {
      await Promise.all([...world.l1, ...world.l2].map(async (node) => node.stop()))
      await Promise.all([anvil.stop(), box.stop()])
    },
  }
  let newest = 0
  await world.settleNext()
  return world
}

const twoNodes = async (url: string) => [await faultyNode(url), await faultyNode(url)] as const
