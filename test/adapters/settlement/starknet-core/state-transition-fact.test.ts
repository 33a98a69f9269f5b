import { concat, encodeAbiParameters, keccak256, numberToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  messageToL1Hash,
  messageToL2Hash,
} from '../../../../lib/adapters/settlement/starknet-core/message-hash.ts'
import { parseProgramOutput } from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import {
  coreFact,
  stateTransitionFact,
} from '../../../../lib/adapters/settlement/starknet-core/state-transition-fact.ts'
import { l1Cases, l1Recording, titledL1, Words } from '../l1-vectors.ts'
import { recordedUpdates } from './recorded-updates.ts'

const words = Array.from({ length: 12 }, (_, at) => BigInt(at))
const word = (value: bigint) => numberToHex(value, { size: 32 })

describe('the fact of an update', () => {
  test('with blobs is that of one page, under the program’s hash', () => {
    const page = keccak256(concat(words.map(word)))
    const joined = { programOutput: words, data: { kind: 'blobs', proofs: [] } } as const
    // The seventh word names the joined program, so the joining one's hash is the fact's.
    const programs = { programHash: 6n, aggregatorProgramHash: 99n }
    expect(coreFact(joined, programs)).toBe(
      keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'bytes32' }], [99n, page])),
    )
  })

  test('with data beside it is that of two pages, whose ends count from the start of all', () => {
    const page = keccak256(concat(words.map(word)))
    const node = keccak256(concat([page, word(12n), word(77n), word(12n + 30n)]))
    expect(stateTransitionFact(words, { kind: 'calldata', hash: 77n, size: 30n })).toBe(
      word(BigInt(node) + 1n),
    )
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('the facts as recorded'), () => {
  test('are those that the core asked for', () => {
    const known = recordedUpdates.flatMap(({ ours, ...rest }) => (ours ? [{ ours, ...rest }] : []))
    expect(known.length).toBeGreaterThan(40)
    const own = known.map(({ one, ours, programOutput, data }) => {
      const { programHashUsed } = ours
      const programs = { programHash: programHashUsed, aggregatorProgramHash: programHashUsed }
      const transition = stateTransitionFact(programOutput, data)
      return [one.id, transition, coreFact({ programOutput, data }, programs)]
    })
    expect(own).toEqual(
      known.map(({ one, ours }) => [one.id, ours.stateTransitionFact, ours.sharpFact]),
    )
    const asked = known.flatMap(({ one, ours }) =>
      (one.result?.factQueries ?? []).map(({ fact }) => [fact, ours.sharpFact] as const),
    )
    expect(asked.length).toBeGreaterThan(20)
    for (const [fact, computed] of asked) expect(computed).toBe(fact)
  })

  test.for(l1Cases('starknet.message.hash.', 'hash').map((one) => [one.id, one] as const))(
    '%s',
    ([, { inputs, outputs }]) => {
      const message = Message.parse(inputs)
      const { nonce, selector } = message
      const hash =
        nonce === undefined || selector === undefined
          ? messageToL1Hash(message)
          : messageToL2Hash({ ...message, nonce, selector })
      expect(hash).toBe(outputs?.['contract'])
    },
  )

  test('name the messages to L2 as the core gave their hashes back', () => {
    const sent = l1Cases('starknet.message.send.', 'tx').filter(
      ({ result }) => result?.status === 'ok',
    )
    expect(sent.length).toBeGreaterThan(0)
    for (const one of sent) {
      const [hash, nonce] = z.tuple([z.string(), big]).parse(one.result?.returned)
      const [to, selector, payload] = z.tuple([big, big, Words]).parse(one.call?.args)
      const from = BigInt(l1Recording?.roles['starknet']?.[one.call?.from ?? ''] ?? 0)
      expect(messageToL2Hash({ from, to, nonce, selector, payload })).toBe(hash)
    }
  })

  test('and one to L2 by its words in the output, as its sender named it when taking it back', () => {
    const cancelled = l1Cases('starknet.message.cancel.on-the-second', 'tx').at(0)?.result?.returned
    // The recorder cancels, on another branch of its chain, the message of nonce 0 that an update consumes.
    const consumed = recordedUpdates
      .filter(({ one }) => one.id === 'starknet.update.messages.consumed-while-cancelling')
      .flatMap(({ programOutput }) => parseProgramOutput(programOutput).toL2)
    expect(consumed.map(messageToL2Hash)).toEqual([cancelled])
  })
})

const big = z.string().transform((text) => BigInt(text))
const Message = z.object({
  from: big,
  to: big,
  payload: Words,
  nonce: big.optional(),
  selector: big.optional(),
})
