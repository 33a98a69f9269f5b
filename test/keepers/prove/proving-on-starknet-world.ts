import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { appchainRuns } from '../../../infra/local/program-runs/appchain-runs.ts'
import { localAppchainProgramHash } from '../../../infra/local/program-runs/programs.ts'
import { startAtlantic } from '../../../infra/local/provers/atlantic-server.ts'
import type { RegisterFact } from '../../../infra/local/provers/job-book.ts'
import { layoutBridgeProgram } from '../../../infra/local/provers/statement.ts'
import { integrityPrograms } from '../../../lib/adapters/settlement/facts/integrity-fact.ts'
import type { Batch } from '../../../lib/domain/proving/batch.ts'
import { retriedByHand } from '../../../lib/domain/proving/by-hand.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { compose } from '../../../lib/runtime/compose.ts'
import { parseNetwork } from '../../../lib/runtime/network-file.ts'
import { provingRules } from '../../../lib/runtime/world/proving-rules.ts'
import { workersOf } from '../../../lib/runtime/world/workers.ts'
import { aStarknet } from '../../adapters/batches/a-starknet.ts'
import { servedRuns } from '../../adapters/batches/served-runs.ts'
import type { CairoNode, CairoNodeOptions } from '../../infra/contracts/cairo-node.ts'
import { felt } from '../../infra/contracts/piltover/appchain-output.ts'

export const lane = 'blocks'

const configHash = 0xc0f1n
const programs = {
  bootloader: integrityPrograms.sharpBootloader,
  snosConfig: configHash,
  snos: localAppchainProgramHash,
  layoutBridge: layoutBridgeProgram,
}

/** What the lane trusts. */
export const trusted = {
  layout: 'recursive',
  hasher: 'keccak_160_lsb',
  stoneVersion: 'stone6',
  memoryVerification: 'relaxed',
}

/** How strong the proofs are that Atlantic registers. */
export type Strength = { readonly bits: bigint; readonly configuration: typeof trusted }

/**
 * A Starknet chain that a test writes, settled on another by Piltover; all between is put together from a network file, with
 * Atlantic over HTTP. One clock, which a test moves, is that of all of them.
 */
export async function provingOnStarknet(
  startNode: (options: CairoNodeOptions) => Promise<CairoNode>,
  { isMocked = false, feeCap }: { readonly isMocked?: boolean; readonly feeCap?: string } = {},
) {
  let now = Date.now()
  const clock = {
    now: () => timestamp(now),
    sleep: async (ms: number) => {
      now += ms
      await Promise.resolve()
    },
    set: (seconds: number) => {
      now = Math.max(now, seconds * 1_000)
    },
  }
  const appchain = await aStarknet({ clock })
  const [shown] = appchain.nodes
  if (!shown) throw new Error('there is a node')
  const genesis = appchain.add({ seconds: Math.floor(now / 1_000) })
  const start = { root: genesis.root, number: BigInt(genesis.number), hash: genesis.hash }
  const node = await startNode({ start, clock })
  onTestFinished(async () => node.stop())
  const registry = isMocked ? node.mocked : node.registry
  await setUp(node, registry)

  const strength: { now: Strength } = { now: { bits: 96n, configuration: trusted } }
  const register = async (fact: bigint, { bits, configuration }: Strength = strength.now) => {
    const words = Object.values(configuration).map(felt)
    await node.send('stranger', registry, ['register_fact', ...words, fact, bits])
  }
  const asAsked: RegisterFact = async (_program, _output, { facts, fields }) => {
    if (fields['result'] !== 'PROOF_VERIFICATION_ON_L2') throw new Error('on which chain?')
    await register(BigInt(facts.integrity))
  }
  const atlantic = await startAtlantic({
    clock,
    register: asAsked,
    advanceEveryMs: 0,
    apiKey: 'key',
  })
  onTestFinished(async () => atlantic.close())
  const { service } = await servedRuns(appchainRuns({ nodeUrl: shown.url, configHash }), { clock })

  const directory = mkdtempSync(join(tmpdir(), 'starkeep-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const { operator } = node.accounts
  const secrets = { settler: operator.privateKey, atlantic: 'key' }
  for (const [name, text] of Object.entries(secrets))
    writeFileSync(join(directory, name), text, { mode: 0o600 })
  const network = parseNetwork(
    JSON.stringify(
      networkFile({
        l2: node.url,
        appchain: shown.url,
        runs: service.url,
        atlantic: atlantic.url,
        account: operator.address,
        contract: node.appchain,
        registry,
        feeCap,
      }),
    ),
    'test.yml',
    { venueNames: [] },
  )
  const composed = await compose({ network, directory, clock })
  onTestFinished(async () => composed.close())
  const { ports } = composed
  const { store } = ports
  const parts = ports.proving[lane]
  const rules = provingRules(network)[lane]
  const workers = workersOf(composed, { notify: () => undefined, worker: 'one' })
  if (!parts || !rules) throw new Error('the file has a lane')

  const row = async (number: number): Promise<Batch> => {
    const found = await store.batches.read(lane, number)
    if (!found) throw new Error(`there is no batch ${number}`)
    return found
  }

  const it = {
    node,
    atlantic,
    service,
    composed,
    settlement: parts.settlement,
    store,
    register,
    strength,
    row,

    /** Batches of two blocks each, the last of which is closed by the block after it. */
    close(batches: number): void {
      for (let block = 0; block < 2 * batches + 1; block += 1)
        clock.set(appchain.add({ seconds: Math.floor(now / 1_000) + block }).seconds)
    },

    async setPrograms(change: Partial<typeof programs>): Promise<void> {
      await setPrograms(node, { ...programs, ...change })
    },

    /** So much time, after which L1 has all blocks. */
    async pass(ms: number): Promise<void> {
      now += ms
      await node.advance(Math.ceil(ms / 1_000))
      await node.acceptOnL1()
      await atlantic.advance()
    },

    /** One slot of the keeper, and what the sweeper does for its lane. */
    async slot(): Promise<void> {
      const slot = Math.floor(now / 1_000)
      await workers.work({ job: 'prove-batches', subject: lane, slot }, timestamp(now + 10_000))
      for (const sending of workers.lanes) await advanceLane(sending)
    },

    /** Slots and time until it is in that state; at most so many. */
    async untilState(number: number, kind: Batch['state']['kind'], most = 60): Promise<Batch> {
      for (let times = 0; times < most; times += 1) {
        await it.slot()
        const found = await store.batches.read(lane, number)
        if (found?.state.kind === kind) return found
        await it.pass(2_000)
      }
      const { state, trouble } = await row(number)
      throw new Error(`it never was ${kind}: ${JSON.stringify(state)} ${trouble?.message ?? ''}`)
    },

    async retry(number: number): Promise<void> {
      const hand = { by: 'anna', reason: 'looked into', now: clock.now(), anew: false }
      await store.batches.write(retriedByHand(await row(number), hand, rules.deadlineMs))
    },
  }
  return it
}

async function setUp(node: CairoNode, registry: `0x${string}`): Promise<void> {
  await setPrograms(node, programs)
  await node.send('owner', node.appchain, ['set_facts_registry', BigInt(registry)])
  await node.send('owner', node.appchain, ['register_operator', BigInt(node.who.operator)])
  const preset = [felt('recursive'), felt('keccak')]
  await node.send('owner', node.registry, ['register_verifier', ...preset, 7n])
}

async function setPrograms(node: CairoNode, info: typeof programs): Promise<void> {
  const { bootloader, snosConfig, snos, layoutBridge } = info
  const words = [bootloader, snosConfig, snos, layoutBridge]
  await node.send('owner', node.appchain, ['set_program_info', ...words])
}

function networkFile(
  at: Readonly<
    Record<'l2' | 'appchain' | 'runs' | 'atlantic' | 'account' | 'contract' | 'registry', string>
  > & { readonly feeCap: string | undefined },
): object {
  const deadlines = { prepare: 120, submit: 120, prove: 300, fact: 120, settle: 300 }
  return {
    network: 'test',
    store: { kind: 'memory' },
    chains: {
      l2: {
        kind: 'starknet',
        rpc: [at.l2],
        chainId: 'SN_SEPOLIA',
        blockSeconds: 3_600,
        finalityBlocks: 1_000,
        account: { address: at.account, key: 'file:settler' },
      },
      appchain: {
        kind: 'starknet',
        rpc: [at.appchain],
        chainId: '0x534e',
        blockSeconds: 3_600,
      },
    },
    engines: {},
    markets: {},
    proving: {
      [lane]: {
        source: { kind: 'starknet-blocks', chain: 'appchain', runs: at.runs, maxBlocks: 2 },
        provers: [
          {
            name: 'atlantic',
            kind: 'atlantic',
            baseUrl: at.atlantic,
            apiKey: 'file:atlantic',
            network: 'TESTNET',
            result: 'PROOF_VERIFICATION_ON_L2',
          },
        ],
        settlement: {
          kind: 'piltover',
          chain: 'l2',
          address: at.contract,
          registry: at.registry,
          programs: Object.fromEntries(
            Object.entries(programs).map(([name, hash]) => [name, `0x${hash.toString(16)}`]),
          ),
          configurations: [trusted],
        },
        deadlines,
        pollMs: { least: 1_000, most: 10_000 },
        feeCap: at.feeCap,
      },
    },
    jobs: { 'prove-batches': { everySeconds: 1 } },
  }
}
