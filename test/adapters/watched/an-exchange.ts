import { Account, RpcProvider } from 'starknet'

import type { BoxOptionsInput } from '../../../infra/local/starknet-box/box-options.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { generationAt } from '../../../lib/adapters/engines/starknet-perpetual/generation.ts'
import {
  assetConfig,
  riskFactorTiers,
  timelyData,
} from '../../../lib/adapters/engines/starknet-perpetual/views.ts'
import { feltOfSigned, selectorOf } from '../../../lib/adapters/starknet-felt.ts'
import { aCore, btc, eth } from '../../infra/local/starknet-box/a-box.ts'
import { priceTickCalldata } from '../../infra/local/starknet-box/a-core.ts'
import { askNode } from './ask-node.ts'
import { type FaultyNode, faultyNode } from './faulty-node.ts'

export const readers = { generationAt, assetConfig, timelyData, riskFactorTiers }

/** An exchange on a Starknet of its own, seen through two nodes; its governor is its operator. */
export async function anExchange(
  generation: 'C' | 'D' = 'D',
  { positions }: Pick<NonNullable<BoxOptionsInput['setup']>, 'positions'> = {},
) {
  const box = await startStarknetBox({
    blocks: 'transaction',
    core: aCore(),
    setup: { generation, positions },
  })
  const [first, second] = box.accounts
  if (!first || !second) throw new Error('the box has no accounts')
  const account = new Account({
    provider: new RpcProvider({ nodeUrl: box.url }),
    address: first.address,
    signer: first.privateKey,
  })
  const ask = askNode(box.url)
  let nonce = 0n

  const newest = async () => {
    const block = await ask('starknet_getBlockWithTxHashes', 'latest')
    return block as { readonly block_number: number; readonly timestamp: number }
  }
  const world = {
    box,
    ask,
    newest,
    l2: [await faultyNode(box.url), await faultyNode(box.url)] as const,
    operator: first.address,
    stranger: second.address,
    call: async (entrypoint: string, calldata: readonly bigint[] = []): Promise<void> => {
      const resourceBounds = {
        l1_gas: { max_amount: 0n, max_price_per_unit: 10n ** 13n },
        l2_gas: { max_amount: 50_000_000n, max_price_per_unit: 10n ** 11n },
        l1_data_gas: { max_amount: 10_000n, max_price_per_unit: 10n ** 12n },
      }
      const calls = [
        { contractAddress: box.coreAddress, entrypoint, calldata: calldata.map(String) },
      ]
      const sent = await account.execute(calls, { resourceBounds, tip: 0n })
      const receipt = (await ask('starknet_getTransactionReceipt', sent.transaction_hash)) as {
        readonly execution_status: string
        readonly revert_reason?: string
      }
      if (receipt.execution_status !== 'SUCCEEDED')
        throw new Error(`${entrypoint}: ${receipt.revert_reason}`)
    },
    /** As an operator of the exchange, with its nonce. */
    operate: async (entrypoint: string, calldata: readonly bigint[]): Promise<void> => {
      await world.call(entrypoint, [nonce, ...calldata])
      nonce += 1n
    },
    /** A price of each asset in a block of its own, and when the last one was told. */
    price: async (assets: readonly bigint[] = [btc, eth]): Promise<number> => {
      for (const assetId of assets) {
        const timestamp = BigInt(Math.floor(Date.now() / 1000) + ahead)
        const [, ...calldata] = priceTickCalldata({ nonce, assetId, price: 10n ** 20n, timestamp })
        await world.operate('price_tick', calldata)
      }
      return (await newest()).timestamp
    },
    /** A tick with these indices of both assets, and when it was. */
    fund: async ({ btcIndex = 0n, ethIndex = 0n } = {}): Promise<number> => {
      const { timestamp } = await newest()
      const indices = [btc, feltOfSigned(btcIndex), eth, feltOfSigned(ethIndex)]
      await world.operate('funding_tick', [2n, ...indices, BigInt(timestamp)])
      return (await newest()).timestamp
    },
    /** How far its clock is ahead of the machine's. */
    aheadMs: (): number => ahead * 1_000,
    wait: (seconds: number): void => {
      ahead += seconds
      box.advanceSeconds(seconds)
    },
    stop: async (): Promise<void> => {
      await Promise.all(world.l2.map(async (node) => node.stop()))
      await box.stop()
    },
  }
  let ahead = 0
  return world
}

/** A node that shows this index of an asset, whatever the contract says: as after a migration of what is stored. */
export function fundingIndexIs(assetId: bigint, index: bigint): FaultyNode['lie'] {
  return ({ method, params }, truth) => {
    const asked = JSON.stringify(params)
    if (
      method !== 'starknet_call' ||
      !asked.includes(selectorOf('get_timely_data')) ||
      !asked.includes(assetId.toString(16))
    )
      return undefined
    const [version, price, pricedAt] = truth as readonly string[]
    return [version, price, pricedAt, `0x${feltOfSigned(index).toString(16)}`]
  }
}
