import {
  type Abi,
  decodeErrorResult,
  encodeFunctionData,
  type Hex,
  isAddressEqual,
  pad,
  parseAbi,
  parseAbiItem,
  toHex,
} from 'viem'
import { z } from 'zod'

import { anvil } from '../../../adapters/chains/anvil.ts'
import type { L1Case } from '../../../adapters/settlement/l1-vectors.ts'

/** Offered with every transaction, as when the answers were recorded. */
const gasOffered = 16_000_000

/** What a transaction came to. */
export type Outcome = {
  readonly status: 'ok' | 'revert'
  readonly revert?: Refusal
  /** All but what outer calls keep for themselves. */
  readonly allGasBurnt: boolean
  /** The questions to fact registries, in their order. */
  readonly factQueries: readonly {
    readonly registry: Hex
    readonly fact: Hex
    readonly answer: boolean
  }[]
  readonly logs: readonly {
    readonly address: Hex
    readonly topics: readonly Hex[]
    readonly data: Hex
  }[]
  readonly output: Hex
}

export type Refusal = {
  readonly kind: 'Error' | 'Panic' | 'empty'
  readonly reason?: string
  readonly code?: string
  readonly data: Hex
}

export type Sent = {
  readonly from: Hex
  readonly to: Hex
  readonly data: Hex
  readonly value?: string
  /** Unix seconds of its block. */
  readonly timestamp?: string | undefined
  /** Versioned hashes of the blobs that come with it. */
  readonly blobs?: readonly Hex[] | undefined
}

type Receipt = {
  readonly transactionHash: Hex
  readonly status: Hex
  readonly gasUsed: Hex
  readonly logs: Outcome['logs']
}

type Trace = {
  readonly to?: Hex
  readonly input: Hex
  readonly output?: Hex
  readonly error?: string
  readonly calls?: readonly Trace[]
}

/** A node of its own by the rules of the recording, on which blocks are made at recorded times. */
export async function startReplay(timestamp: string) {
  const node = await anvil([
    '--hardfork',
    'osaka',
    '--chain-id',
    '31337',
    '--auto-impersonate',
    '--gas-price',
    '0',
    '--base-fee',
    '0',
    '--timestamp',
    timestamp,
  ])

  async function transmit({
    from,
    to,
    data,
    value = '0',
    timestamp: time,
    blobs = [],
  }: Sent): Promise<Receipt> {
    if (time !== undefined) await node.rpc('evm_setNextBlockTimestamp', Number(time))
    return (await node.mined({
      from,
      to,
      data,
      value: `0x${BigInt(value).toString(16)}`,
      gas: `0x${gasOffered.toString(16)}`,
      // A transaction with blobs has prices of its own.
      ...(blobs.length === 0
        ? { gasPrice: '0x0' }
        : { blobVersionedHashes: blobs, maxFeePerBlobGas: '0x1' }),
    })) as Receipt
  }

  async function send(sent: Sent): Promise<Outcome> {
    const receipt = await transmit(sent)
    const trace = (await node.rpc('debug_traceTransaction', receipt.transactionHash, {
      tracer: 'callTracer',
    })) as Trace
    const isOk = receipt.status === '0x1'
    return {
      status: isOk ? 'ok' : 'revert',
      ...(isOk ? {} : { revert: refusalIn(trace.output ?? '0x') }),
      allGasBurnt: Number(receipt.gasUsed) > gasOffered * 0.95,
      factQueries: queriesIn(trace),
      logs: receipt.logs,
      output: trace.output ?? '0x',
    }
  }

  return {
    node,
    send,

    /** For a step that the recording takes for granted. */
    async must(step: Sent): Promise<void> {
      const { status } = await transmit(step)
      if (status !== '0x1') throw new Error(`a step before was refused: ${JSON.stringify(step)}`)
    },

    async ask(to: Hex, data: Hex): Promise<Hex> {
      return (await node.rpc('eth_call', { to, data }, 'latest')) as Hex
    },

    async slot(at: Hex, slot: bigint): Promise<Hex> {
      return (await node.rpc('eth_getStorageAt', at, slotHex(slot), 'latest')) as Hex
    },

    /** Writes into storage what the recording found there. */
    async plant(at: Hex, slot: bigint, word: bigint): Promise<void> {
      await node.rpc('anvil_setStorageAt', at, slotHex(slot), pad(toHex(word)))
    },

    /** How each of them ended, and why the eleventh did. */
    async inOneBlock(sent: readonly Sent[]) {
      await node.rpc('evm_setAutomine', false)
      const hashes: unknown[] = []
      for (const { from, to, data } of sent)
        hashes.push(
          await node.rpc('eth_sendTransaction', {
            from,
            to,
            data,
            gas: '0x1e8480',
            gasPrice: '0x0',
          }),
        )
      await node.rpc('evm_mine')
      await node.rpc('evm_setAutomine', true)
      const statuses = await Promise.all(
        hashes.map(async (hash) => {
          const { status } = (await node.rpc('eth_getTransactionReceipt', hash)) as Receipt
          return status === '0x1' ? 'success' : 'reverted'
        }),
      )
      const trace = (await node.rpc('debug_traceTransaction', hashes[10], {
        tracer: 'callTracer',
      })) as Trace
      return { statuses, eleventh: refusalIn(trace.output ?? '0x') }
    },

    /** Where the node stands, to go back to as often as wanted. */
    async mark(): Promise<() => Promise<void>> {
      let id = await node.rpc('evm_snapshot')
      return async () => {
        await node.rpc('evm_revert', id)
        id = await node.rpc('evm_snapshot')
      }
    },
  }
}

const slotHex = (slot: bigint) => pad(toHex(slot))

export type Replay = Awaited<ReturnType<typeof startReplay>>

const isValid = parseAbi(['function isValid(bytes32) view returns (bool)'])
const isValidSelector = '0x6a938567'

function queriesIn(trace: Trace): Outcome['factQueries'] {
  const own =
    trace.input.startsWith(isValidSelector) && trace.to
      ? [
          {
            registry: trace.to,
            fact: `0x${trace.input.slice(10, 74)}` as const,
            answer: BigInt(trace.output ?? '0x0') === 1n,
          },
        ]
      : []
  return [...own, ...(trace.calls ?? []).flatMap(queriesIn)]
}

/** The calldata of an `isValid`. */
export function isValidCall(fact: Hex): Hex {
  return encodeFunctionData({ abi: isValid, functionName: 'isValid', args: [fact] })
}

/** Calldata by a function's signature, as recorded. */
export function calldata(signature: string, args: readonly unknown[]): Hex {
  const item = parseAbiItem(`function ${signature}`)
  const abi: Abi = [item] as Abi
  return encodeFunctionData({ abi, args })
}

/** A case's calldata; where it is long, the recording tells only the arguments. */
export function calldataOf({ call }: L1Case): Hex {
  if (call?.data !== undefined) return call.data
  return calldata(call?.function ?? '', z.array(z.unknown()).parse(call?.args))
}

function refusalIn(data: Hex): Refusal {
  if (data === '0x') return { kind: 'empty', data }
  const { errorName, args } = decodeErrorResult({ abi: standardErrors, data })
  return errorName === 'Error'
    ? { kind: 'Error', reason: args[0], data }
    : { kind: 'Panic', code: String(args[0]), data }
}

const standardErrors = parseAbi(['error Error(string)', 'error Panic(uint256)'])

/** The role that has an address, of those that the recording names. */
function roleOf(roles: Readonly<Record<string, Hex>>, address: Hex): string {
  return Object.entries(roles).find(([, at]) => isAddressEqual(at, address))?.[0] ?? address
}

/** An outcome as the recording tells it, for comparison with `recordedAnswer`. */
export function shown(outcome: Outcome, roles: Readonly<Record<string, Hex>>) {
  const { status, revert, allGasBurnt, factQueries, logs } = outcome
  return {
    status,
    revert: revert && { kind: revert.kind, reason: revert.reason, code: revert.code },
    allGasBurnt,
    factQueries: factQueries.map((query) => ({
      ...query,
      registry: roleOf(roles, query.registry),
    })),
    logs: logs.map(({ address, topics, data }) => ({
      emitter: roleOf(roles, address),
      topics,
      data,
    })),
  }
}

/** What the real contract answered. */
export function recordedAnswer({ result }: L1Case) {
  const { status, revert, allGasBurnt = false, factQueries = [], logs = [] } = result ?? {}
  return {
    status,
    revert: revert && { kind: revert.kind, reason: revert.reason, code: revert.code },
    allGasBurnt,
    factQueries,
    logs: logs.map(({ emitter, topics, data }) => ({ emitter, topics, data })),
  }
}
