import * as z from 'zod/mini'

import type { RpcRefusal } from './rpc.ts'
import { Felt, shortString } from './starknet-felt.ts'

/**
 * Why a contract refused, from the error of a call (40) or of an estimate or simulation (41); undefined where the error tells of no
 * contract's refusal. Both nest one frame per contract (starknet-specs, CONTRACT_EXECUTION_ERROR); the innermost knows why.
 */
export function contractReason({ code, data }: RpcRefusal): string | undefined {
  if (code !== 40 && code !== 41) return undefined
  const read = Data.safeParse(data)
  const error = read.success ? (read.data.revert_error ?? read.data.execution_error) : data
  if (error === undefined) return undefined
  const innermost = innermostError(error)
  // The node could not even begin: its state and ours are apart, and the next try sees another state.
  if (innermost === undefined || /\bnonce is invalid|invalid transaction nonce/i.test(innermost))
    return undefined
  return reasonOf(innermost)
}

const Data = z.object({
  revert_error: z.optional(z.unknown()),
  execution_error: z.optional(z.unknown()),
})
const Frame = z.object({ error: z.unknown() })

function innermostError(error: unknown): string | undefined {
  if (typeof error === 'string') return error
  const frame = Frame.safeParse(error)
  return frame.success ? innermostError(frame.data.error) : undefined
}

/** The reason in an execution's own words: a list of felts, or text whose last line has it (receipts, traces). */
export function reasonOf(text: string): string {
  const list = /\[(?:\s*"0x[0-9a-fA-F]+"\s*,?)+\]\s*$/.exec(text)?.[0]
  if (list !== undefined) return wordsOf(Felts.parse(JSON.parse(list)))
  const last = text.trimEnd().split('\n').at(-1)?.trim() ?? ''
  const quoted = /"(?<inner>.*)"\)?\.?$/.exec(last)?.groups?.['inner']
  if (quoted !== undefined) return quoted
  const felts = last.match(/0x[0-9a-fA-F]+(?= \('|[,)]|\.?$)/g)
  return felts && panicLine.test(last) ? wordsOf(felts.map(BigInt)) : last
}

/** `0x… ('NAME').`, or several in brackets. */
const panicLine = /^\(?0x[0-9a-fA-F]+/

const Felts = z.array(Felt)

/** What Cairo puts before a serialised ByteArray when it panics with one. */
const byteArrayMagic = 0x46a6158a16a947e5916b2a2ca68501a45e93d7110e81aa2d6438b1c57c879a3n

/** Says only that the frame above passed the panic on. */
const passedOn = 'ENTRYPOINT_FAILED'

function wordsOf(felts: readonly bigint[]): string {
  const [first, ...rest] = felts
  if (first === byteArrayMagic) return byteArray(rest) ?? rest.map(hex).join(', ')
  const words = felts.map((felt) => shortString(felt) ?? hex(felt))
  return words.filter((word) => word !== passedOn).join(', ') || passedOn
}

function hex(felt: bigint): string {
  return `0x${felt.toString(16)}`
}

/** `count, count words of 31 bytes, pending word, its length`; undefined where it is not that. */
function byteArray(felts: readonly bigint[]): string | undefined {
  const count = Number(felts[0])
  const pending = felts[count + 1]
  const pendingBytes = Number(felts[count + 2])
  if (pending === undefined || Number.isNaN(pendingBytes) || pendingBytes > 30) return undefined
  const words = felts.slice(1, count + 1).map((word) => bytes(word, 31))
  return Buffer.concat([...words, bytes(pending, pendingBytes)]).toString('utf8')
}

function bytes(word: bigint, length: number): Buffer {
  return Buffer.from(word.toString(16).padStart(2 * length, '0'), 'hex').subarray(0, length)
}
