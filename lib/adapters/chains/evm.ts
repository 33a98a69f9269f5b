import { isHex, keccak256 } from 'viem/utils'

import { type EvmFee, type Fee, FeeCapError } from '../../domain/fee.ts'
import type { BroadcastAnswer, Call, Simulation } from '../../domain/transaction.ts'
import type { BlobSidecars, Chain, Clock, EvmKey } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { UnfitTransactionError, UnknownAccountError } from './errors.ts'
import { asPooled } from './evm-blobs.ts'
import { evmAnswer } from './evm-broadcast.ts'
import { checkEvm } from './evm-check.ts'
import { bumpEvm, marketFee, mostOfEvm } from './evm-fee.ts'
import { blockBy, ethCall, newestBlock, quantity, receiptOf, transactionOf } from './evm-read.ts'
import { type DecodeRevert, revertReason } from './evm-revert.ts'
import { onlyCall, signEvm } from './evm-sign.ts'
import { evmStatus } from './evm-status.ts'
import { nonceReader } from './nonce-reader.ts'
import { unexpectedRefusal, valueOf } from './refusal.ts'
import { type RpcSet, rpcSet } from './rpc-set.ts'
import { sendEverywhere } from './send-everywhere.ts'

export type EvmChainOptions = {
  readonly name: string
  /** Nodes of the chain, at least one; of equally good ones the first is asked. */
  readonly rpcUrls: readonly string[]
  readonly chainId: number
  readonly blockSeconds: number
  readonly finalityBlocks: number
  /** Keys of the accounts that send here. */
  readonly keys: readonly EvmKey[]
  readonly clock: Clock
  /** Where the blobs of transactions are; without it none of them can be sent. */
  readonly sidecars?: Pick<BlobSidecars, 'read'> | undefined
  /** The most that one transaction may cost, in wei; without it there is no limit. */
  readonly feeCap?: bigint
  /** Words for the revert data of our contracts. */
  readonly decodeRevert?: DecodeRevert
  readonly timeoutMs?: number
  /** Ends every question that has no answer yet, and each new one. */
  readonly cutOff?: AbortSignal | undefined
}

/** An Ethereum-like chain (EIP-1559) over JSON-RPC. `rpc` is for the engines on it. */
export function evmChain(options: EvmChainOptions): Chain & { readonly rpc: Rpc } {
  const { name, chainId, blockSeconds, clock, feeCap, decodeRevert = () => undefined } = options
  const rpc = rpcSet({
    chain: name,
    urls: options.rpcUrls,
    clock,
    blockSeconds,
    probe: {
      chainId: quantity('eth_chainId'),
      expected: BigInt(chainId),
      nameOf: String,
      head: newestBlock,
    },
    timeoutMs: options.timeoutMs,
    cutOff: options.cutOff,
  })
  const readNonce = nonceReader({
    chain: name,
    rpc,
    head: newestBlock,
    nonces: (account) => [
      quantity('eth_getTransactionCount', [account, 'latest']),
      quantity('eth_getTransactionCount', [account, 'pending']),
    ],
    read: (answer, host) => Number(valueOf(answer, host)),
  })
  const keys = new Map(options.keys.map((key) => [key.address.toLowerCase(), key]))

  function keyOf(account: string): EvmKey {
    const key = keys.get(account.toLowerCase())
    if (!key) throw new UnknownAccountError(name, account)
    return key
  }

  function evmFee(fee: Fee): EvmFee {
    if (fee.kind !== 'evm') throw new UnfitTransactionError(name, `the fee is a ${fee.kind} one`)
    return fee
  }

  return {
    name,
    kind: 'evm',
    rpc,
    blockSeconds,
    finalityBlocks: options.finalityBlocks,

    check: async () => checkEvm({ rpc, keys: options.keys }),
    nodes: () => rpc.nodes(),
    head: async () => rpc.head(),

    async block(number) {
      const [header] = await rpc.values([blockBy({ tag: `0x${number.toString(16)}` })])
      return header?.block
    },

    nonce: readNonce,

    simulate: async (account, calls) =>
      simulate({ chain: name, rpc, account, calls, decode: decodeRevert }),

    async sign(account, { calls, nonce, fee }) {
      const key = keyOf(account)
      const call = onlyCall(name, calls)
      if (call.blobs && !evmFee(fee).blobs)
        throw new UnfitTransactionError(name, 'its fee offers nothing for its blobs')
      const most = mostOfEvm(evmFee(fee))
      if (feeCap !== undefined && most > feeCap) throw new FeeCapError(name, most, feeCap)
      return signEvm(key, { chainId, call, nonce, fee: evmFee(fee) })
    },

    broadcast: async (bytes) => broadcast({ chain: name, rpc, bytes, sidecars: options.sidecars }),
    status: async (hash) => evmStatus(rpc, hash, decodeRevert),
    bump: (fee, market) => bumpEvm(evmFee(fee), evmFee(market)),
    mostOf: (fee) => mostOfEvm(evmFee(fee)),

    async balance(account) {
      const [wei] = await rpc.values([quantity('eth_getBalance', [account, 'latest'])])
      return wei
    },
  }
}

async function simulate(run: {
  readonly chain: string
  readonly rpc: Rpc
  readonly account: string
  readonly calls: readonly Call[]
  readonly decode: DecodeRevert
}): Promise<Simulation> {
  const { chain, rpc, decode } = run
  const { to, data, blobs } = onlyCall(chain, run.calls)
  if (!isHex(run.account)) throw new UnknownAccountError(chain, run.account)
  const call = { from: run.account, to, data, ...(blobs && { blobVersionedHashes: blobs }) }
  const [executed, gas, header, tip] = await rpc.answers([
    ethCall(call, 'pending'),
    quantity('eth_estimateGas', [call, 'pending']),
    blockBy({ tag: 'latest' }),
    quantity('eth_maxPriorityFeePerGas'),
  ])
  // The call tells why, the estimate may fail for its own reasons; so the call speaks first.
  for (const answer of [executed, gas]) {
    if (answer.kind === 'result') continue
    const reason = revertReason(answer.error, decode)
    if (reason !== undefined) return { kind: 'reverted', reason }
    throw unexpectedRefusal(chain, 'eth_call', answer.error)
  }
  if (gas.kind === 'error') throw unexpectedRefusal(chain, 'eth_estimateGas', gas.error)
  if (tip.kind === 'error') throw unexpectedRefusal(chain, 'eth_maxPriorityFeePerGas', tip.error)
  if (header.kind === 'error') throw unexpectedRefusal(chain, 'eth_getBlockByNumber', header.error)
  const baseFeePerGas = header.value?.baseFeePerGas
  if (baseFeePerGas === undefined)
    throw new UnfitTransactionError(chain, 'its blocks have no base fee (EIP-1559)')
  const market = {
    gas: gas.value,
    baseFeePerGas,
    priorityFeePerGas: tip.value,
    blobs: blobs && { count: blobs.length, baseFeePerGas: await blobBaseFee(rpc) },
  }
  const said = executed.kind === 'result' && { returned: executed.value }
  return { kind: 'ok', fee: marketFee(market), ...said }
}

async function blobBaseFee(rpc: Rpc): Promise<bigint> {
  const [price] = await rpc.values([quantity('eth_blobBaseFee')])
  return price
}

async function broadcast(sent: {
  readonly chain: string
  readonly rpc: RpcSet
  readonly bytes: string
  readonly sidecars: EvmChainOptions['sidecars']
}): Promise<BroadcastAnswer> {
  const { chain, rpc, bytes, sidecars } = sent
  if (!isHex(bytes)) throw new UnfitTransactionError(chain, 'the bytes are not hex')
  const method = 'eth_sendRawTransaction'
  const request = { method, params: [await asPooled(bytes, sidecars)], read: String }
  const said = await sendEverywhere({ chain, rpc, request, meaningOf: evmAnswer })
  if (said.kind !== 'refused' || said.why !== 'nonce-too-low') return said
  // A nonce is also too low where these very bytes have used it.
  const hash = keccak256(bytes)
  const [receipt, transaction] = await rpc.values([receiptOf(hash), transactionOf(hash)])
  return receipt || transaction ? { kind: 'known' } : said
}
