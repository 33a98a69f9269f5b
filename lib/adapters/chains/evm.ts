import { isHex, keccak256 } from 'viem/utils'

import { type EvmFee, type Fee, FeeCapError } from '../../domain/fee.ts'
import type { BroadcastAnswer, Call, Simulation } from '../../domain/transaction.ts'
import type { Chain, Clock, EvmKey } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import {
  ChainUnavailableError,
  EndpointError,
  UnfitTransactionError,
  UnknownAccountError,
} from './errors.ts'
import { evmAnswer } from './evm-broadcast.ts'
import { checkEvm } from './evm-check.ts'
import { bumpEvm, marketFee, mostOfEvm } from './evm-fee.ts'
import { blockBy, ethCall, quantity, receiptOf, transactionOf } from './evm-read.ts'
import { type DecodeRevert, revertReason } from './evm-revert.ts'
import { onlyCall, signEvm } from './evm-sign.ts'
import { evmStatus } from './evm-status.ts'
import { jsonRpc, unexpectedRefusal } from './json-rpc.ts'

export type EvmChainOptions = {
  readonly name: string
  /** Asked in order, each only where those before it fail. */
  readonly rpcUrls: readonly string[]
  readonly chainId: number
  readonly finalityBlocks: number
  /** Keys of the accounts that send here. */
  readonly keys: readonly EvmKey[]
  readonly clock: Clock
  /** The most that one transaction may cost, in wei; without it there is no limit. */
  readonly feeCap?: bigint
  /** Words for the revert data of our contracts. */
  readonly decodeRevert?: DecodeRevert
  readonly timeoutMs?: number
}

/** An Ethereum-like chain (EIP-1559) over JSON-RPC. `rpc` is for the engines on it. */
export function evmChain(options: EvmChainOptions): Chain & { readonly rpc: Rpc } {
  const { name, chainId, clock, feeCap, decodeRevert = () => undefined } = options
  const timeout = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }
  const rpc = jsonRpc({ chain: name, urls: options.rpcUrls, clock, ...timeout })
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
    finalityBlocks: options.finalityBlocks,

    check: async () => checkEvm({ rpc, chainId, keys: options.keys }),

    async head() {
      const [header] = await rpc.values([blockBy({ tag: 'latest' })])
      if (header) return header.block
      const failure = new EndpointError('the node', 'unreadable', 'it has no newest block')
      throw new ChainUnavailableError(name, 'eth_getBlockByNumber', [failure])
    },

    async block(number) {
      const [header] = await rpc.values([blockBy({ tag: `0x${number.toString(16)}` })])
      return header?.block
    },

    async nonce(account) {
      const [latest, pending] = await rpc.values([
        quantity('eth_getTransactionCount', [account, 'latest']),
        quantity('eth_getTransactionCount', [account, 'pending']),
      ])
      return { latest: Number(latest), pending: Number(pending) }
    },

    simulate: async (account, calls) =>
      simulate({ chain: name, rpc, account, calls, decode: decodeRevert }),

    async sign(account, { calls, nonce, fee }) {
      const key = keyOf(account)
      const call = onlyCall(name, calls)
      const most = mostOfEvm(evmFee(fee))
      if (feeCap !== undefined && most > feeCap) throw new FeeCapError(name, most, feeCap)
      return signEvm(key, { chainId, call, nonce, fee: evmFee(fee) })
    },

    broadcast: async (bytes) => broadcast({ chain: name, rpc, bytes }),
    status: async (hash) => evmStatus(rpc, hash, decodeRevert),
    bump: (fee, market) => bumpEvm(evmFee(fee), evmFee(market)),

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
  const { to, data } = onlyCall(chain, run.calls)
  if (!isHex(run.account)) throw new UnknownAccountError(chain, run.account)
  const call = { from: run.account, to, data }
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
  const market = { gas: gas.value, baseFeePerGas, priorityFeePerGas: tip.value }
  return { kind: 'ok', fee: marketFee(market) }
}

async function broadcast(sent: {
  readonly chain: string
  readonly rpc: Rpc
  readonly bytes: string
}): Promise<BroadcastAnswer> {
  const { chain, rpc, bytes } = sent
  if (!isHex(bytes)) throw new UnfitTransactionError(chain, 'the bytes are not hex')
  const method = 'eth_sendRawTransaction'
  const [answer] = await rpc.answers([{ method, params: [bytes], read: String }])
  if (answer.kind === 'result') return { kind: 'accepted' }
  const meaning = evmAnswer(answer.error)
  if (!meaning) throw unexpectedRefusal(chain, method, answer.error)
  if (meaning.kind !== 'refused' || meaning.why !== 'nonce-too-low') return meaning
  // A nonce is also too low where these very bytes have used it.
  const hash = keccak256(bytes)
  const [receipt, transaction] = await rpc.values([receiptOf(hash), transactionOf(hash)])
  return receipt || transaction ? { kind: 'known' } : meaning
}
