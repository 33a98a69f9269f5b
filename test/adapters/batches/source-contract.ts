import { expect, test } from 'vitest'

import type { RunningProgramRuns } from '../../../infra/local/program-runs/start-program-runs.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import type { Standing } from '../../../lib/domain/proving/settlement-place.ts'
import type { BatchSource } from '../../../lib/ports.ts'

/** What a source's contract is tested on. */
export type SourceWorld = {
  readonly source: BatchSource
  /** Another process of ours, which remembers nothing. */
  readonly afresh: () => Promise<BatchSource>
  /** Where its settlement contract stands. */
  readonly start: Standing
  /** At least one batch more is there after it. */
  readonly grow: () => void
  /** What the newest closed batch is of is gone, and the chain as long as before. */
  readonly reorganise: () => void
  /** One of its nodes falls behind; absent where there is only one. */
  readonly lag?: () => void
  /** Nobody answers any more. */
  readonly fail: () => Promise<void>
  /** Where its program is run. */
  readonly service: RunningProgramRuns
}

/** What every source of batches does. `make` gives one with nothing in it. */
export function sourceContract(make: () => Promise<SourceWorld>): void {
  test('batches follow one another without gap and overlap, from where the contract stands', async () => {
    const { source, start, grow } = await make()
    for (let times = 0; times < 4; times += 1) grow()
    const all = await source.closed(start, 100)
    expect(all.length).toBeGreaterThanOrEqual(4)
    expect(all[0]?.previous.number).toBe(start.number)
    for (const [at, batch] of all.entries()) {
      const before = all[at - 1]
      expect(batch.last.number).toBeGreaterThan(batch.previous.number)
      if (!before) continue
      expect(batch.previous).toEqual(before.last)
      expect(batch.previousRoot).toBe(before.newRoot)
      expect(batch.closedAt).toBeGreaterThanOrEqual(before.closedAt)
    }
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  })

  test('no more than are asked for, and one by one they are the same', async () => {
    const { source, start, grow } = await make()
    for (let times = 0; times < 4; times += 1) grow()
    const all = await source.closed(start, 100)
    expect(await source.closed(start, 2)).toEqual(all.slice(0, 2))
    const walked: BatchContent[] = []
    for (let after = start; ;) {
      const [next] = await source.closed(after, 1)
      if (!next) break
      walked.push(next)
      after = standingAfter(next)
    }
    expect(walked).toEqual(all)
  })

  test('whoever looks again, later or from another process finds the same', async () => {
    const { source, afresh, start, grow } = await make()
    grow()
    const early = await source.closed(start, 100)
    expect(early.length).toBeGreaterThan(0)
    expect(await source.closed(start, 100)).toEqual(early)
    grow()
    const late = await (await afresh()).closed(start, 100)
    expect(late.slice(0, early.length)).toEqual(early)
    expect(late.length).toBeGreaterThan(early.length)
  })

  test('a reorganisation is seen by `has`, and nothing comes after what is gone', async () => {
    const { source, start, grow, reorganise } = await make()
    for (let times = 0; times < 3; times += 1) grow()
    const before = await source.closed(start, 100)
    const [first, newest] = [before[0], before.at(-1)]
    if (!first || !newest) throw new Error('there are batches')
    expect(await source.has(first.last)).toBe(true)
    expect(await source.has(newest.last)).toBe(true)
    reorganise()
    expect(await source.has(first.last)).toBe(true)
    expect(await source.has(newest.last)).toBe(false)
    grow()
    expect(await source.closed(standingAfter(newest), 100)).toEqual([])
    const again = await source.closed(start, 100)
    expect(again[0]).toEqual(first)
    expect(again.map(({ last }) => last)).not.toContainEqual(newest.last)
  })

  test('a node that falls behind makes no fork', async ({ skip }) => {
    const { source, afresh, start, grow, lag } = await make()
    if (!lag) return skip('there is one node alone')
    for (let times = 0; times < 3; times += 1) grow()
    const all = await source.closed(start, 100)
    lag()
    for (const one of [source, await afresh()]) {
      for (const { last } of all) {
        const has = await one.has(last).catch((error: unknown) => nameOf(error))
        expect(['SourceUnavailableError', true]).toContain(has)
      }
      const now = await one.closed(start, 100)
      expect(all.slice(0, now.length)).toEqual(now)
    }
    return undefined
  })

  test('what cannot be asked is trouble, and no answer', async () => {
    const { source, start, grow, fail } = await make()
    grow()
    const [batch] = await source.closed(start, 1)
    if (!batch) throw new Error('there is a batch')
    await fail()
    await expect(source.closed(start, 1)).rejects.toMatchObject({ name: 'SourceUnavailableError' })
    await expect(source.has(batch.last)).rejects.toMatchObject({ name: 'SourceUnavailableError' })
  })

  test('what is to be proved comes once it is there, and is the same each time', async () => {
    const { source, afresh, start, grow, service } = await make()
    grow()
    const [batch] = await source.closed(start, 1)
    if (!batch) throw new Error('there is a batch')
    service.faults.set({ fault: 'not-ready', requests: 1 })
    expect(await source.input(batch)).toBeUndefined()
    const input = await source.input(batch)
    expect(input?.steps).toBeGreaterThan(0)
    expect(input?.output.programOutput.length).toBeGreaterThan(10)
    expect(await (await afresh()).input(batch)).toEqual(input)
  })

  test.for(['wrong-root', 'other-chain'] as const)(
    'a run that contradicts the batch is refused: %s',
    async (fault) => {
      const { source, start, grow, service } = await make()
      grow()
      const [batch] = await source.closed(start, 1)
      if (!batch) throw new Error('there is a batch')
      service.faults.set({ fault, requests: 1 })
      await expect(source.input(batch)).rejects.toMatchObject({
        name: 'BatchInputError',
        batch: batch.name,
      })
      expect(await source.input(batch)).toBeDefined()
    },
  )

  test('trouble with whoever runs the program says nothing of the batch', async () => {
    const { source, start, grow, service } = await make()
    grow()
    const [batch] = await source.closed(start, 1)
    if (!batch) throw new Error('there is a batch')
    for (const fault of [
      { fault: 'server-error' },
      { fault: 'html' },
      { fault: 'html', status: 404 },
      { fault: 'rate-limit' },
      { fault: 'half-a-pie' },
    ] as const) {
      service.faults.set({ ...fault, requests: 1 })
      await expect(source.input(batch)).rejects.toMatchObject({ name: 'SourceUnavailableError' })
    }
    expect(await source.input(batch)).toBeDefined()
  })
}

function standingAfter({ last, newRoot }: BatchContent): Standing {
  return { number: last.number, hash: last.hash, root: newRoot }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error)
}
