import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { privateKeyToAccount } from 'viem/accounts'
import { onTestFinished } from 'vitest'

import { compiledL1Contract } from '../../../infra/contracts/l1/compiled-l1.ts'
import { deployGps } from '../../../infra/contracts/l1/deploy-gps.ts'
import { deployStarkPerpetual } from '../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { registerFact } from '../../../infra/contracts/l1/register-fact.ts'
import { l1Sender } from '../../../infra/contracts/l1/sender.ts'
import { localPerpetualProgramHash } from '../../../infra/local/program-runs/programs.ts'
import { starkexBeginning, starkexRuns } from '../../../infra/local/program-runs/starkex-runs.ts'
import { startProgramRuns } from '../../../infra/local/program-runs/start-program-runs.ts'
import { startSharp } from '../../../infra/local/provers/sharp-server.ts'
import { wordHex } from '../../../lib/adapters/settlement/facts/words.ts'
import { type Batch, type BatchKind } from '../../../lib/domain/proving/batch.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { compose } from '../../../lib/runtime/compose.ts'
import { parseNetwork } from '../../../lib/runtime/network-file.ts'
import { workersOf } from '../../../lib/runtime/world/workers.ts'
import { anvil } from '../../adapters/chains/anvil.ts'
import { anvilSecret, otherAnvilSecret } from '../../adapters/chains/keys.ts'
import {
  aBook,
  aPosition,
  bookStart,
  btcAsset,
  ethAsset,
  riskyConfig,
} from '../../infra/local/starkex-gateway/a-book.ts'

export const lane = 'perps-proofs'

const operator = privateKeyToAccount(otherAnvilSecret)
/** Of the committee. */
const member = privateKeyToAccount(wordHex(5n))
const globalConfigurationHash = 0x6c0bn
const assetConfigurations = [
  { asset: btcAsset, hash: 0xb7cn },
  { asset: ethAsset, hash: 0xe7en },
]

/**
 * A StarkEx exchange whose data a committee keeps, with its contract on anvil; all between is put together from a network file,
 * with SHARP over HTTP. One clock, which a test moves, is that of all of them.
 */
export async function provingOnStarkPerpetual() {
  const book = await aBook(new Map([[30n, aPosition(-1_100n, [[btcAsset, 1_000n]])]]), {
    config: riskyConfig({ batches: { transactions: 1, seconds: 3_600, gap: 2 } }),
  })
  const { clock } = book
  const node = await anvil(['--slots-in-an-epoch', '1', '--timestamp', String(bookStart)])
  onTestFinished(async () => node.stop())
  const deployer = { rpcUrl: node.url, key: anvilSecret } as const
  const gps = await deployGps(deployer)
  const contract = await deployStarkPerpetual({
    ...deployer,
    gps: gps.gps,
    programHash: localPerpetualProgramHash,
    committee: { members: [member.address], required: 1 },
    operators: [operator.address],
    configuration: { global: globalConfigurationHash, assets: assetConfigurations },
    setUp: { escapeVerifier: gps.gps, state: starkexBeginning },
  })
  const exchangeUrl = new URL(book.url).origin
  const options = { exchangeUrl, globalConfigurationHash, assetConfigurations }
  const make = starkexRuns({ ...options, availability: 'validium' })
  const runs = await startProgramRuns({ make, runMs: 0, clock })
  onTestFinished(async () => runs.stop())
  const sharp = await startSharp({
    clock,
    customerId: 'us',
    advanceEveryMs: 0,
    async register(programHash, output) {
      await registerFact({ ...deployer, gps, task: { programHash, output } })
    },
  })
  onTestFinished(async () => sharp.close())

  const directory = mkdtempSync(join(tmpdir(), 'starkeep-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'operator'), otherAnvilSecret, { mode: 0o600 })
  const network = parseNetwork(
    JSON.stringify({
      network: 'test',
      store: { kind: 'memory' },
      chains: {
        l1: {
          kind: 'evm',
          rpc: [node.url],
          chainId: 31_337,
          blockSeconds: 3_600,
          finalityBlocks: 2,
          account: { address: operator.address, key: 'file:operator' },
        },
        perps: {
          kind: 'starkex',
          gateway: book.url,
          system: 'perps',
          sends: false,
          batches: {
            feeder: `${exchangeUrl}/feeder_gateway`,
            availability: `${exchangeUrl}/availability_gateway`,
          },
        },
      },
      engines: {},
      markets: {},
      proving: {
        [lane]: {
          source: {
            kind: 'starkex-batches',
            chain: 'perps',
            runs: runs.url,
            emptyRoot: `0x${starkexBeginning.positionsRoot.toString(16)}`,
          },
          provers: [{ name: 'sharp', kind: 'sharp', baseUrl: sharp.url, customerId: 'us' }],
          settlement: {
            kind: 'stark-perpetual',
            chain: 'l1',
            address: contract.perpetual,
            registry: gps.gps,
          },
          deadlines: { settle: 300 },
          pollMs: { least: 1_000, most: 10_000 },
        },
      },
      jobs: { 'prove-batches': { everySeconds: 1 } },
    }),
    'test.yml',
    { venueNames: [] },
  )
  const world = await compose({ network, directory, clock })
  onTestFinished(async () => world.close())
  const workers = workersOf(world, { notify: () => undefined, worker: 'one' })
  const { store } = world.ports

  const it = {
    book,
    world,
    contract,
    store,
    settlement: world.ports.proving[lane]?.settlement,

    async row(number: number): Promise<Batch> {
      const found = await store.batches.read(lane, number)
      if (!found) throw new Error(`there is no batch ${number}`)
      return found
    },

    /** How many transactions the operator has sent. */
    sent: async () => Number(await node.rpc('eth_getTransactionCount', operator.address, 'latest')),

    /** The committee says that it has the data that this fact stands for. */
    async sign(fact: `0x${string}`): Promise<void> {
      const sender = await l1Sender(node.url, anvilSecret)
      const { abi } = compiledL1Contract('stark-perpetual', 'Committee')
      const args = [fact, await member.sign({ hash: fact })]
      await sender.call({ to: contract.committee, abi, name: 'verifyAvailabilityProof', args })
    },

    /** So much time, with a block of L1 at its end. */
    async pass(seconds: number): Promise<void> {
      book.pass(seconds)
      await node.rpc('evm_setNextBlockTimestamp', Math.floor(clock.now() / 1_000))
      await node.rpc('evm_mine')
      await sharp.advance()
    },

    /** One slot of the keeper, and what the sweeper does for its lane. */
    async slot(): Promise<void> {
      const slot = Math.floor(clock.now() / 1_000)
      const until = timestamp(clock.now() + 10_000)
      await workers.work({ job: 'prove-batches', subject: lane, slot }, until)
      for (const sending of workers.lanes) await advanceLane(sending)
    },

    /** Slots and time until it is so; at most so many. */
    async until(number: number, is: (batch: Batch) => boolean, most = 60): Promise<Batch> {
      for (let times = 0; times < most; times += 1) {
        await it.slot()
        const found = await store.batches.read(lane, number)
        if (found && is(found)) return found
        await it.pass(2)
      }
      const { state, trouble } = await it.row(number)
      throw new Error(`it never was so: ${JSON.stringify(state)} ${trouble?.message ?? ''}`)
    },

    untilState: async (number: number, kind: BatchKind) =>
      it.until(number, ({ state }) => state.kind === kind),
  }
  return it
}
