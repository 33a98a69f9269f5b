import { setTimeout as after } from 'node:timers/promises'

import { startAnvil } from '../../../infra/local/anvil.ts'
import { askNode } from './ask-node.ts'

type Hex = `0x${string}`

/** Logs what it is called with: the first word as its topic, the rest as its data. */
const loggingCode = '0x60203603806020600037600035906000a100'
const emitter: Hex = '0x00000000000000000000000000000000000010c5'
const sender = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

/** An Ethereum node whose blocks have nothing but logs in them, and times of their own. */
export async function aChainWithLogs() {
  const anvil = await startAnvil()

  const rpc = askNode(anvil.url)
  await rpc('anvil_setCode', emitter, loggingCode)
  return {
    url: anvil.url,
    emitter,
    rpc,
    /** A block with that log in it; its number. */
    async log(topic: Hex, data: Hex = '0x'): Promise<number> {
      const transaction = { from: sender, to: emitter, data: `${topic}${data.slice(2)}` }
      const hash = await rpc('eth_sendTransaction', transaction)
      for (;;) {
        const receipt = await rpc('eth_getTransactionReceipt', hash)
        if (receipt) return Number((receipt as { blockNumber: string }).blockNumber)
        await after(5)
      }
    },
    /** So many empty blocks, each so many seconds after the one before. */
    mine: async (blocks: number, seconds = 12) =>
      rpc('anvil_mine', `0x${blocks.toString(16)}`, `0x${seconds.toString(16)}`),
    height: async () => Number(await rpc('eth_blockNumber')),
    timeOf: async (block: number) => {
      const header = await rpc('eth_getBlockByNumber', `0x${block.toString(16)}`, false)
      return Number((header as { timestamp: string }).timestamp) * 1000
    },
    stop: async () => anvil.stop(),
  }
}
