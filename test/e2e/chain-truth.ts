import { hexToString, keccak256, toHex } from 'viem/utils'
import * as z from 'zod'

import { localRpc } from '../../infra/local/local-rpc.ts'
import { selectorOf } from '../../lib/adapters/starknet-felt.ts'

/** A transaction of one account as its chain has it in a block. */
export type LandedTransaction = {
  readonly hash: string
  readonly nonce: number
  readonly reverted: boolean
  /** The prices that it changed: `market@round` on EVM, where the event has the round, the asset alone on Starknet. */
  readonly prices: readonly string[]
}

/** All that one account ever did on a chain, in the order of its blocks; asked of the node alone, not of our adapters. */
export async function landedOn(chain: {
  readonly kind: 'evm' | 'starknet'
  readonly rpc: string
  readonly account: string
}): Promise<readonly LandedTransaction[]> {
  return chain.kind === 'evm' ? await evmLanded(chain) : await starknetLanded(chain)
}

type Place = { readonly rpc: string; readonly account: string }

const priceUpdated = keccak256(toHex('PriceUpdated(bytes32,uint64,uint256,uint64,uint16)'))

const Hex = z.string().regex(/^0x[0-9a-f]*$/)
const EvmBlock = z.object({
  transactions: z.array(z.object({ hash: Hex, from: Hex, nonce: Hex })),
})
const EvmReceipt = z.object({
  status: Hex,
  logs: z.array(z.object({ topics: z.array(Hex), data: Hex })),
})

async function evmLanded({ rpc, account }: Place): Promise<readonly LandedTransaction[]> {
  const ask = localRpc(rpc)
  const head = Number(Hex.parse(await ask('eth_blockNumber')))
  const landed: LandedTransaction[] = []
  for (const number of numbersTo(head)) {
    const block = await ask('eth_getBlockByNumber', toHex(number), true)
    // Blocks of long ago are not kept by the node.
    if (block === null) continue
    for (const { hash, from, nonce } of EvmBlock.parse(block).transactions) {
      if (from.toLowerCase() !== account.toLowerCase()) continue
      const receipt = EvmReceipt.parse(await ask('eth_getTransactionReceipt', hash))
      const events = receipt.logs.filter(({ topics }) => topics[0] === priceUpdated)
      landed.push({
        hash,
        nonce: Number(nonce),
        reverted: BigInt(receipt.status) === 0n,
        prices: events.map(({ topics: [, feed = '0x'], data }) => {
          const market = hexToString(feed as `0x${string}`, { size: 32 })
          return `${market}@${BigInt(data.slice(0, 66))}`
        }),
      })
    }
  }
  return landed
}

const StarknetBlock = z.object({
  transactions: z.array(
    z.object({
      transaction: z.looseObject({
        type: z.string(),
        sender_address: Hex.optional(),
        nonce: Hex.optional(),
      }),
      receipt: z.object({
        transaction_hash: Hex,
        execution_status: z.enum(['SUCCEEDED', 'REVERTED']),
        events: z.array(z.object({ keys: z.array(Hex) })),
      }),
    }),
  ),
})

async function starknetLanded({ rpc, account }: Place): Promise<readonly LandedTransaction[]> {
  const ask = localRpc(rpc)
  const head = z.int().parse(await ask('starknet_blockNumber'))
  const landed: LandedTransaction[] = []
  // The first block sets the chain up, in the names of its accounts.
  for (const number of numbersTo(head).slice(1)) {
    const block = await ask('starknet_getBlockWithReceipts', { block_number: number }, [])
    for (const { transaction, receipt } of StarknetBlock.parse(block).transactions) {
      const { type, sender_address: sender = '0x0', nonce = '0x0' } = transaction
      if (type !== 'INVOKE' || BigInt(sender) !== BigInt(account)) continue
      const ticks = receipt.events.filter(({ keys }) => keys[0] === selectorOf('PriceTick'))
      landed.push({
        hash: receipt.transaction_hash,
        nonce: Number(nonce),
        reverted: receipt.execution_status === 'REVERTED',
        prices: ticks.map(({ keys }) => String(keys[1])),
      })
    }
  }
  return landed
}

function numbersTo(head: number): readonly number[] {
  return Array.from({ length: head + 1 }, (_, number) => number)
}
