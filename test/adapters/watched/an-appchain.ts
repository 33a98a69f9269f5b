import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import type { CairoNode, CairoNodeOptions } from '../../infra/contracts/cairo-node.ts'
import {
  aBridge,
  anOutput,
  factOf,
  felt,
  type Point,
  programs,
} from '../../infra/contracts/piltover/appchain-output.ts'
import { aCore } from '../../infra/local/starknet-box/a-box.ts'
import { faultyNode } from './faulty-node.ts'
import { hashAt } from './starknet-blocks.ts'

const verifier = ['recursive', 'keccak_160_lsb', 'stone6', 'relaxed'].map(felt)

/** An appchain, and the Starknet that it is settled on, each seen through two nodes. */
export async function anAppchain(start: (options: CairoNodeOptions) => Promise<CairoNode>) {
  const box = await startStarknetBox({ blocks: 'demand', core: aCore() })
  const pointAt = async (number: number): Promise<Point> => ({
    root: BigInt(number) + 7n,
    number: BigInt(number),
    hash: await hashAt(box.url, number),
  })
  let standing = await pointAt(box.makeBlock())
  const node = await start({ start: standing })
  const { appchain, registry } = node
  const { bootloader, config, snos, layoutBridge } = programs
  await node.send('owner', appchain, ['set_program_info', bootloader, config, snos, layoutBridge])
  await node.send('owner', appchain, ['set_facts_registry', BigInt(registry)])
  await node.send('owner', registry, ['register_verifier', felt('recursive'), felt('keccak'), 7n])

  const world = {
    box,
    node,
    l1: [await faultyNode(node.url), await faultyNode(node.url)] as const,
    l2: [await faultyNode(box.url), await faultyNode(box.url)] as const,
    newest: () => Number(standing.number),
    /** A block of the appchain, and its settlement. */
    settleNext: async (): Promise<void> => {
      const to = await pointAt(box.makeBlock())
      const output = anOutput({ from: standing, to })
      const bridge = aBridge(output)
      const proven = ['register_fact', ...verifier, factOf(bridge), 96n] as const
      await node.send('stranger', registry, proven)
      const words = [BigInt(output.length), ...output, BigInt(bridge.length), ...bridge]
      const settled = await node.send('owner', appchain, ['update_state', ...words, 0n, 0n, 0n])
      if (settled.kind === 'reverted') throw new Error(settled.reason)
      standing = to
    },
    stop: async (): Promise<void> => {
      await Promise.all([...world.l1, ...world.l2].map(async (one) => one.stop()))
      await Promise.all([node.stop(), box.stop()])
    },
  }
  await world.settleNext()
  return world
}
