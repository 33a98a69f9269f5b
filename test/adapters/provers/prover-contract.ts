import { describe, expect, test } from 'vitest'

import { writePie } from '../../../infra/local/provers/pie.ts'
import type { ProverFaultInput } from '../../../infra/local/provers/prover-faults.ts'
import type { RunningProver } from '../../../infra/local/provers/prover-server.ts'
import { ProverUnavailableError } from '../../../lib/adapters/provers/errors.ts'
import type { PagedOutput } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import type { ProverJob } from '../../../lib/domain/proving/prover-job.ts'
import type { Prover } from '../../../lib/ports.ts'
import { fibonacci, fibonacciRun } from '../../infra/local/provers/fibonacci-program.ts'
import { failureOf, waitOf } from './an-api.ts'

/** One prover and its simulator, at a time that only the test moves. */
export type ProverWorld = {
  readonly prover: Prover
  readonly simulator: RunningProver
  readonly registered: readonly { readonly programHash: bigint; readonly output: PagedOutput }[]
  /** Lets time pass, and the simulator do what is due. */
  readonly pass: (ms: number) => Promise<void>
  /** The prover's own name for our key. */
  readonly keyOf: (key: string) => string
}

export type ProverWorldOptions = {
  readonly faults?: readonly ProverFaultInput[]
  readonly seed?: number
  readonly timeoutMs?: number
  /** Before the registry takes anything. */
  readonly registerFails?: number
}

/** What the stages take in these tests, in all: until a job is done, and until its fact is registered. */
export const times = {
  queuedMs: 1_000,
  tracingMs: 2_000,
  provingMs: 60_000,
  verifyingMs: 7_000,
  registeringMs: 10_000,
}
const doneMs = 70_000

const output: PagedOutput = {
  pages: [fibonacciRun.output],
  structure: [{ pages: 1, nodes: 0 }],
}

export const request = {
  key: 'core:12:1',
  label: 'core 12',
  pie: writePie({ program: fibonacci, output, steps: 61 }),
  steps: 61,
}
const { key } = request

/** All that can be between us and a prover, with or without its doing what was asked. */
const between: readonly ProverFaultInput[] = [
  { fault: 'lost-reply' },
  { fault: 'reset' },
  { fault: 'proxy-404' },
  { fault: 'proxy-404', form: 'html' },
  { fault: 'bad-gateway', status: 502 },
  { fault: 'bad-gateway', status: 503 },
  { fault: 'bad-gateway', status: 504 },
  { fault: 'rate-limit' },
  { fault: 'spelt' },
  { fault: 'slow', ms: 700 },
]

/** Every prover keeps to this. `says` is what it makes of the cases where provers differ. */
export function proverContract(
  name: string,
  aWorld: (options?: ProverWorldOptions) => Promise<ProverWorld>,
  says: {
    readonly rejection: ProverJob['status']
    /** A matcher of what comes of asking for a job that it does not know for now. */
    readonly unknown: unknown
  },
): void {
  describe(`${name} keeps to the contract of provers`, () => {
    test('there is no job before one was submitted', async () => {
      const { prover } = await aWorld()
      expect(await prover.find(key)).toBeUndefined()
      expect(await prover.find(key, 'an id that it never gave')).toBeUndefined()
    })

    test('a job is found under its key and by its id, and goes through its stages', async () => {
      const { prover, pass } = await aWorld()
      const id = await prover.submit(request)
      const seen: (string | undefined)[] = []
      for (const ms of [1_000, 2_000, 60_000, 7_000]) {
        await pass(ms - 1)
        expect(await prover.find(key, id)).toEqual(await prover.find(key))
        seen.push((await prover.find(key))?.status)
        await pass(1)
      }
      seen.push((await prover.find(key, id))?.status)
      expect(seen.slice(1)).toEqual(['running', 'running', 'running', 'done'])
      expect(['queued', 'running']).toContain(seen[0])
      expect((await prover.find(key))?.id).toBe(id)
    })

    test('submitted twice, it is one job', async () => {
      const { prover, simulator, pass } = await aWorld()
      const id = await prover.submit(request)
      await pass(5_000)
      expect(await prover.submit(request)).toBe(id)
      expect(simulator.jobs()).toHaveLength(1)
    })

    test('under another key it is another job', async () => {
      const { prover, simulator } = await aWorld()
      const one = await prover.submit(request)
      const other = await prover.submit({ ...request, key: 'core:12:2' })
      expect(other).not.toBe(one)
      expect(simulator.jobs()).toHaveLength(2)
    })

    test('a submission whose reply was lost is found by its key', async () => {
      const { prover, simulator, keyOf } = await aWorld({
        faults: [{ fault: 'lost-reply', on: 'submit', requests: 1 }],
      })
      expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
      const found = await prover.find(key)
      expect(await prover.submit(request)).toBe(found?.id)
      expect(simulator.jobs()).toHaveLength(1)
      expect(simulator.submissions(keyOf(key))).toBe(2)
    })

    describe.each(between.map((fault) => [fault]))('%j', (fault) => {
      test('says nothing of a job that is there', async () => {
        const { prover, simulator, pass } = await aWorld({ timeoutMs: 500 })
        const id = await prover.submit(request)
        await pass(doneMs)
        const before = await prover.find(key, id)
        await simulator.faults.set({ ...fault, on: 'status' } as ProverFaultInput)
        expect(await failureOf(prover.find(key, id))).toBeInstanceOf(ProverUnavailableError)
        expect(await failureOf(prover.find(key))).toBeInstanceOf(ProverUnavailableError)
        await simulator.faults.clear()
        expect(await prover.find(key, id)).toEqual(before)
      })

      test('makes of a submission at most one job, and is no refusal', async () => {
        const { prover, simulator } = await aWorld({ timeoutMs: 500 })
        await simulator.faults.set({ ...fault, on: 'submit' } as ProverFaultInput)
        expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
        await simulator.faults.clear()
        const id = await prover.submit(request)
        expect(await prover.find(key)).toMatchObject({ id })
        expect(simulator.jobs()).toHaveLength(1)
      })
    })

    test('one that asks for patience is heard', async () => {
      const { prover } = await aWorld({ faults: [{ fault: 'rate-limit', retryAfterSeconds: 17 }] })
      expect(waitOf(await failureOf(prover.find(key)))).toBe(17_000)
    })

    test('a job is found after the prover was down', async () => {
      const { prover, simulator, pass } = await aWorld()
      const id = await prover.submit(request)
      await simulator.stop()
      expect(String(await failureOf(prover.find(key, id)))).toContain('ECONNREFUSED')
      expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
      await pass(doneMs)
      await simulator.start()
      expect(await prover.find(key, id)).toMatchObject({ id, status: 'done' })
    })

    test('a failure of the prover’s own comes with its reason', async () => {
      const { prover, pass } = await aWorld({
        faults: [{ fault: 'fails', reason: 'disk is full' }],
      })
      await prover.submit(request)
      await pass(doneMs)
      expect(await prover.find(key)).toMatchObject({ status: 'failed', reason: 'disk is full' })
    })

    test('what cannot be proved is told with a reason', async () => {
      const { prover, pass } = await aWorld({ faults: [{ fault: 'rejects' }] })
      await prover.submit(request)
      await pass(doneMs)
      const job = await prover.find(key)
      expect(job?.status).toBe(says.rejection)
      expect(job?.reason).toContain('CAIRO_PIE_RUN_FAILURE')
    })

    test('what is no PIE cannot be proved', async () => {
      const { prover, pass } = await aWorld()
      await prover.submit({ ...request, pie: Buffer.from('<html>the file is gone</html>') })
      await pass(doneMs)
      const job = await prover.find(key)
      expect(job?.status).toBe(says.rejection)
      expect(job?.reason).toContain('INVALID_CAIRO_PIE_FILE_FORMAT')
    })

    test('a job that never ends is still running a week later', async () => {
      const { prover, pass } = await aWorld({ faults: [{ fault: 'never-ends' }] })
      await prover.submit(request)
      await pass(7 * 24 * 60 * 60 * 1_000)
      expect(await prover.find(key)).toMatchObject({ status: 'running' })
    })

    test('a job that the prover does not know for a while is not absent', async () => {
      const { prover, pass } = await aWorld({ faults: [{ fault: 'unknown', ms: 3_000 }] })
      await prover.submit(request)
      expect(await prover.find(key).catch((error: unknown) => error)).toEqual(says.unknown)
      await pass(3_000)
      expect(await prover.find(key)).toMatchObject({ status: 'running' })
    })

    test('a job that was forgotten is absent, and can be submitted again', async () => {
      const { prover, simulator, pass } = await aWorld({
        faults: [{ fault: 'forgets', ms: 30_000, requests: 1 }],
      })
      const id = await prover.submit(request)
      await pass(29_999)
      expect(await prover.find(key, id)).toMatchObject({ status: 'running' })
      await pass(1)
      expect(await prover.find(key, id)).toBeUndefined()
      await prover.submit(request)
      await pass(doneMs)
      expect(await prover.find(key)).toMatchObject({ status: 'done' })
      expect(simulator.jobs()).toHaveLength(1)
    })

    test('done is not registered: the fact follows later, once', async () => {
      const { prover, registered, pass } = await aWorld()
      await prover.submit(request)
      await pass(doneMs + 9_999)
      expect(await prover.find(key)).toMatchObject({ status: 'done' })
      expect(registered).toEqual([])
      await pass(1)
      await pass(60_000)
      expect(registered).toEqual([{ programHash: fibonacciRun.programHash, output }])
    })

    test('or much later, or never', async () => {
      const { prover, registered, pass } = await aWorld({
        faults: [{ fault: 'late-fact', ms: 600_000 }],
      })
      await prover.submit(request)
      await pass(doneMs + 609_999)
      expect(registered).toEqual([])
      await pass(1)
      expect(registered).toHaveLength(1)
      const never = await aWorld({ faults: [{ fault: 'no-fact' }] })
      await never.prover.submit(request)
      await never.pass(365 * 24 * 60 * 60 * 1_000)
      expect(await never.prover.find(key)).toMatchObject({ status: 'done' })
      expect(never.registered).toEqual([])
    })

    test('or of something else', async () => {
      const { prover, registered, pass } = await aWorld({ faults: [{ fault: 'wrong-fact' }] })
      await prover.submit(request)
      await pass(doneMs + 10_000)
      expect(registered.map((one) => one.output.pages)).toEqual([[[11n, 55n]]])
    })

    test('a registry that is away gets the fact when it is back', async () => {
      const { prover, registered, pass, simulator } = await aWorld({ registerFails: 2 })
      await prover.submit(request)
      await pass(doneMs + 10_000)
      await pass(1)
      expect(registered).toEqual([])
      expect(simulator.jobs()[0]?.trouble).toContain('the chain is away')
      await pass(1)
      expect(registered).toHaveLength(1)
      expect(simulator.jobs()[0]?.trouble).toBeUndefined()
    })

    test('whoever looks before submitting hands work in once, whatever the way does', async () => {
      const often = { probability: 0.3 }
      const faults: readonly ProverFaultInput[] = [
        { fault: 'lost-reply', ...often },
        { fault: 'reset', ...often },
        { fault: 'proxy-404', ...often },
        { fault: 'bad-gateway', ...often },
        { fault: 'spelt', ...often },
      ]
      for (let seed = 1; seed <= 8; seed++) {
        const { prover, simulator, pass, keyOf } = await aWorld({ faults, seed })
        const statuses = new Set<string>()
        for (let round = 0; round < 60; round++) {
          const found = await prover.find(key).catch(() => 'trouble' as const)
          if (found === undefined) await failureOf(prover.submit(request))
          else if (found !== 'trouble') statuses.add(found.status)
          await pass(2_000)
        }
        await simulator.faults.clear()
        await pass(doneMs)
        expect(await prover.find(key)).toMatchObject({ status: 'done' })
        expect(simulator.submissions(keyOf(key))).toBe(1)
        expect(simulator.jobs()).toHaveLength(1)
        expect(['queued', 'running', 'done']).toEqual(expect.arrayContaining([...statuses]))
      }
    })
  })
}
