import { assertBytes, assertFelt } from './panic.ts'

// Layout, texts and order of checks: keep-starknet-strange/piltover, snos_output.cairo.

export type MessageToStarknet = {
  readonly from: bigint
  readonly to: bigint
  readonly payload: readonly bigint[]
}

export type MessageToAppchain = MessageToStarknet & {
  readonly nonce: bigint
  readonly selector: bigint
}

/** As much of an appchain's proved output as the contract reads. */
export type AppchainOutput = {
  readonly previousRoot: bigint
  readonly newRoot: bigint
  readonly previousNumber: bigint
  readonly newNumber: bigint
  readonly newHash: bigint
  readonly configHash: bigint
  readonly toStarknet: readonly MessageToStarknet[]
  readonly toAppchain: readonly MessageToAppchain[]
}

/** The bootloader's words before the program's. */
const bootloaderWords = 3
const headerWords = 10
const starknetHeader = 3
const appchainHeader = 5

/** Panics where it is none. Words after the messages, and what is too short for a message, are left. */
export function readAppchainOutput(words: readonly bigint[]): AppchainOutput {
  const header = words.slice(bootloaderWords, bootloaderWords + headerWords)
  const [usesKzg, isFull, osProgram] = [8, 9, 6].map((at) => wordAt(header, at))
  assertBytes(osProgram === 0n, 'Aggregator program is not supported yet')
  assertBytes(usesKzg === 0n, 'KZG DA is not supported yet')
  assertBytes(isFull === 0n, 'Full output is not supported')
  const after = bootloaderWords + headerWords
  const starknet = segmentAt(words, after, 'Invalid n_messages_to_l1')
  const appchain = segmentAt(words, starknet.end, 'Invalid n_messages_to_l2')
  return {
    previousRoot: wordAt(header, 0),
    newRoot: wordAt(header, 1),
    previousNumber: wordAt(header, 2),
    newNumber: wordAt(header, 3),
    newHash: wordAt(header, 5),
    configHash: wordAt(header, 7),
    toStarknet: messagesIn(starknet.words, starknetHeader),
    toAppchain: messagesIn(appchain.words, appchainHeader).map(({ header: said, ...message }) => ({
      ...message,
      nonce: wordAt(said, 2),
      selector: wordAt(said, 3),
    })),
  }
}

export function wordAt(words: readonly bigint[], at: number): bigint {
  const word = words[at]
  assertFelt(word !== undefined, 'Index out of bounds')
  return word
}

/** A length, and as many words as there are up to it. */
function segmentAt(words: readonly bigint[], at: number, refusal: string) {
  const length = words[at]
  assertFelt(length !== undefined, 'Option::unwrap failed.')
  const size = lengthOf(length, refusal)
  const segment = words.slice(at + 1, at + 1 + size)
  return { words: segment, end: at + 1 + segment.length }
}

/** Sender, receiver, and at the end of its header how many words it carries. */
function messagesIn(words: readonly bigint[], headerSize: number) {
  const messages: (MessageToStarknet & { readonly header: readonly bigint[] })[] = []
  let at = 0
  while (words.length - at >= headerSize) {
    const header = words.slice(at, at + headerSize)
    const size = lengthOf(wordAt(header, headerSize - 1), 'Invalid payload size')
    const payload = words.slice(at + headerSize, at + headerSize + size)
    const from = addressOf(wordAt(header, 0), 'Invalid from address')
    const to = addressOf(wordAt(header, 1), 'Invalid to address')
    messages.push({ from, to, payload, header })
    at += headerSize + payload.length
  }
  return messages
}

function lengthOf(word: bigint, refusal: string): number {
  assertFelt(word < 2n ** 32n, refusal)
  return Number(word)
}

function addressOf(word: bigint, refusal: string): bigint {
  assertFelt(word < 2n ** 251n, refusal)
  return word
}
