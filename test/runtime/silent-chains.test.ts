import { afterAll, beforeAll, expect, test } from 'vitest'

import { startStarknetBox } from '../../infra/local/starknet-box/start-starknet-box.ts'
import { checkWorld } from '../../lib/runtime/check-world.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { parseNetwork } from '../../lib/runtime/network-file.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { aCore } from '../infra/local/starknet-box/a-box.ts'

let box: Awaited<ReturnType<typeof startStarknetBox>>
beforeAll(async () => {
  box = await startStarknetBox({ blocks: 'demand', core: aCore() })
})
afterAll(async () => box.stop())

/** Nobody listens there. */
const dead = (port: number) => `http://127.0.0.1:${port}`

/** What is said at the start of chains that are only read. */
async function saidOf(chains: string): Promise<readonly string[]> {
  const text = `network: sample
store: { kind: memory }
chains:
${chains}
engines: {}
markets: {}
jobs: {}
`
  const network = parseNetwork(text, 'sample.yml', { venueNames: [] })
  const world = await compose({ network, directory: '.', clock: wallClock })
  try {
    return await checkWorld(world)
  } finally {
    await world.close()
  }
}

const starknet = (...rpc: readonly string[]) =>
  `  l2: { kind: starknet, rpc: ${JSON.stringify(rpc)}, chainId: SN_SEPOLIA, blockSeconds: 2 }`
const evm = (...rpc: readonly string[]) =>
  `  l1: { kind: evm, rpc: ${JSON.stringify(rpc)}, chainId: 1, blockSeconds: 12, finalityBlocks: 64 }`

test('a chain without an account of ours, of which no node answers, is said to be silent, by what it was asked and whom', async () => {
  expect(await saidOf(`${starknet(dead(9), dead(11))}\n${evm(dead(9))}`)).toEqual([
    'chains.l2.rpc: l2 did not answer starknet_getBlockWithTxHashes: 127.0.0.1:9: network (ECONNREFUSED); 127.0.0.1:11: network (ECONNREFUSED); see that the node runs and the address is right',
    'chains.l1.rpc: l1 did not answer eth_getBlockByNumber: 127.0.0.1:9: network (ECONNREFUSED); see that the node runs and the address is right',
  ])
})

test('one of which one node answers is as the network file says', async () => {
  expect(await saidOf(starknet(dead(9), box.url))).toEqual([])
})

test('one whose only node that answers is of another chain is told so', async () => {
  const [said, ...others] = await saidOf(
    starknet(box.url).replace('chainId: SN_SEPOLIA', 'chainId: SN_MAIN'),
  )
  expect(others).toEqual([])
  expect(said).toMatch(/is on chain SN_SEPOLIA, the network file says SN_MAIN; name a node/)
})
