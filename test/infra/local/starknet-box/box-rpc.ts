import { Account, hash, RpcProvider } from 'starknet'

import {
  type RunningStarknetBox,
  startStarknetBox,
  type StarknetBoxOptions,
} from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { aCore, handClock } from './a-box.ts'

/** A box whose clock and blocks stand still until they are told to go on. */
export async function startBox(other: Partial<StarknetBoxOptions> = {}) {
  const clock = handClock()
  const box = await startStarknetBox({ blocks: 'demand', core: aCore(), clock, ...other })
  return { box, clock }
}

export type RpcAnswer = {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** One JSON-RPC request as it is on the wire. */
export async function ask(
  { url }: Pick<RunningStarknetBox, 'url'>,
  method: string,
  params: unknown = [],
): Promise<RpcAnswer> {
  const answer = await post(url, { jsonrpc: '2.0', id: 1, method, params })
  return (await answer.json()) as RpcAnswer
}

export async function post(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

export type Sending = {
  readonly nonce: number
  readonly tip?: bigint
  readonly l2Price?: bigint
  readonly l2Amount?: bigint
  readonly account?: number
  /** Entry points of the core without arguments. */
  readonly entrypoints?: readonly string[]
}

/** Signs without sending: the transaction as it is broadcast, and its hash. */
export async function signed(box: RunningStarknetBox, sending: Sending) {
  const { nonce, tip = 0n, l2Price = 10n ** 11n, l2Amount = 50_000_000n } = sending
  const { account = 0, entrypoints = ['get_operator_nonce'] } = sending
  const from = box.accounts[account]
  if (from === undefined) throw new Error(`the box has no account ${account}`)
  const provider = new RpcProvider({ nodeUrl: box.url })
  const sender = new Account({ provider, address: from.address, signer: from.privateKey })
  const calls = entrypoints.map((entrypoint) => ({
    contractAddress: box.coreAddress,
    entrypoint,
    calldata: [],
  }))
  const resourceBounds = {
    l1_gas: { max_amount: 0n, max_price_per_unit: 10n ** 13n },
    l2_gas: { max_amount: l2Amount, max_price_per_unit: l2Price },
    l1_data_gas: { max_amount: 10_000n, max_price_per_unit: 10n ** 12n },
  }
  const wire = await sender.getSignedTransaction(calls, { nonce, tip, resourceBounds })
  return wire as unknown as Record<string, unknown>
}

/** Signs and broadcasts. */
export async function send(box: RunningStarknetBox, sending: Sending): Promise<RpcAnswer> {
  const invoke_transaction = await signed(box, sending)
  return ask(box, 'starknet_addInvokeTransaction', { invoke_transaction })
}

/** As `send`, for what must be taken; its hash. */
export async function taken(box: RunningStarknetBox, sending: Sending): Promise<string> {
  const { result, error } = await send(box, sending)
  if (error !== undefined) throw new Error(JSON.stringify(error))
  return (result as { transaction_hash: string }).transaction_hash
}

export async function statusOf(box: RunningStarknetBox, transaction: string): Promise<string> {
  const { result, error } = await ask(box, 'starknet_getTransactionStatus', [transaction])
  return error === undefined
    ? (result as { finality_status: string }).finality_status
    : `error ${error.code}`
}

export async function nonceOf(box: RunningStarknetBox, block: unknown, account = 0) {
  const { result } = await ask(box, 'starknet_getNonce', [block, box.accounts[account]?.address])
  return Number(result)
}

export const selectorOf = hash.getSelectorFromName
