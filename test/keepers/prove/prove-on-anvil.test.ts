import { describe, expect, test } from 'vitest'

import { lane, provingWorld } from './proving-on-anvil-world.ts'

const long = { timeout: 120_000 }
const kinds = (history: readonly { readonly to: string }[]) => history.map(({ to }) => to)

describe('batches on real contracts, with provers over HTTP', () => {
  test('go from closed to final, one after another', long, async () => {
    const it = await provingWorld()
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
    expect(first.settledIn?.transaction).toMatch(/^0x[0-9a-f]{64}$/)
    expect(await it.settlement.check()).toEqual([])
    const asked = it.atlantic.requests().filter(({ call }) => call === 'submit')
    expect(asked).toHaveLength(2)
    for (const { key } of asked) expect(it.atlantic.submissions(key ?? '')).toBe(1)
    expect(await it.store.batches.lane(lane)).toMatchObject({ newest: 2, settled: 2, finalized: 2 })
  })

  test(
    'a prover that is killed for ten minutes is waited for, and the next one takes over what is late',
    long,
    async () => {
      const it = await provingWorld()
      it.close(1)
      await it.atlantic.stop()
      await it.untilState(1, 'submitting')
      await it.slot()
      const waiting = await it.row(1)
      expect(waiting.state.kind).toBe('submitting')
      expect(waiting.trouble).toMatchObject({ where: 'prover' })
      for (let minute = 0; minute < 10; minute += 1) {
        await it.pass(60_000)
        await it.slot()
      }
      await it.atlantic.start()
      const final = await it.untilState(1, 'finalized')
      expect(final.proving?.prover).toBe('sharp')
      expect(final.attempts.submit).toBe(2)
      expect(kinds(final.history)).not.toContain('needs-human')
    },
  )

  test('a lost reply is found by its key: nothing is submitted twice', long, async () => {
    const it = await provingWorld()
    await it.atlantic.faults.set({ fault: 'lost-reply', on: 'submit', requests: 1 })
    it.close(1)
    const final = await it.untilState(1, 'finalized')
    expect(it.atlantic.submissions(final.proving?.key ?? '')).toBe(1)
  })

  test(
    "a proxy's 404 says nothing of the job: it is looked up again, not submitted",
    long,
    async () => {
      const it = await provingWorld()
      it.close(1)
      await it.untilState(1, 'proving')
      await it.atlantic.faults.set({ fault: 'proxy-404', on: 'status', requests: 6 })
      const final = await it.untilState(1, 'finalized')
      expect(final.attempts.submit).toBe(1)
      expect(it.atlantic.submissions(final.proving?.key ?? '')).toBe(1)
    },
  )

  test('done is not seen: a fact that comes late is waited for', long, async () => {
    const it = await provingWorld()
    await it.atlantic.faults.set({ fault: 'late-fact', ms: 40_000 })
    it.close(1)
    await it.untilState(1, 'proved-fact-pending')
    for (let look = 0; look < 3; look += 1) {
      await it.pass(3_000)
      await it.slot()
      expect((await it.row(1)).state.kind).toBe('proved-fact-pending')
    }
    const final = await it.untilState(1, 'finalized')
    expect(final.attempts.submit).toBe(1)
    expect(kinds(final.history)).not.toContain('needs-human')
  })

  test(
    'a fact that never comes is a human’s to know, and is proved anew on his word',
    long,
    async () => {
      const it = await provingWorld()
      await it.atlantic.faults.set({ fault: 'no-fact', requests: 1 })
      it.close(1)
      await it.untilState(1, 'proved-fact-pending')
      for (let look = 0; look < 7; look += 1) {
        await it.pass(20_000)
        await it.slot()
      }
      expect((await it.row(1)).state).toMatchObject({ kind: 'needs-human', why: 'deadline' })
      await it.retry(1, true)
      const final = await it.untilState(1, 'finalized')
      expect(final.attempts.submit).toBe(2)
      expect(final.history.find(({ to }) => to === 'retry')?.note).toContain('anna: looked into')
    },
  )

  test(
    'what a prover calls impossible is never submitted again by itself, and holds what comes after it',
    long,
    async () => {
      const it = await provingWorld({ rules: { provers: ['sharp', 'atlantic'] } })
      await it.sharp.faults.set({ fault: 'rejects', requests: 1 })
      it.close(1)
      const refused = await it.untilState(1, 'needs-human')
      expect(refused.state).toMatchObject({ why: 'rejected' })
      expect(await it.store.batches.lane(lane)).toMatchObject({ suspect: { batch: 1 } })
      it.close(2)
      await it.untilState(2, 'held-l2-suspect')
      for (let look = 0; look < 5; look += 1) {
        await it.pass(20_000)
        await it.slot()
      }
      expect((await it.row(1)).attempts.submit).toBe(1)
      expect(await it.doubts('core')).toMatchObject({ lane, batch: 1 })
      expect(await it.watch()).toEqual([`opened batch-rejected ${lane}:1`])
      await it.retry(1)
      await it.untilState(2, 'finalized', 90)
      expect(await it.doubts('core')).toBeUndefined()
    },
  )

  test('a mocked fact and one of something else count for nothing', long, async () => {
    const it = await provingWorld()
    await it.atlantic.faults.set({ fault: 'mocked', what: 'fact', requests: 1 })
    it.close(1)
    const mocked = await it.untilState(1, 'needs-human')
    expect(mocked.state).toMatchObject({ why: 'mocked' })
    const other = await provingWorld()
    await other.atlantic.faults.set({ fault: 'wrong-fact', requests: 1 })
    other.close(1)
    const wrong = await other.untilState(1, 'needs-human')
    expect(wrong.state).toMatchObject({ why: 'wrong-fact' })
    for (const one of [it, other]) {
      await one.pass(60_000)
      await one.slot()
      expect((await one.row(1)).state.kind).toBe('needs-human')
      expect((await one.settlement.sight()).latest.number).toBe(-1)
    }
  })

  test(
    'a reorganisation of L1 that takes an update back is seen, and the batch settled again',
    long,
    async () => {
      const it = await provingWorld()
      it.close(1)
      const settled = await it.untilState(1, 'settled')
      await it.rpc('anvil_reorg', 2, [])
      await it.until(async () => (await it.row(1)).state.kind !== 'settled')
      expect(kinds((await it.row(1)).history)).toContain('settled')
      const final = await it.untilState(1, 'finalized')
      expect(final.history.map(({ note }) => note)).toContain('the chain has it no more')
      expect(final.settledIn?.block.hash).not.toBe(settled.settledIn?.block.hash)
      // Nobody looked while it was so.
      expect(await it.watch()).toEqual([`opened settlement-undone ${lane}:1`])
      expect((await it.settlement.sight()).finalized.number).toBe(1)
    },
  )

  test(
    'a reorganisation of the appchain while a batch is proved gives it up, and plans it anew',
    long,
    async () => {
      const it = await provingWorld()
      it.close(1)
      const before = await it.untilState(1, 'proving')
      it.starknet.reorganise(2)
      await it.untilState(1, 'superseded')
      expect(await it.watch()).toEqual([`opened blocks-lost ${lane}`])
      const after = await it.untilState(2, 'finalized')
      expect(after.content.last.number).toBe(before.content.last.number)
      expect(after.content.last.hash).not.toBe(before.content.last.hash)
      expect(after.proving?.key).not.toBe(before.proving?.key)
    },
  )

  test('half an hour without a node of L1 fails nothing', long, async () => {
    const it = await provingWorld()
    it.close(1)
    await it.untilState(1, 'proved-fact-pending')
    const away = { ...it.world.proving }
    Object.assign(it.world.proving, {
      [lane]: {
        ...it.world.proving[lane],
        settlement: {
          ...it.settlement,
          sight: async () => Promise.reject(new Error('connection refused')),
          fact: async () => Promise.reject(new Error('connection refused')),
        },
      },
    })
    for (let minute = 0; minute < 30; minute += 1) {
      await it.pass(60_000)
      await it.slot()
    }
    const late = await it.row(1)
    // It took too long, and that is told; nothing is called failed.
    expect(late.state).toMatchObject({ kind: 'needs-human', why: 'deadline' })
    expect(late.state.kind === 'needs-human' && late.state.reason).toContain('connection refused')
    Object.assign(it.world.proving, away)
    const final = await it.untilState(1, 'finalized')
    expect(final.attempts.submit).toBe(1)
  })

  test('files that are lost are made again, the same', long, async () => {
    const it = await provingWorld()
    it.loseFiles()
    it.close(1)
    const final = await it.untilState(1, 'finalized')
    expect(final.attempts.submit).toBe(1)
  })

  test('a run of another chain’s blocks is refused by name', long, async () => {
    const it = await provingWorld()
    it.service.faults.set({ fault: 'wrong-root' })
    it.close(1)
    const { state } = await it.untilState(1, 'needs-human')
    expect(state).toMatchObject({ why: 'bad-input', back: 'planned' })
    expect(state.kind === 'needs-human' && state.reason).toMatch(/new root/)
    it.service.faults.clear()
    await it.retry(1)
    await it.untilState(1, 'finalized')
  })

  test('of two workers at once one drives the lane, and looks do not multiply', long, async () => {
    const it = await provingWorld()
    it.close(1)
    await it.untilState(1, 'proving')
    const before = it.atlantic.requests().length
    await it.pass(5_000)
    await Promise.all([it.slot('one'), it.slot('two'), it.slot('three')])
    expect(it.atlantic.requests().length - before).toBeLessThanOrEqual(1)
    await it.untilState(1, 'finalized')
  })

  test('a settlement that costs too much is held, until it does not', long, async () => {
    const it = await provingWorld({ rules: { feeCap: 1n } })
    it.close(1)
    const held = await it.untilState(1, 'held-fee-cap')
    expect(held.state).toMatchObject({ cap: 1n })
    expect((await it.settlement.sight()).latest.number).toBe(-1)
    Object.assign(it.rules, { feeCap: 10n ** 18n })
    await it.untilState(1, 'finalized')
  })
})
