import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'

import type { RpcRefusal } from '../../lib/adapters/rpc.ts'
import { contractReason, reasonOf } from '../../lib/adapters/starknet-revert.ts'

const file = new URL('../../../shared/vectors/core-conformance.json', import.meta.url)
const absent = existsSync(file) ? '' : ' (skipped: the shared vectors are not beside the project)'

const Shape = z.object({
  kind: z.literal('error_shape'),
  case: z.string(),
  call: z.object({ method: z.string() }),
  expect: z.object({
    error: z.optional(
      z.object({ code: z.string(), message: z.string(), data: z.optional(z.unknown()) }),
    ),
    revert_reason: z.optional(z.string()),
  }),
})
const File = z.object({ vectors: z.array(z.unknown()) })

function recorded() {
  if (absent !== '') return []
  return File.parse(JSON.parse(readFileSync(file, 'utf8'))).vectors.flatMap((vector) => {
    const shape = Shape.safeParse(vector)
    return shape.success ? [shape.data] : []
  })
}

const entryPointMissing = undefined
const nonce = 'INVALID_NONCE: current!=received '
const reasons: Readonly<Record<string, string | undefined>> = {
  call_felt_panic: 'POSITION_DOESNT_EXIST',
  call_entry_point_missing: entryPointMissing,
  call_bad_calldata: 'Failed to deserialize param #1',
  estimate_byte_array_panic: `${nonce}0!=99`,
  estimate_felt_panic: 'INVALID_MEDIAN',
  estimate_second_call_of_multicall: `${nonce}1!=99`,
  estimate_long_byte_array_panic:
    'ORACLE_PUBLIC_KEY_NOT_REGISTERED, asset_id: AssetId { value: 416789436818522072078212394507042816 }, public_key: 5',
  simulate_byte_array_panic: `${nonce}0!=99`,
  receipt_byte_array_panic: `${nonce}0!=99`,
  simulate_felt_panic: 'INVALID_MEDIAN',
  receipt_felt_panic: 'INVALID_MEDIAN',
  simulate_second_call_of_multicall: `${nonce}1!=99`,
  receipt_second_call_of_multicall: `${nonce}1!=99`,
}

describe.skipIf(absent !== '')(`what nodes answered to a refusal${absent}`, () => {
  test('is all known here', () => {
    expect(recorded().map((shape) => shape.case)).toEqual(Object.keys(reasons))
  })

  test.for(recorded().map((shape) => [shape.case, shape] as const))(
    '%s gives the contract’s reason',
    ([name, { expect: answer }]) => {
      const { error, revert_reason = '' } = answer
      const read = error
        ? contractReason({ ...error, code: Number(error.code), data: error.data })
        : reasonOf(revert_reason)
      expect(read).toBe(reasons[name])
    },
  )
})

function estimate(data: unknown): RpcRefusal {
  return { code: 41, message: 'failed', data }
}

describe('the reason of a refusal', () => {
  test.each([
    [
      'felts in brackets, one passed on',
      "(0x41 ('A'), 0x454e545259504f494e545f4641494c4544 ('ENTRYPOINT_FAILED')).",
      'A',
    ],
    ['felts in a list, one passed on', '["0x4142","0x454e545259504f494e545f4641494c4544"]', 'AB'],
    ['a felt that is no text', '["0x1"]', '0x1'],
    ['nothing but passing on', '["0x454e545259504f494e545f4641494c4544"]', 'ENTRYPOINT_FAILED'],
    ['a sentence of the node', 'Some frame\nOut of gas.\n', 'Out of gas.'],
    ['a panic by text that quotes', 'at x:\n"say \\"no\\"".\n', 'say \\"no\\"'],
    [
      'a missing entry point',
      'Error:\nEntry point EntryPointSelector(0x5) not found in contract.\n',
      'Entry point EntryPointSelector(0x5) not found in contract.',
    ],
  ])('is read from %s', (_, text, reason) => {
    expect(reasonOf(text)).toBe(reason)
  })

  test('is that of the innermost contract', () => {
    const error = { error: { error: '["0x494e4e4552"]', selector: '0x1' }, contract_address: '0x2' }
    expect(contractReason(estimate({ transaction_index: 0, execution_error: error }))).toBe('INNER')
  })

  test('may come as text alone from older nodes', () => {
    const text = "Transaction execution has failed:\n0x41 ('A').\n"
    expect(contractReason(estimate({ execution_error: text }))).toBe('A')
    expect(contractReason(estimate(text))).toBe('A')
    expect(contractReason({ code: 40, message: '', data: { revert_error: text } })).toBe('A')
  })

  test('is none where the node’s state and ours are apart, or nothing is said', () => {
    const apart = { execution_error: 'Account transaction nonce is invalid.' }
    expect(contractReason(estimate(apart))).toBeUndefined()
    expect(contractReason(estimate(undefined))).toBeUndefined()
    expect(contractReason(estimate({ transaction_index: 0 }))).toBeUndefined()
    expect(
      contractReason({ code: 24, message: 'Block not found', data: undefined }),
    ).toBeUndefined()
  })

  test('of a ByteArray without words is its pending word', () => {
    const magic = '0x46a6158a16a947e5916b2a2ca68501a45e93d7110e81aa2d6438b1c57c879a3'
    expect(reasonOf(JSON.stringify([magic, '0x0', '0x414243', '0x3']))).toBe('ABC')
    expect(reasonOf(JSON.stringify([magic, '0x0', '0x0', '0x0']))).toBe('')
  })
})
