import { starkPrime } from '../facts/stark-prime.ts'

/** What the Starknet OS, or the program that joins its runs, puts out: the transition, and what passes between the layers. */
export type CoreOutput = {
  readonly header: CoreHeader
  readonly data: CoreData
  readonly toL1: readonly MessageToL1[]
  readonly toL2: readonly MessageToL2[]
}

/** The transition itself, in the order of its words. */
export type CoreHeader = {
  readonly prevRoot: bigint
  readonly newRoot: bigint
  /** −1 before the first block. */
  readonly prevBlockNumber: bigint
  readonly newBlockNumber: bigint
  readonly prevBlockHash: bigint
  readonly newBlockHash: bigint
  /** The program whose runs were joined; 0 where the output is the OS's own. */
  readonly osProgramHash: bigint
  readonly configHash: bigint
}

/** Where the block's data is: in pages beside the output, or in blobs, of which the output tells. */
export type CoreData =
  | { readonly kind: 'calldata' }
  | {
      readonly kind: 'blobs'
      /** Where all of them are evaluated. */
      readonly point: bigint
      readonly blobs: readonly BlobClaim[]
    }

/** That the blob of this commitment has this value at the output's point. */
export type BlobClaim = {
  /** 48 bytes. */
  readonly commitment: `0x${string}`
  readonly value: bigint
}

export type MessageToL1 = {
  readonly from: bigint
  readonly to: bigint
  readonly payload: readonly bigint[]
}

export type MessageToL2 = MessageToL1 & { readonly nonce: bigint; readonly selector: bigint }

/** Words of the header. */
export const headerWords = 10

/** The contract's word for the block before the first. */
const beforeFirst = starkPrime - 1n
/** No segment and no payload has as many words. */
const tooMany = 2n ** 30n
/** A commitment's two words, and a value's. */
const commitmentLimit = 2n ** 192n
const valueLimit = 2n ** 128n

export function buildProgramOutput({ header, data, toL1, toL2 }: CoreOutput): readonly bigint[] {
  const { prevBlockNumber } = header
  const words = [
    header.prevRoot,
    header.newRoot,
    prevBlockNumber === -1n ? beforeFirst : prevBlockNumber,
    header.newBlockNumber,
    header.prevBlockHash,
    header.newBlockHash,
    header.osProgramHash,
    header.configHash,
    data.kind === 'blobs' ? 1n : 0n,
    0n,
    ...kzgSegment(data),
    ...segment(toL1.map(({ from, to, payload }) => [from, to, ...withLength(payload)])),
    ...segment(
      toL2.map(({ from, to, nonce, selector, payload }) => [
        from,
        to,
        nonce,
        selector,
        ...withLength(payload),
      ]),
    ),
  ]
  if (!words.every(isFelt)) throw new ProgramOutputError('PROGRAM_OUTPUT_VALUE_OUT_OF_RANGE')
  return words
}

/** The words that tell of the blobs: the point, how many, their commitments and their values, each with its low half first. */
export function kzgSegment(data: CoreData): readonly bigint[] {
  if (data.kind === 'calldata') return []
  const { point, blobs } = data
  const commitments = blobs.flatMap(({ commitment }) => halves(BigInt(commitment), commitmentLimit))
  const values = blobs.flatMap(({ value }) => halves(value, valueLimit))
  return [point, BigInt(blobs.length), ...commitments, ...values]
}

/** Reads an output as the contract does; throws `ProgramOutputError` with the contract's own reason where it would refuse any such one. */
export function parseProgramOutput(words: readonly bigint[]): CoreOutput {
  if (words.length <= headerWords) throw new ProgramOutputError('STARKNET_OUTPUT_TOO_SHORT')
  const usesBlobs = word(words, 8)
  if (usesBlobs > 1n) throw new ProgramOutputError('UNEXPECTED_KZG_DA_FLAG')
  const { data, end: messagesAt } = usesBlobs === 1n ? blobsIn(words) : calldataOnly
  if (!words.every(isFelt)) throw new ProgramOutputError('PROGRAM_OUTPUT_VALUE_OUT_OF_RANGE')
  if (word(words, 9) !== 0n) throw new ProgramOutputError('FULL_OUTPUT_NOT_SUPPORTED')
  const toL1 = messagesIn(words, messagesAt, 3)
  const toL2 = messagesIn(words, toL1.end, 5)
  if (toL2.end !== words.length) throw new ProgramOutputError('STARKNET_OUTPUT_TOO_LONG')
  return {
    header: readHeader(words),
    data,
    toL1: toL1.messages.map(({ prefix: [from = 0n, to = 0n], payload }) => ({ from, to, payload })),
    toL2: toL2.messages.map(
      ({ prefix: [from = 0n, to = 0n, nonce = 0n, selector = 0n], payload }) => ({
        from,
        to,
        nonce,
        selector,
        payload,
      }),
    ),
  }
}

/** The transition alone, whatever comes after it. */
export function readHeader(words: readonly bigint[]): CoreHeader {
  if (words.length < headerWords) throw new ProgramOutputError('STARKNET_OUTPUT_TOO_SHORT')
  const number = word(words, 2)
  return {
    prevRoot: word(words, 0),
    newRoot: word(words, 1),
    prevBlockNumber: number === beforeFirst ? -1n : number,
    newBlockNumber: word(words, 3),
    prevBlockHash: word(words, 4),
    newBlockHash: word(words, 5),
    osProgramHash: word(words, 6),
    configHash: word(words, 7),
  }
}

const calldataOnly = { data: { kind: 'calldata' }, end: headerWords } as const

function blobsIn(words: readonly bigint[]): { readonly data: CoreData; readonly end: number } {
  if (words.length < headerWords + 2) throw new ProgramOutputError('KZG_SEGMENT_TOO_SHORT')
  const count = word(words, headerWords + 1)
  const end = BigInt(headerWords) + 2n + 4n * count
  if (end > words.length) throw new ProgramOutputError('KZG_SEGMENT_TOO_SHORT')
  const commitmentsAt = headerWords + 2
  const valuesAt = commitmentsAt + 2 * Number(count)
  const blobs = Array.from({ length: Number(count) }, (_, at): BlobClaim => {
    const commitment = whole(words, commitmentsAt + 2 * at, commitmentLimit)
    if (commitment === undefined) throw new ProgramOutputError('INVALID_KZG_COMMITMENT')
    const value = whole(words, valuesAt + 2 * at, valueLimit)
    if (value === undefined) throw new ProgramOutputError('INVALID_Y_VALUE')
    return { commitment: `0x${commitment.toString(16).padStart(96, '0')}`, value }
  })
  return { data: { kind: 'blobs', point: word(words, headerWords), blobs }, end: Number(end) }
}

/** The messages of a segment, each of so many words before its payload, the last of them the payload's length. */
function messagesIn(words: readonly bigint[], at: number, prefixWords: number) {
  const size = word(words, at)
  if (size >= tooMany) throw new ProgramOutputError('INVALID_MESSAGE_SEGMENT_SIZE')
  const end = at + 1 + Number(size)
  const messages: { readonly prefix: readonly bigint[]; readonly payload: readonly bigint[] }[] = []
  let next = at + 1
  while (next < end) {
    const payloadAt = next + prefixWords
    if (payloadAt > words.length) throw new ProgramOutputError('MESSAGE_TOO_SHORT')
    const length = word(words, payloadAt - 1)
    if (length >= tooMany) throw new ProgramOutputError('INVALID_PAYLOAD_LENGTH')
    const after = payloadAt + Number(length)
    if (after > words.length) throw new ProgramOutputError('TRUNCATED_MESSAGE_PAYLOAD')
    messages.push({
      prefix: words.slice(next, payloadAt - 1),
      payload: words.slice(payloadAt, after),
    })
    next = after
  }
  if (next !== end) throw new ProgramOutputError('INVALID_MESSAGE_SEGMENT_SIZE')
  return { messages, end }
}

function isFelt(value: bigint): boolean {
  return value >= 0n && value < starkPrime
}

/** Solidity's panic where the output ends too early for a segment to begin. */
function word(words: readonly bigint[], at: number): bigint {
  const found = words[at]
  if (found === undefined) throw new ProgramOutputError('Panic(50)')
  return found
}

/** A number in two words; undefined where one is too large for its half. */
function whole(words: readonly bigint[], at: number, limit: bigint): bigint | undefined {
  const low = word(words, at)
  const high = word(words, at + 1)
  return low < limit && high < limit ? high * limit + low : undefined
}

function halves(value: bigint, limit: bigint): readonly bigint[] {
  return [value % limit, value / limit]
}

function withLength(payload: readonly bigint[]): readonly bigint[] {
  return [BigInt(payload.length), ...payload]
}

function segment(messages: readonly (readonly bigint[])[]): readonly bigint[] {
  return withLength(messages.flat())
}

/** No core would take such an output, wherever it stands. */
export class ProgramOutputError extends Error {
  override readonly name = 'ProgramOutputError'
  /** The contract's own. */
  readonly reason: string

  constructor(reason: string) {
    super(`the core would refuse the program's output: ${reason}`)
    this.reason = reason
  }
}
