import { describe, expect, test } from 'vitest'

import { checkWorld } from '../../../lib/runtime/check-world.ts'
import {
  type CairoNode,
  type CairoNodeOptions,
  deployedOnDevnet,
  devnetAbsent,
  hostedOnBox,
} from '../../infra/contracts/cairo-node.ts'
import { lane, provingOnStarknet, trusted } from './proving-on-starknet-world.ts'

const long = { timeout: 240_000 }
const kinds = (history: readonly { readonly to: string }[]) => history.map(({ to }) => to)

function suite(
  name: string,
  absent: string,
  start: (options: CairoNodeOptions) => Promise<CairoNode>,
): void {
  describe.skipIf(absent !== '')(`${name}${absent}`, () => {
    test('go from closed to final, one after another', long, async () => {
      const it = await provingOnStarknet(start)
      expect(await it.settlement.check()).toEqual([])
      it.close(2)
      await it.untilState(2, 'finalized')
      const [first, second] = [await it.row(1), await it.row(2)]
      expect(kinds(first.history)).toEqual([
        'planned',
        'preparing',
        'ready',
        'submitting',
        'proving',
        'proved-fact-pending',
        'fact-verified',
        'settling',
        'settled',
        'finalized',
      ])
      const { latest, finalized } = await it.settlement.sight()
      expect(latest).toEqual(finalized)
      expect(latest.number).toBe(second.content.last.number)
      expect(BigInt(latest.root ?? 0)).toBe(BigInt(second.content.newRoot))
      for (const { settledIn } of [first, second])
        expect(settledIn?.transaction).toMatch(/^0x[0-9a-f]{1,64}$/)
      const asked = it.atlantic.requests().filter(({ call }) => call === 'submit')
      expect(asked).toHaveLength(2)
      expect(await it.store.batches.lane(lane)).toMatchObject({ settled: 2, finalized: 2 })
    })

    test(
      'what the contract was told otherwise is a human’s to know, and when it is mended the batch goes on',
      long,
      async () => {
        const it = await provingOnStarknet(start)
        it.close(1)
        await it.untilState(1, 'proving')
        await it.setPrograms({ snos: 0xbadn })
        const { state } = await it.untilState(1, 'needs-human')
        expect(state).toMatchObject({
          why: 'configuration',
          reason: 'snos: invalid program hash',
          back: 'fact-verified',
        })
        expect((await it.settlement.sight()).latest.number).toBe(0)
        expect((await it.row(1)).attempts.settle).toBe(0)
        await it.setPrograms({})
        await it.retry(1)
        await it.untilState(1, 'finalized')
      },
    )
  })
}

suite('batches of an appchain, settled by the box’s rules', '', hostedOnBox)
suite('batches of an appchain, settled on a real node', devnetAbsent, deployedOnDevnet)

test(
  'a settlement that would cost more than it may, in the smallest unit of STRK, is held',
  long,
  async () => {
    const it = await provingOnStarknet(hostedOnBox, { feeCap: '1' })
    it.close(1)
    const { state } = await it.untilState(1, 'held-fee-cap')
    expect(state).toMatchObject({ cap: 1n })
    expect(state.kind === 'held-fee-cap' && state.most).toBeGreaterThan(1n)
    expect((await it.settlement.sight()).latest.number).toBe(0)
  },
)

test('a run that makes another root is refused by name, before it is proved', long, async () => {
  const it = await provingOnStarknet(hostedOnBox)
  it.service.faults.set({ fault: 'wrong-root' })
  it.close(1)
  const { state } = await it.untilState(1, 'needs-human')
  expect(state).toMatchObject({ why: 'bad-input', back: 'planned' })
  expect(state.kind === 'needs-human' && state.reason).toMatch(/new root/)
  expect(it.atlantic.requests().filter(({ call }) => call === 'submit')).toEqual([])
})

describe('a fact of Integrity’s', () => {
  test(
    'with too few bits is not settled on, though the contract would take it, until a stronger one is there',
    long,
    async () => {
      const it = await provingOnStarknet(hostedOnBox)
      it.strength.now = { bits: 60n, configuration: trusted }
      it.close(1)
      const { state, input } = await it.untilState(1, 'needs-human')
      expect(state).toMatchObject({
        why: 'weak-fact',
        reason: 'recursive/keccak_160_lsb/stone6/relaxed: 60 bits instead of 96',
      })
      await it.pass(60_000)
      await it.slot()
      expect((await it.settlement.sight()).latest.number).toBe(0)
      await it.register(BigInt(input?.fact ?? 0), { bits: 96n, configuration: trusted })
      await it.retry(1)
      const final = await it.untilState(1, 'finalized')
      expect(final.attempts.submit).toBe(1)
    },
  )

  test('verified in a way that nobody here trusts is not settled on', long, async () => {
    const it = await provingOnStarknet(hostedOnBox)
    it.strength.now = { bits: 96n, configuration: { ...trusted, stoneVersion: 'stone5' } }
    it.close(1)
    const { state } = await it.untilState(1, 'needs-human')
    expect(state).toMatchObject({
      why: 'weak-fact',
      reason: 'recursive/keccak_160_lsb/stone5/relaxed: not a configuration of ours',
    })
    expect((await it.settlement.sight()).latest.number).toBe(0)
  })

  test(
    'that a mocked registry took is not settled on, and the start check tells of it',
    long,
    async () => {
      const it = await provingOnStarknet(hostedOnBox, { isMocked: true })
      const [problem] = await checkWorld(it.composed)
      expect(problem).toContain('is a mocked one: it takes facts that nobody proved')
      it.close(1)
      const { state } = await it.untilState(1, 'needs-human')
      expect(state).toMatchObject({
        why: 'weak-fact',
        reason: 'recursive/keccak_160_lsb/stone6/relaxed: from a mocked registry',
      })
      expect((await it.settlement.sight()).latest.number).toBe(0)
    },
  )

  test(
    'that Atlantic itself calls a mock stops the batch before any registry is asked',
    long,
    async () => {
      const it = await provingOnStarknet(hostedOnBox)
      await it.atlantic.faults.set({ fault: 'mocked', what: 'proof', requests: 1 })
      it.close(1)
      const { state } = await it.untilState(1, 'needs-human')
      expect(state).toMatchObject({ why: 'mocked', back: 'ready' })
    },
  )

  test('that comes late is waited for', long, async () => {
    const it = await provingOnStarknet(hostedOnBox)
    await it.atlantic.faults.set({ fault: 'late-fact', ms: 40_000 })
    it.close(1)
    await it.untilState(1, 'proved-fact-pending')
    await it.pass(10_000)
    await it.slot()
    expect((await it.row(1)).state.kind).toBe('proved-fact-pending')
    const final = await it.untilState(1, 'finalized')
    expect(kinds(final.history)).not.toContain('needs-human')
  })
})
