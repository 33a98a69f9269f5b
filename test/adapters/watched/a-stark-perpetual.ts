import { concat } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

import { compiledL1Contract } from '../../../infra/contracts/l1/compiled-l1.ts'
import { deployGps } from '../../../infra/contracts/l1/deploy-gps.ts'
import {
  deployStarkPerpetual,
  starkPerpetualAbi,
} from '../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { registerFact } from '../../../infra/contracts/l1/register-fact.ts'
import { l1Sender } from '../../../infra/contracts/l1/sender.ts'
import { startAnvil } from '../../../infra/local/anvil.ts'
import { onePage } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import { wordHex } from '../../../lib/adapters/settlement/facts/words.ts'
import { buildApplicationData } from '../../../lib/adapters/settlement/stark-perpetual/application-data.ts'
import {
  buildProgramOutput,
  type PerpetualOutput,
} from '../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import type { SharedState } from '../../../lib/adapters/settlement/stark-perpetual/shared-state.ts'
import { neededFacts } from '../../../lib/adapters/settlement/stark-perpetual/state-transition-fact.ts'
import { anvilSecret, otherAnvilSecret } from '../chains/keys.ts'
import { askNode } from './ask-node.ts'
import { faultyNode } from './faulty-node.ts'

const program = 77n
export const perpetualUpgradeDelaySeconds = 14 * 86_400
export const btcAsset = 0x4254432d3130000000000000000000n
/** Below 2^160, so that its owner is the account of that number. */
const owner = privateKeyToAccount(otherAnvilSecret)
export const ownerKey = BigInt(owner.address)
const member = privateKeyToAccount(wordHex(5n))

type Forced = PerpetualOutput['forced']

/** A StarkEx exchange on an Ethereum of its own, seen through two nodes, and all of its offices in one hand. */
export async function aStarkPerpetual() {
  const anvil = await startAnvil({ extraArgs: ['--slots-in-an-epoch', '1'] })
  const ask = askNode(anvil.url)
  const account = { rpcUrl: anvil.url, key: anvilSecret } as const
  const now = async (): Promise<bigint> => {
    const block = await ask('eth_getBlockByNumber', 'latest', false)
    return BigInt((block as { timestamp: string }).timestamp)
  }
  let state: SharedState = {
    positionsRoot: 1n,
    positionsHeight: 64n,
    ordersRoot: 2n,
    ordersHeight: 64n,
    funding: [],
    fundingTime: await now(),
    prices: [],
    systemTime: await now(),
  }
  const gps = await deployGps(account)
  const { address: governor } = privateKeyToAccount(anvilSecret)
  const escapeVerifier = await (
    await l1Sender(anvil.url, anvilSecret)
  ).deploy(compiledL1Contract('starknet-core', 'ToldFacts'), [])
  const addresses = await deployStarkPerpetual({
    ...account,
    gps: gps.gps,
    programHash: program,
    committee: { members: [member.address], required: 1 },
    operators: [governor],
    configuration: { global: 11n, assets: [{ asset: btcAsset, hash: 12n }] },
    setUp: { escapeVerifier, state },
    upgradeDelaySeconds: perpetualUpgradeDelaySeconds,
  })
  const abi = starkPerpetualAbi()
  let batches = 0n
  const { perpetual: to } = addresses

  const world = {
    ...addresses,
    governor,
    gps: gps.gps,
    ask,
    now,
    l1: [await faultyNode(anvil.url), await faultyNode(anvil.url)] as const,
    sender: async () => l1Sender(anvil.url, anvilSecret),
    /** Whatever the governor may do there. */
    call: async (name: string, args: readonly unknown[]): Promise<void> =>
      (await world.sender()).call({ to, abi, name, args }),
    proxy: async (name: string, args: readonly unknown[]): Promise<void> =>
      (await world.sender()).call({
        to,
        abi: compiledL1Contract('proxy', 'Proxy').abi,
        name,
        args,
      }),
    /** Whatever the owner of `ownerKey` asks for. */
    request: async (name: string, args: readonly unknown[]): Promise<void> => {
      const sender = await l1Sender(anvil.url, otherAnvilSecret)
      await sender.call({ to, abi, name, args })
    },
    /** Proves a batch of that system time and settles it; its number. */
    settle: async (systemTime: bigint, forced: Forced = []): Promise<bigint> => {
      const next = { ...state, positionsRoot: state.positionsRoot + 1n, systemTime }
      const words = buildProgramOutput({
        globalConfigurationHash: 11n,
        availability: { kind: 'validium' },
        configurations: [],
        previous: state,
        next,
        expirationHour: (await now()) / 3_600n + 48n,
        modifications: [],
        forced,
        conditions: [],
      })
      const sequenceNumber = batches
      const facts = neededFacts(words, { programHashes: [program], sequenceNumber })
      const output = { pages: [words], structure: onePage }
      await registerFact({ ...account, gps, task: { programHash: program, output } })
      const claim = facts.availability ?? '0x'
      const signature = concat([await member.sign({ hash: claim })])
      const committee = compiledL1Contract('stark-perpetual', 'Committee').abi
      const sender = await world.sender()
      await sender.call({
        to: addresses.committee,
        abi: committee,
        name: 'verifyAvailabilityProof',
        args: [claim, signature],
      })
      const told = { batchId: batches + 1n, previousBatchId: batches, conditions: [] }
      const args = [words, buildApplicationData(told)]
      await sender.call({ to, abi, name: 'updateState', args })
      state = next
      batches += 1n
      return batches
    },
    mine: async (blocks: number) => ask('anvil_mine', `0x${blocks.toString(16)}`, '0xc'),
    wait: async (seconds: number): Promise<void> => {
      await ask('evm_increaseTime', seconds)
      await ask('anvil_mine', '0x1')
    },
    stop: async (): Promise<void> => {
      await Promise.all(world.l1.map(async (node) => node.stop()))
      await anvil.stop()
    },
  }
  return world
}
