import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  buildProgramOutput,
  type CoreOutput,
  kzgSegment,
  parseProgramOutput,
  ProgramOutputError,
} from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { l1Cases, l1Recording, titledL1, Words } from '../l1-vectors.ts'
import { anOutput } from './an-output.ts'
import { recordedUpdates } from './recorded-updates.ts'

describe('a program output', () => {
  test('is read as it was built', () => {
    fc.assert(
      fc.property(anOutput, (output) => {
        expect(parseProgramOutput(buildProgramOutput(output))).toEqual(output)
      }),
    )
  })

  test('is refused wherever it is cut, and where it goes on', () => {
    fc.assert(
      fc.property(anOutput, fc.double({ min: 0, max: 1, noNaN: true }), (output, part) => {
        const words = buildProgramOutput(output)
        const cut = words.slice(0, Math.floor(part * (words.length - 1)))
        expect(() => parseProgramOutput(cut)).toThrow(ProgramOutputError)
        expect(() => parseProgramOutput([...words, 0n])).toThrow('STARKNET_OUTPUT_TOO_LONG')
      }),
    )
  })

  test('has no word outside the field', () => {
    const [output] = fc.sample(anOutput, 1)
    if (!output) throw new Error('there is no sample')
    const message = { from: 1n, to: 2n, payload: [2n ** 252n] }
    expect(() => buildProgramOutput({ ...output, toL1: [message] })).toThrow(
      'PROGRAM_OUTPUT_VALUE_OUT_OF_RANGE',
    )
  })
})

/** What the core refuses in an output by itself; the rest depends on where it stands. */
const ownReasons = new Set([
  'STARKNET_OUTPUT_TOO_SHORT',
  'STARKNET_OUTPUT_TOO_LONG',
  'KZG_SEGMENT_TOO_SHORT',
  'INVALID_KZG_COMMITMENT',
  'INVALID_Y_VALUE',
  'FULL_OUTPUT_NOT_SUPPORTED',
  'INVALID_MESSAGE_SEGMENT_SIZE',
  'MESSAGE_TOO_SHORT',
  'INVALID_PAYLOAD_LENGTH',
  'TRUNCATED_MESSAGE_PAYLOAD',
])

describe.skipIf(l1Recording === undefined)(titledL1('the words as recorded'), () => {
  test.for(l1Cases('starknet.layout.', 'layout').map((one) => [one.id, one] as const))(
    '%s',
    ([, { words = [] }]) => {
      const values = words.map(({ value }) => BigInt(value))
      const output = parseProgramOutput(values)
      expect(buildProgramOutput(output)).toEqual(values)
      const fields = words.map(({ field }) => [field, fieldOf(output, field)])
      expect(fields).toEqual(words.map(({ field, value }) => [field, BigInt(value)]))
    },
  )

  test.for(l1Cases('starknet.update.kzg-words-', 'hash').map((one) => [one.id, one] as const))(
    '%s',
    ([, { inputs, outputs }]) => {
      const { z: point, commitments, evaluations } = Kzg.parse(inputs)
      const blobs = commitments.map((commitment, at) => ({
        commitment,
        value: BigInt(evaluations[at] ?? 0),
      }))
      expect(kzgSegment({ kind: 'blobs', point: BigInt(point), blobs })).toEqual(
        Words.parse(outputs?.['segment']),
      )
    },
  )

  test('an output is refused here for what the core refused it for', () => {
    const refused = recordedUpdates.flatMap(({ one, programOutput }) => {
      const { reason, code } = one.result?.revert ?? {}
      const own = code === undefined ? reason : `Panic(${Number(code)})`
      return own !== undefined && (code !== undefined || ownReasons.has(own))
        ? [[one.id, programOutput, own] as const]
        : []
    })
    expect(refused.length).toBeGreaterThan(15)
    const seen = refused.map(([id, words]) => [id, refusalOf(words)])
    expect(seen).toEqual(refused.map(([id, , reason]) => [id, reason]))
  })

  test('an output that the core took is read', () => {
    const taken = recordedUpdates.filter(({ one }) => one.result?.status === 'ok')
    expect(taken.length).toBeGreaterThan(5)
    for (const { programOutput } of taken)
      expect(buildProgramOutput(parseProgramOutput(programOutput))).toEqual(programOutput)
  })
})

const Kzg = z.object({
  z: z.string(),
  commitments: z.array(z.templateLiteral(['0x', z.string()])),
  evaluations: z.array(z.string()),
})

/** What it is refused for; undefined where it is read. */
function refusalOf(words: readonly bigint[]): string | undefined {
  try {
    parseProgramOutput(words)
  } catch (error) {
    return error instanceof ProgramOutputError ? error.reason : String(error)
  }
  return undefined
}

/** By the recorder's own names. */
function fieldOf({ header, data, toL1, toL2 }: CoreOutput, field: string): bigint {
  if (field in header) return asWord(header[field as keyof typeof header])
  if (field === 'useKzgDa') return data.kind === 'blobs' ? 1n : 0n
  if (field === 'fullOutput') return 0n
  const [, list = '', at = '0', name = '', inner = ''] =
    /^(?<list>\w+)(?:\[(?<at>\d+)\])?\.(?<name>\w+)(?:\[(?<inner>\d+)\])?/.exec(field) ?? []
  if (list === 'kzg') return kzgField(data, field)
  const messages = list === 'toL1' ? toL1 : toL2
  const prefix = list === 'toL1' ? 3 : 5
  if (name === 'words')
    return messages.reduce((sum, { payload }) => sum + BigInt(prefix + payload.length), 0n)
  const message: Readonly<Record<string, unknown>> = messages[Number(at)] ?? {}
  const payload = z.array(z.bigint()).parse(message['payload'])
  if (name === 'payloadLength') return BigInt(payload.length)
  if (name === 'payload') return payload[Number(inner)] ?? -1n
  return z.bigint().parse(message[name])
}

function kzgField(data: CoreOutput['data'], field: string): bigint {
  if (data.kind === 'calldata') throw new Error('there are no blobs')
  if (field === 'kzg.z') return data.point
  if (field === 'kzg.nBlobs') return BigInt(data.blobs.length)
  const [, name = '', at = '0', half = ''] =
    /^kzg\.(?<name>\w+)\[(?<at>\d+)\]\.(?<half>\w+)$/.exec(field) ?? []
  const { commitment = '0x0', value = 0n } = data.blobs[Number(at)] ?? {}
  const [whole, size] = name === 'commitment' ? [BigInt(commitment), 192n] : [value, 128n]
  return half === 'low' ? BigInt.asUintN(Number(size), whole) : whole >> size
}

const asWord = (value: bigint) => (value === -1n ? 2n ** 251n + 17n * 2n ** 192n : value)
