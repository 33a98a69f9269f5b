import { describe, expect, onTestFinished, test } from 'vitest'

import { localAuthority } from '../../../infra/local/certificates.ts'
import { startAtlantic } from '../../../infra/local/provers/atlantic-server.ts'
import type { RegisterFact } from '../../../infra/local/provers/job-book.ts'
import type { RunningProver } from '../../../infra/local/provers/prover-server.ts'
import { startSharp } from '../../../infra/local/provers/sharp-server.ts'
import { atlantic } from '../../../lib/adapters/provers/atlantic.ts'
import { ProverRefusedError, ProverUnavailableError } from '../../../lib/adapters/provers/errors.ts'
import { sharp, sharpJobKey } from '../../../lib/adapters/provers/sharp.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Prover } from '../../../lib/ports.ts'
import { fibonacciRun } from '../../infra/local/provers/fibonacci-program.ts'
import { failureOf } from './an-api.ts'
import {
  proverContract,
  type ProverWorld,
  type ProverWorldOptions,
  request,
  times,
} from './prover-contract.ts'

/** All that both simulators are given, and a clock of the test's own. */
function surroundings({ faults, seed, registerFails = 0 }: ProverWorldOptions) {
  let now = Date.UTC(2026, 0, 1)
  let failures = registerFails
  const registered: { programHash: bigint; output: Parameters<RegisterFact>[1] }[] = []
  const clock = { now: () => timestamp(now) }
  const register: RegisterFact = async (programHash, output) => {
    failures -= 1
    if (failures >= 0) throw new Error('the chain is away')
    registered.push({ programHash, output })
  }
  return {
    options: { clock, times, register, faults, seed, advanceEveryMs: 0 },
    world: (simulator: RunningProver, prover: Prover, keyOf: ProverWorld['keyOf']): ProverWorld => {
      onTestFinished(async () => simulator.close())
      return {
        prover,
        simulator,
        registered,
        keyOf,
        async pass(ms) {
          now += ms
          await simulator.advance()
        },
      }
    },
  }
}

async function anAtlantic(given: ProverWorldOptions = {}) {
  const { options, world } = surroundings(given)
  const simulator = await startAtlantic({ ...options, apiKey: 'local' })
  const prover = atlantic({
    name: 'atlantic',
    url: simulator.url,
    clock: options.clock,
    apiKey: async () => 'local',
    network: 'TESTNET',
    result: 'PROOF_VERIFICATION_ON_L1',
    timeoutMs: given.timeoutMs,
    submitTimeoutMs: given.timeoutMs,
  })
  return world(simulator, prover, (key) => key)
}

const authority = localAuthority(new Date())
const server = { ...authority.server(), ca: authority.ca }
const client = { ...authority.client('starkeep'), ca: authority.ca }

async function aSharp(given: ProverWorldOptions = {}) {
  const { options, world } = surroundings(given)
  const simulator = await startSharp({ ...options, customerId: 'local', tls: server })
  const prover = sharp({
    name: 'sharp',
    url: simulator.url,
    clock: options.clock,
    customerId: 'local',
    tls: async () => client,
    timeoutMs: given.timeoutMs,
    submitTimeoutMs: given.timeoutMs,
  })
  return world(simulator, prover, sharpJobKey)
}

proverContract('Atlantic', anAtlantic, {
  rejection: 'failed',
  // It has no word for it: such an answer is none.
  unknown: expect.any(ProverUnavailableError),
})
proverContract('SHARP', aSharp, {
  rejection: 'rejected',
  unknown: expect.objectContaining({ status: 'unknown' }),
})

describe('Atlantic alone', () => {
  test('tells the program and the facts that its contracts and tests know, once the run was traced', async () => {
    const { prover, pass } = await anAtlantic()
    await prover.submit(request)
    expect((await prover.find(request.key))?.facts).toEqual({})
    await pass(3_000)
    expect(await prover.find(request.key)).toMatchObject({
      programHash: `0x${fibonacciRun.programHash.toString(16)}`,
      facts: { sharp: fibonacciRun.sharpFact, integrity: fibonacciRun.integrityFact },
      isMocked: false,
      isSizeRight: true,
    })
  })

  test('tells other facts where it proved something else', async () => {
    const { prover, pass } = await anAtlantic({ faults: [{ fault: 'wrong-fact' }] })
    await prover.submit(request)
    await pass(3_000)
    const job = await prover.find(request.key)
    expect(job?.facts.sharp).toMatch(/^0x[0-9a-f]{64}$/)
    expect(job?.facts.sharp).not.toBe(fibonacciRun.sharpFact)
    expect(job?.facts.integrity).not.toBe(fibonacciRun.integrityFact)
  })

  test.each(['fact', 'proof'] as const)('tells a mocked %s', async (what) => {
    const { prover, pass } = await anAtlantic({ faults: [{ fault: 'mocked', what }] })
    await prover.submit(request)
    await pass(70_000)
    expect(await prover.find(request.key)).toMatchObject({ status: 'done', isMocked: true })
  })

  test('tells a size that was declared wrong', async () => {
    const { prover, pass } = await anAtlantic()
    await prover.submit({ ...request, steps: 40_000_000 })
    await pass(3_000)
    expect(await prover.find(request.key)).toMatchObject({ isSizeRight: false })
    const told = await anAtlantic({ faults: [{ fault: 'wrong-size' }] })
    await told.prover.submit(request)
    expect(await told.prover.find(request.key)).toMatchObject({ isSizeRight: false })
  })

  test('refuses what it does not take', async () => {
    const { simulator } = await anAtlantic()
    const prover = atlantic({
      name: 'atlantic',
      url: simulator.url,
      clock: { now: () => timestamp(0) },
      apiKey: async () => 'local',
      network: 'DEVNET' as 'TESTNET',
      result: 'PROOF_VERIFICATION_ON_L1',
    })
    const failure = await failureOf(prover.submit(request))
    expect(failure).toBeInstanceOf(ProverRefusedError)
    expect(String(failure)).toContain('network')
  })
})

describe('SHARP alone', () => {
  test('computes no facts for us', async () => {
    const { prover, pass } = await aSharp()
    await prover.submit(request)
    await pass(70_000)
    expect(await prover.find(request.key)).toEqual({
      id: sharpJobKey(request.key),
      status: 'done',
      stage: 'PROCESSED',
      facts: {},
      isMocked: false,
    })
  })

  test('lets in only those whom it knows', async () => {
    const { simulator } = await aSharp()
    const stranger = localAuthority(new Date()).client('stranger')
    const prover = sharp({
      name: 'sharp',
      url: simulator.url,
      clock: { now: () => timestamp(0) },
      customerId: 'local',
      tls: async () => ({ ...stranger, ca: authority.ca }),
    })
    expect(await failureOf(prover.find(request.key))).toBeInstanceOf(ProverUnavailableError)
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
    expect(simulator.requests()).toEqual([])
  })

  test('and is believed only where our authority knows it', async () => {
    const { simulator } = await aSharp()
    const prover = sharp({
      name: 'sharp',
      url: simulator.url,
      clock: { now: () => timestamp(0) },
      customerId: 'local',
      tls: async () => ({ ...client, ca: localAuthority(new Date()).ca }),
    })
    expect(await failureOf(prover.find(request.key))).toBeInstanceOf(ProverUnavailableError)
    expect(simulator.requests()).toEqual([])
  })

  test('keeps a proof to itself where that was asked for', async () => {
    const { simulator, registered, pass } = await aSharp()
    const prover = sharp({
      name: 'sharp',
      url: simulator.url,
      clock: { now: () => timestamp(0) },
      customerId: 'local',
      tls: async () => client,
      isOffchain: true,
    })
    await prover.submit(request)
    await pass(1_000_000)
    expect(await prover.find(request.key)).toMatchObject({ status: 'done' })
    expect(registered).toEqual([])
  })

  test('refuses a customer whom it does not have', async () => {
    const { simulator } = await aSharp()
    const prover = sharp({
      name: 'sharp',
      url: simulator.url,
      clock: { now: () => timestamp(0) },
      customerId: 'nobody',
      tls: async () => client,
    })
    // Its jobs cannot be asked for either: whether it has the job stays open.
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })
})
