import { hash } from 'starknet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'

import { hashOfCairo, readCairoClass } from '../../../infra/contracts/cairo/cairo-class.ts'
import { coreSource } from '../../../infra/contracts/core/core-class.ts'
import { findDevnet } from '../../../infra/local/devnet.ts'
import { selectorOf } from '../../../lib/adapters/starknet-felt.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { conformance, type Vector, vectorsOf } from '../local/starknet-box/vectors.ts'
import { recordedAt, type RecordedNode, startRecordedNode, type Step } from './recorded-node.ts'

describe('the compiled core', () => {
  test('is what its source says, or compile.ts must be run again', () => {
    expect(readCairoClass(coreSource).sourceHash).toBe(hashOfCairo(coreSource))
  })

  test('is the class whose hash stands beside it', () => {
    const { classHash, contract } = readCairoClass(coreSource)
    expect(hash.computeContractClassHash(contract)).toBe(classHash)
  })
})

const whole = z.pipe(
  z.string(),
  z.transform((text) => BigInt(text)),
)
const Pre = z.object({
  now: whole,
  paused: z.boolean(),
  caller: z.enum(['operator', 'stranger', 'admin']),
  asset_id: whole,
  removed_oracles: z.optional(z.array(whole)),
})
const TickCall = z.object({
  operator_nonce: whole,
  asset_id: whole,
  oracle_price: whole,
  signed_prices: z.array(
    z.object({
      signature: z.array(whole),
      signer_public_key: whole,
      timestamp: whole,
      oracle_price: whole,
    }),
  ),
})
const Events = z.array(
  z.pipe(
    z.object({ name: z.string(), keys: z.array(whole), data: z.array(whole) }),
    z.transform(({ name, keys, data }) => ({ keys: [BigInt(selectorOf(name)), ...keys], data })),
  ),
)

/** Generation C's name of what D, which ours follows, calls otherwise. */
function errorOf({ expect: { error } }: Vector): string {
  return String(error).replace('SYNTHETIC_NOT_EXISTS', 'ASSET_NOT_EXISTS')
}

/** The recording's nonces as offsets from ours. */
function shifted(vector: Vector, recorded: number): string {
  const nonces = /^(?<text>INVALID_NONCE: .*?)(?<current>\d+)!=(?<received>\d+)$/
  const { text, current, received } = nonces.exec(errorOf(vector))?.groups ?? {}
  if (text === undefined) return errorOf(vector)
  const shift = 9 - recorded
  return `${text}${Number(current) + shift}!=${Number(received) + shift}`
}

function named(vectors: readonly Vector[]) {
  return vectors.map((vector) => [`${vector.id} ${vector.case}`, vector] as const)
}

const absent =
  conformance === undefined
    ? ' (skipped: the shared vectors are not beside the project)'
    : findDevnet() === undefined
      ? ' (skipped: starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin)'
      : ''

describe.skipIf(absent !== '')(`our core does as the real one did${absent}`, () => {
  let node: RecordedNode
  beforeAll(async () => {
    node = await startRecordedNode()
  }, 120_000)
  afterAll(async () => node.stop())

  test.for(named(vectorsOf('price_tick')))('%s', async ([, vector]) => {
    const pre = Pre.parse(vector.pre)
    expect(pre.now).toBe(BigInt(recordedAt))
    const { operator_nonce, asset_id, oracle_price, signed_prices } = TickCall.parse(vector.call)
    const signed = signed_prices.flatMap((one) => [
      BigInt(one.signature.length),
      ...one.signature,
      one.signer_public_key,
      one.timestamp,
      one.oracle_price,
    ])
    const calldata = [operator_nonce, asset_id, oracle_price, BigInt(signed_prices.length)]
    const before: Call[] = (pre.removed_oracles ?? []).map((key) =>
      node.call('remove_oracle_from_asset', [pre.asset_id, key]),
    )
    if (pre.paused) before.push(node.call('pause'))
    const steps: Step[] = [
      ...(before.length > 0 ? [{ by: 'admin' as const, calls: before }] : []),
      { by: pre.caller, calls: [node.call('price_tick', [...calldata, ...signed])] },
    ]
    const outcome = await node.attempt(steps)
    const refused = { kind: 'reverted', reason: errorOf(vector) }
    const events = Events.parse(vector.expect['events'] ?? [])
    expect(outcome).toEqual(vector.expect.ok === true ? { kind: 'ok', events } : refused)
  })

  /** `price_tick N+1 (median wrong)` and its like, in the vectors' words; ours begins at nonce 9. */
  async function inWords(words: string): Promise<Call> {
    const nonce = 9n + BigInt(/\bN(?<offset>[+-]\d+)/.exec(words)?.groups?.['offset'] ?? 0)
    const [first = 0n] = node.ids
    const pending = node.ids[8] ?? 0n
    if (words.startsWith('price_tick'))
      return node.tick({
        assetId: words.includes('PENDING') ? pending : first,
        nonce,
        wrongMedian: words.includes('median wrong'),
      })
    if (!words.startsWith('funding_tick'))
      return node.call(words, words === 'get_timely_data' ? [first] : [])
    const active = [...node.ids.slice(0, 8), ...(words.endsWith(' with it') ? [pending] : [])]
    const ticks = active.toSorted((a, b) => (a < b ? -1 : 1)).flatMap((id) => [id, 0n])
    return node.call('funding_tick', [nonce, BigInt(active.length), ...ticks, BigInt(recordedAt)])
  }

  const Words = z.object({ calls: z.array(z.string()) })
  // Positions are not ours to have; the last three need what they do not say.
  const elsewhere = /liquidate|second_operator|after_second|removed_operator/

  test.for(named(vectorsOf('operator_nonce').filter((one) => !elsewhere.test(one.case))))(
    '%s',
    async ([, vector]) => {
      const by = vector.pre?.caller === 'stranger' ? 'stranger' : 'operator'
      const calls = await Promise.all(Words.parse(vector.call).calls.map(inWords))
      const outcome = await node.attempt([{ by, calls }])
      const refused = { kind: 'reverted', reason: shifted(vector, 89) }
      expect(outcome).toMatchObject(vector.expect.ok === true ? { kind: 'ok' } : refused)
    },
  )

  const Order = z.object({ fn: z.enum(['price_tick', 'funding_tick']), nonce_offset: z.string() })
  const OrderPre = z.object({
    state: z.enum(['normal', 'paused', 'funding_expired', 'prices_expired']),
    caller: z.enum(['operator', 'stranger']),
  })
  const ticks = vectorsOf('check_order').filter((one) => Order.safeParse(one.call).success)

  // In the file the states follow one another as time does.
  test.for(named(ticks))('%s', async ([, vector]) => {
    const { fn, nonce_offset } = Order.parse(vector.call)
    const { state, caller } = OrderPre.parse(vector.pre)
    if (state.endsWith('expired')) await node.setTime(recordedAt + 86_401)
    const steps: Step[] = [
      ...(state === 'paused' ? [{ by: 'admin' as const, calls: [node.call('pause')] }] : []),
      { by: caller, calls: [await inWords(`${fn} N+${nonce_offset}`)] },
    ]
    const outcome = await node.attempt(steps)
    // A funding tick came between the recordings of the two late states.
    const recorded = state === 'prices_expired' ? 90 : 89
    const refused = { kind: 'reverted', reason: shifted(vector, recorded) }
    expect(outcome).toMatchObject(vector.expect.ok === true ? { kind: 'ok' } : refused)
  })
})
