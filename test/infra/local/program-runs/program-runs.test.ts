import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { describe, expect, onTestFinished, test } from 'vitest'

import { deployEvmEngine } from '../../../../infra/contracts/evm-engine/deploy.ts'
import {
  usualEngineRules,
  usualMarketRules,
} from '../../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { engineRuns } from '../../../../infra/local/program-runs/engine-runs.ts'
import { coreRunOf } from '../../../../infra/local/program-runs/made-run.ts'
import {
  localCoreProgramHash,
  localPerpetualProgramHash,
} from '../../../../infra/local/program-runs/programs.ts'
import { starkexRuns } from '../../../../infra/local/program-runs/starkex-runs.ts'
import { starknetRuns } from '../../../../infra/local/program-runs/starknet-runs.ts'
import { startProgramRuns } from '../../../../infra/local/program-runs/start-program-runs.ts'
import { readPie } from '../../../../infra/local/provers/pie.ts'
import { programHash } from '../../../../infra/local/provers/program-hash.ts'
import { readStatement } from '../../../../infra/local/provers/statement.ts'
import { startStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { ownEngine } from '../../../../lib/adapters/batches/own-engine.ts'
import { programRuns } from '../../../../lib/adapters/batches/program-runs.ts'
import { starkexBatches } from '../../../../lib/adapters/batches/starkex-batches.ts'
import { starknetBlocks } from '../../../../lib/adapters/batches/starknet-blocks.ts'
import { evmChain } from '../../../../lib/adapters/chains/evm.ts'
import { starkexFeeder } from '../../../../lib/adapters/chains/starkex-feeder.ts'
import { starknetChain } from '../../../../lib/adapters/chains/starknet.ts'
import { factOfRun } from '../../../../lib/adapters/settlement/facts/gps-fact.ts'
import { parseApplicationData } from '../../../../lib/adapters/settlement/stark-perpetual/application-data.ts'
import { parseProgramOutput as parsePerpetual } from '../../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import { neededFacts } from '../../../../lib/adapters/settlement/stark-perpetual/state-transition-fact.ts'
import { parseProgramOutput } from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { coreFact } from '../../../../lib/adapters/settlement/starknet-core/state-transition-fact.ts'
import type { BatchContent } from '../../../../lib/domain/proving/batch.ts'
import type { BatchInput, BatchSource } from '../../../../lib/ports.ts'
import { handClock } from '../../../adapters/batches/served-runs.ts'
import { anvil } from '../../../adapters/chains/anvil.ts'
import { anvilSecret, wallClock } from '../../../adapters/chains/keys.ts'
import { aCore } from '../starknet-box/a-box.ts'

const configHash = 0xc0f1n
const beforeAll = { number: -1, hash: '0x0', root: '0x0' } as const
const wanted = {
  first: 1,
  previous: { number: 0, hash: '0x1' },
  last: { number: 2, hash: '0x3' },
  previousRoot: '0x0',
  newRoot: '0x0',
} as const

/** The first batch and its run, once the run is done. */
async function firstRun(source: BatchSource, after: Parameters<BatchSource['closed']>[0]) {
  const [batch] = await source.closed(after, 1)
  if (!batch) throw new Error('there is a batch')
  const input = await source.input(batch)
  if (!input) throw new Error('its run is there')
  return { batch, input }
}

async function serve(make: Parameters<typeof startProgramRuns>[0]['make']) {
  const service = await startProgramRuns({ make, runMs: 0 })
  onTestFinished(async () => service.stop())
  return programRuns({ name: 'operator', url: service.url, clock: wallClock })
}

/** What a prover would register of it, read from the PIE alone. */
function provedFact({ pie }: BatchInput): string {
  const { program, output } = readPie(pie)
  return factOfRun(programHash(program), output)
}

function coreFactOf({ output }: BatchInput): string {
  const { programOutput, data } = output
  if (data?.kind !== 'calldata') throw new Error('its data is beside the output')
  return coreFact(
    { programOutput, data },
    { programHash: localCoreProgramHash, aggregatorProgramHash: 0n },
  )
}

function headerBy(batch: BatchContent) {
  return {
    prevRoot: BigInt(batch.previousRoot),
    newRoot: BigInt(batch.newRoot),
    prevBlockNumber: BigInt(batch.previous.number),
    newBlockNumber: BigInt(batch.last.number),
    prevBlockHash: BigInt(batch.previous.hash),
    newBlockHash: BigInt(batch.last.hash),
    osProgramHash: 0n,
    configHash,
  }
}

describe('the local program runs', () => {
  test("of the Starknet box's blocks are proved as the fact that the core asks for", async () => {
    const box = await startStarknetBox({ blocks: 'demand', core: aCore() })
    onTestFinished(async () => box.stop())
    for (let times = 0; times < 4; times += 1) {
      box.advanceSeconds(2)
      box.makeBlock()
    }
    const source = starknetBlocks({
      name: 'appchain',
      chain: starknetChain({
        name: 'box',
        rpcUrls: [box.url],
        blockSeconds: 2,
        chainId: box.chainId,
        finalityBlocks: 10,
        keys: {},
        clock: wallClock,
      }),
      clock: wallClock,
      rules: { maxBlocks: 3, maxTransactions: 100, maxAgeMs: 3_600_000 },
      runs: await serve(starknetRuns({ nodeUrl: box.url, configHash })),
      readOutput: parseProgramOutput,
    })
    const { batch, input } = await firstRun(source, beforeAll)
    expect(batch).toMatchObject({ name: 'blocks 0-2', closedBy: 'count' })
    expect(parseProgramOutput(input.output.programOutput).header).toEqual(headerBy(batch))
    expect(BigInt(input.programHash)).toBe(localCoreProgramHash)
    expect(provedFact(input)).toBe(coreFactOf(input))
    box.faults.set({ fault: 'reorg', blocks: 3 })
    for (let times = 0; times < 3; times += 1) box.makeBlock()
    expect(await source.has(batch.last)).toBe(false)
    // It runs what is in its chain, and nothing else.
    expect(await source.input(batch)).toBeUndefined()
  })

  test("of the EVM engine's actions are proved as the fact that the core asks for", async () => {
    const node = await anvil()
    onTestFinished(async () => node.stop())
    const { address } = await deployEvmEngine({
      rpcUrl: node.url,
      key: anvilSecret,
      config: {
        epochSeconds: 3_600,
        rules: usualEngineRules,
        markets: { 'BTC-USD': usualMarketRules },
        signers: ['0x00000000000000000000000000000000000000a1'],
        operators: ['0x00000000000000000000000000000000000000a2'],
      },
    })
    const engine = address.toLowerCase() as `0x${string}`
    const source = ownEngine({
      name: 'own-engine',
      chain: evmChain({
        name: 'anvil',
        rpcUrls: [node.url],
        chainId: 31_337,
        blockSeconds: 1,
        finalityBlocks: 1,
        keys: [],
        clock: wallClock,
      }),
      engine,
      clock: wallClock,
      rules: { maxActions: 2, maxBytes: 100_000, maxAgeMs: 3_600_000 },
      runs: await serve(engineRuns({ nodeUrl: node.url, engine, configHash })),
      readOutput: parseProgramOutput,
    })
    const { batch, input } = await firstRun(source, beforeAll)
    expect(batch.size).toBeGreaterThan(0)
    expect(parseProgramOutput(input.output.programOutput).header).toEqual(headerBy(batch))
    expect(provedFact(input)).toBe(coreFactOf(input))
  })

  test.for(['validium', 'rollup'] as const)(
    "of a StarkEx exchange's batches are proved as the fact that the contract asks for: %s",
    async (availability) => {
      const exchangeUrl = await anExchange()
      const source = starkexBatches({
        name: 'starkex',
        feeder: starkexFeeder({
          chain: 'starkex',
          tls: undefined,
          feederUrl: `${exchangeUrl}/feeder_gateway`,
          availabilityUrl: `${exchangeUrl}/availability_gateway`,
        }),
        runs: await serve(
          starkexRuns({
            exchangeUrl,
            globalConfigurationHash: 1n,
            assetConfigurations: [],
            availability,
          }),
        ),
        layout: { readOutput: parsePerpetual, readApplicationData: parseApplicationData },
      })
      const { batch, input } = await firstRun(source, { number: 4 })
      const { programOutput } = input.output
      expect(batch).toMatchObject({ name: 'batch 6', previousRoot: '0xa4', newRoot: '0xa6' })
      const { gps } = neededFacts(programOutput, {
        programHashes: [localPerpetualProgramHash],
        sequenceNumber: 0n,
      })
      expect([provedFact(input)]).toEqual(gps)
    },
  )

  test.for([0, 3_799, 3_800, 9_000, 20_000])(
    'with %i words of data are in pages that a prover takes, and proved as that fact',
    async (words) => {
      const service = await startProgramRuns({
        runMs: 0,
        make: async (asked, spoilt) =>
          Promise.resolve(
            coreRunOf(
              {
                wanted: asked,
                previousRoot: 0n,
                newRoot: 0n,
                configHash,
                data: Array.from({ length: words }, (_, at) => BigInt(at)),
                size: 1,
              },
              spoilt,
            ),
          ),
      })
      onTestFinished(async () => service.stop())
      const runs = programRuns({ name: 'operator', url: service.url, clock: wallClock })
      const run = await runs.run(wanted)
      if (!run) throw new Error('its run is there')
      const reading = readStatement(Buffer.from(run.pie))
      expect(reading).toMatchObject({
        kind: 'statement',
        statement: { steps: run.steps, facts: { sharp: coreFactOf(run) } },
      })
      expect(run.output.data).toMatchObject({ size: BigInt(words + 1) })
    },
  )

  test('take their time from when they were first asked for', async () => {
    const clock = handClock(1_800_000_000)
    const { service, runs } = await aTimedService(clock, 60_000)
    expect(await runs.run(wanted)).toBeUndefined()
    clock.set(1_800_000_059)
    expect(await runs.run(wanted)).toBeUndefined()
    clock.set(1_800_000_060)
    const first = await runs.run(wanted)
    expect(first?.output.programOutput).toHaveLength(12)
    expect(await runs.run(wanted)).toEqual(first)
    expect(await runs.run({ ...wanted, first: 2 })).toBeUndefined()
    await service.stop()
  })

  test('are spoilt and slowed down from outside, for as many requests as it is told', async () => {
    const { service, runs } = await aTimedService(handClock(1_800_000_000), 0)
    onTestFinished(async () => service.stop())
    const say = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${service.adminUrl}${path}`, {
        method,
        ...(body && { body: JSON.stringify(body) }),
      })
      return [response.status, await response.json()] as const
    }
    expect(await say('POST', '/faults', { fault: 'not-ready', requests: 1 })).toEqual([
      200,
      [{ fault: 'not-ready', requests: 1 }],
    ])
    expect(await runs.run(wanted)).toBeUndefined()
    expect(await runs.run(wanted)).toBeDefined()
    expect(await say('POST', '/faults', { fault: 'server-error' })).toEqual([
      200,
      [{ fault: 'server-error', status: 503 }],
    ])
    await expect(runs.run(wanted)).rejects.toThrow('status 503')
    expect(await say('DELETE', '/faults?fault=server-error')).toEqual([200, []])
    await say('POST', '/faults', { fault: 'slow', ms: 80, requests: 1 })
    const begin = performance.now()
    expect(await runs.run(wanted)).toBeDefined()
    expect(performance.now() - begin).toBeGreaterThanOrEqual(75)
    expect((await say('POST', '/faults', { fault: 'nonsense' }))[0]).toBe(400)
    expect((await say('DELETE', '/faults?fault=nonsense'))[0]).toBe(400)
    expect((await say('GET', '/other'))[0]).toBe(404)
    expect(await say('GET', '/faults')).toEqual([200, []])
    expect((await fetch(`${service.url}/runs/1-2`)).status).toBe(400)
    expect((await fetch(`${service.url}/elsewhere`)).status).toBe(404)
  })
})

/** Of a chain that is always there. */
async function aTimedService(clock: ReturnType<typeof handClock>, runMs: number) {
  const service = await startProgramRuns({
    clock,
    runMs,
    make: async (asked, spoilt) =>
      Promise.resolve(
        coreRunOf(
          { wanted: asked, previousRoot: 0n, newRoot: 0n, configHash, data: [1n, 2n], size: 2 },
          spoilt,
        ),
      ),
  })
  return { service, runs: programRuns({ name: 'operator', url: service.url, clock }) }
}

/** The feeder writes them without `0x`. */
function root(id: number): string {
  return `0${(0xa0 + id).toString(16)}`
}

/** One with two batches, 4 and 6, whose roots are felts as those of a real one are. */
async function anExchange(): Promise<string> {
  const info = (id: number, previous: number) => ({
    previous_batch_id: previous,
    sequence_number: id,
    previous_position_root: root(Math.max(0, previous)),
    previous_order_root: '0e',
    position_root: root(id),
    order_root: '0e',
    time_created: '1764000000',
    txs_info: [],
  })
  const update = {
    prev_batch_id: 4,
    position_root: root(6),
    order_root: '0e',
    orders: {},
    positions: {
      '30': {
        public_key: '0x777',
        collateral_balance: '-1100',
        assets: {
          '0x4254432d3130000000000000000000': { balance: '1000', cached_funding_index: '-3' },
        },
      },
    },
  }
  const answers: Readonly<Record<string, unknown>> = {
    '/feeder_gateway/get_last_batch_id': 6,
    '/feeder_gateway/get_batch_info?batch_id=4': info(4, -1),
    '/feeder_gateway/get_batch_info?batch_id=6': info(6, 4),
    '/availability_gateway/get_batch_data?batch_id=6': { update },
  }
  const none = { code: 'StarkErrorCode.INVALID_BATCH_ID', message: 'there is none' }
  const server = createServer((request, response) => {
    response.end(JSON.stringify(answers[request.url ?? ''] ?? none))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
