import { Account, RpcProvider } from 'starknet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type DevnetAccount, findDevnet, startDevnet } from '../../../../infra/local/devnet.ts'
import { feeToken } from '../../../../infra/local/starknet-box/world.ts'
import { ask, selectorOf, startBox } from './box-rpc.ts'

const absent =
  findDevnet() === undefined
    ? ' (skipped: starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin)'
    : ''

/** Every field of an answer, by its path, and what kind of value it has. */
function fieldsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => fieldsOf(one, `${path}[]`)))]
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`]
  return Object.entries(value).flatMap(([name, one]) => fieldsOf(one, `${path}.${name}`))
}

/** What only a node has whose contracts are compiled and have storage slots. */
const unneeded =
  /fee_transfer_invocation|storage_diffs\[\]|\.CONSTRUCTOR\[\]|^\.failure_reason: object/

type Node = { readonly url: string; readonly accounts: readonly DevnetAccount[] }

/** The same requests after the same transaction: a transfer of STRK. */
async function answersOf(node: Node): Promise<Readonly<Record<string, readonly string[]>>> {
  const [from, to] = node.accounts
  if (from === undefined || to === undefined) throw new Error('two accounts are needed')
  const provider = new RpcProvider({ nodeUrl: node.url })
  const sender = new Account({ provider, address: from.address, signer: from.privateKey })
  const calls = [
    { contractAddress: feeToken, entrypoint: 'transfer', calldata: [to.address, 5, 0] },
  ]
  const estimate = await sender.estimateInvokeFee(calls, { tip: 0n })
  const details = { tip: 0n, resourceBounds: estimate.resourceBounds }
  const { transaction_hash } = await sender.execute(calls, details)
  const next = await sender.getSignedTransaction(calls, details)
  const request = {
    contract_address: feeToken,
    entry_point_selector: selectorOf('balanceOf'),
    calldata: [from.address],
  }
  const filter = { from_block: { block_number: 0 }, to_block: 'latest', address: feeToken }
  const block_id = 'latest'
  const simulation_flags: readonly string[] = []
  const asked = {
    starknet_blockHashAndNumber: [],
    starknet_getBlockWithTxs: { block_id },
    starknet_getBlockWithTxHashes: { block_id: 'pre_confirmed' },
    starknet_getBlockWithReceipts: { block_id },
    starknet_getTransactionByHash: { transaction_hash },
    starknet_getTransactionStatus: { transaction_hash },
    starknet_getTransactionReceipt: { transaction_hash },
    starknet_traceTransaction: { transaction_hash },
    starknet_estimateFee: { request: [next], simulation_flags, block_id },
    starknet_simulateTransactions: { transactions: [next], simulation_flags, block_id },
    starknet_getEvents: { filter: { ...filter, chunk_size: 5 } },
    starknet_getClassAt: { block_id, contract_address: from.address },
    starknet_call: { request, block_id },
  }
  const answers: Record<string, readonly string[]> = {}
  for (const [method, params] of Object.entries(asked)) {
    const { result, error } = await ask(node, method, params)
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
    const fields = fieldsOf(result).filter((field) => !unneeded.test(field))
    answers[method] = fields.toSorted()
  }
  return answers
}

describe.skipIf(absent !== '')(`a box and a real node${absent}`, () => {
  let stop: () => Promise<void>
  let real: Node
  beforeAll(async () => {
    const devnet = await startDevnet({ accounts: 2 })
    if ('reason' in devnet) throw new Error(devnet.reason)
    real = devnet
    stop = devnet.stop
  }, 60_000)
  afterAll(async () => stop())

  test('answer with the same fields, of the same kinds', async () => {
    const { box } = await startBox({ blocks: 'transaction' })
    expect(await answersOf(box)).toEqual(await answersOf(real))
    await box.stop()
  })

  test('refuse the same requests with the same error', async () => {
    const { box } = await startBox({ blocks: 'transaction' })
    const account = '0x123'
    const refused = [
      ['starknet_getNonce', ['latest', account]],
      ['starknet_getNonce', ['pending', account]],
      ['starknet_getNonce', ['latest']],
      [
        'starknet_call',
        [{ contract_address: account, entry_point_selector: '0x1', calldata: [] }, 'latest'],
      ],
      [
        'starknet_call',
        [{ contract_address: feeToken, entry_point_selector: '0x1', calldata: [] }, 'latest'],
      ],
      ['starknet_getBlockWithTxHashes', [{ block_number: 9_999 }]],
      ['starknet_getBlockWithTxHashes', [{ block_hash: '0x1' }]],
      ['starknet_getBlockWithTxHashes', ['l1_accepted']],
      ['starknet_getTransactionStatus', ['0x1']],
      ['starknet_getTransactionReceipt', ['0x1']],
      ['starknet_getClassHashAt', ['latest', account]],
      ['starknet_getEvents', [{ chunk_size: 3, continuation_token: 'zz' }]],
      ['starknet_getEvents', [{ chunk_size: 3, from_block: { block_number: 9_999 } }]],
      ['starknet_addInvokeTransaction', [{ type: 'INVOKE' }]],
      ['starknet_nothing', []],
    ] as const
    const codesOf = async (node: Node) =>
      Promise.all(
        refused.map(async ([method, params]) => ({
          method,
          params,
          code: (await ask(node, method, params)).error?.code,
        })),
      )
    expect(await codesOf(box)).toEqual(await codesOf(real))
    await box.stop()
  })
})
