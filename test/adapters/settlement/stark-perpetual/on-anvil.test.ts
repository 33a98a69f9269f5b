import {
  BaseError,
  concat,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  decodeFunctionData,
  http,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import { deployGps, type GpsAddresses } from '../../../../infra/contracts/l1/deploy-gps.ts'
import {
  deployStarkPerpetual,
  type StarkPerpetualAddresses,
  type StarkPerpetualWitnesses,
} from '../../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { registerFact } from '../../../../infra/contracts/l1/register-fact.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { evmChain } from '../../../../lib/adapters/chains/evm.ts'
import type { Rpc } from '../../../../lib/adapters/rpc.ts'
import { mainAndData, onePage } from '../../../../lib/adapters/settlement/facts/output-tree.ts'
import { keccakOfWords, wordHex } from '../../../../lib/adapters/settlement/facts/words.ts'
import { starkPerpetualSettlement } from '../../../../lib/adapters/settlement/stark-perpetual-settlement.ts'
import { perpetualAbi } from '../../../../lib/adapters/settlement/stark-perpetual/perpetual-abi.ts'
import {
  buildProgramOutput,
  type PerpetualOutput,
} from '../../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import { readPerpetualState } from '../../../../lib/adapters/settlement/stark-perpetual/read-perpetual-state.ts'
import { perpetualRevertMeaning } from '../../../../lib/adapters/settlement/stark-perpetual/revert-meaning.ts'
import type { SharedState } from '../../../../lib/adapters/settlement/stark-perpetual/shared-state.ts'
import { neededFacts } from '../../../../lib/adapters/settlement/stark-perpetual/state-transition-fact.ts'
import {
  readPerpetualLog,
  readUpdateStateCall,
  updateStateCalldata,
} from '../../../../lib/adapters/settlement/stark-perpetual/update-state-call.ts'
import { anvil } from '../../chains/anvil.ts'
import { anvilSecret, otherAnvilSecret, wallClock } from '../../chains/keys.ts'

type Hex = `0x${string}`

const program = 77n
const btc = 0x4254432d3130000000000000000000n
const operator = privateKeyToAccount(otherAnvilSecret)
/** Of the committee. */
const member = privateKeyToAccount(wordHex(5n))
const begin = 1_800_000_000n

const genesis: SharedState = {
  positionsRoot: 1n,
  positionsHeight: 64n,
  ordersRoot: 2n,
  ordersHeight: 64n,
  funding: [],
  fundingTime: begin,
  prices: [],
  systemTime: begin,
}

let node: Awaited<ReturnType<typeof anvil>>
let gps: GpsAddresses
let addresses: StarkPerpetualAddresses & StarkPerpetualWitnesses
let rpc: Rpc

beforeAll(async () => {
  // A block is final two later.
  node = await anvil([
    '--hardfork',
    'osaka',
    '--slots-in-an-epoch',
    '1',
    '--timestamp',
    String(begin),
  ])
  const account = { rpcUrl: node.url, key: anvilSecret } as const
  gps = await deployGps(account)
  const escapes = await (
    await l1Sender(node.url, anvilSecret)
  ).deploy(compiledL1Contract('starknet-core', 'ToldFacts'), [])
  addresses = await deployStarkPerpetual({
    ...account,
    gps: gps.gps,
    programHash: program,
    committee: { members: [member.address], required: 1 },
    operators: [operator.address],
    configuration: { global: 11n, assets: [{ asset: btc, hash: 12n }] },
    setUp: { escapeVerifier: escapes, state: genesis },
  })
  rpc = evmChain({
    name: 'l1',
    rpcUrls: [node.url],
    chainId: 31_337,
    blockSeconds: 12,
    finalityBlocks: 2,
    keys: [],
    clock: wallClock,
  }).rpc
})
afterAll(async () => node.stop())

const read = async (tag: 'latest' | 'finalized' = 'latest', who: Hex = operator.address) =>
  readPerpetualState(rpc, {
    perpetual: addresses.perpetual,
    operator: who,
    assets: [btc, 5n],
    tag,
  })

const settlement = () =>
  starkPerpetualSettlement({
    name: 'perps',
    chain: 'l1',
    rpc,
    perpetual: addresses.perpetual,
    registry: gps.gps,
    account: operator.address,
  })

const batch: PerpetualOutput = {
  globalConfigurationHash: 11n,
  availability: { kind: 'validium' },
  configurations: [{ asset: btc, hash: 12n }],
  previous: genesis,
  next: {
    ...genesis,
    positionsRoot: 3n,
    funding: [{ asset: btc, index: -5n }],
    prices: [{ asset: btc, price: 9n }],
    systemTime: begin + 60n,
  },
  expirationHour: begin / 3_600n + 24n,
  modifications: [],
  forced: [],
  conditions: [],
}
const application = { batchId: 9n, previousBatchId: 0n, conditions: [] }

/** What the exchange would say now. */
async function tried(words: readonly bigint[], toldApplication = application): Promise<string> {
  const reader = createPublicClient({ chain: foundry, transport: http(node.url) })
  const { args } = decodeFunctionData({
    abi: perpetualAbi,
    data: updateStateCalldata(words, toldApplication),
  })
  try {
    await reader.simulateContract({
      address: addresses.perpetual,
      abi: perpetualAbi,
      functionName: 'updateState',
      args: args as [readonly bigint[], readonly bigint[]],
      account: operator.address,
    })
    return 'ok'
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    const revert = error.walk((inner) => inner instanceof ContractFunctionRevertedError)
    return (revert as ContractFunctionRevertedError | null)?.reason ?? 'nothing said'
  }
}

async function settle(words: readonly bigint[], told = application) {
  const wallet = createWalletClient({
    account: operator,
    chain: foundry,
    transport: http(node.url),
  })
  const reader = createPublicClient({
    chain: foundry,
    transport: http(node.url),
    pollingInterval: 50,
  })
  const hash = await wallet.sendTransaction({
    to: addresses.perpetual,
    data: updateStateCalldata(words, told),
  })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  const { input } = await reader.getTransaction({ hash })
  return { logs: receipt.logs, input }
}

describe('a batch on its way to L1', () => {
  const words = buildProgramOutput(batch)

  test('waits for its proof, then for its data, then is settled, then is final', async () => {
    const missing = async () => settlement().missing?.({ programOutput: words })
    const facts = neededFacts(words, { programHashes: [program], sequenceNumber: 0n })
    // Before its first batch it has none, not even one of the number 0.
    expect((await settlement().sight()).latest).toEqual({ number: -1 })
    expect(await tried(words)).toBe('NO_STATE_TRANSITION_PROOF')
    expect(meaningOf(await tried(words))).toBe('wait')

    const output = { pages: [words], structure: onePage }
    const task = { programHash: program, output }
    const account = { rpcUrl: node.url, key: anvilSecret } as const
    expect((await registerFact({ ...account, gps, task })).fact).toBe(facts.gps[0])
    expect(await tried(words)).toBe('NO_AVAILABILITY_PROOF')

    const claim = facts.availability ?? '0x'
    const told = (await missing())?.toLowerCase()
    expect(told).toContain(`the committee ${addresses.committee} has not signed ${claim}`)
    expect(told).toContain('the data of state 1')
    const { abi } = compiledL1Contract('stark-perpetual', 'Committee')
    const sender = await l1Sender(node.url, anvilSecret)
    const signature = await member.sign({ hash: claim })
    const args = [claim, concat([signature])]
    await sender.call({ to: addresses.committee, abi, name: 'verifyAvailabilityProof', args })
    expect(await missing()).toBeUndefined()
    expect(await tried(words)).toBe('ok')

    const { logs, input } = await settle(words)
    expect(logs.map((log) => readPerpetualLog(log))).toEqual([
      { eventName: 'LogStateTransitionFact', args: { stateTransitionFact: facts.stateTransition } },
      { eventName: 'LogUpdateState', args: { sequenceNumber: 1n, batchId: 9n } },
    ])
    expect(readUpdateStateCall(input)?.output).toEqual(batch)
    expect((await settlement().sight()).latest).toEqual({ number: 9 })
    expect(await read()).toMatchObject({ sequenceNumber: 1n, lastBatchId: 9n })
    expect(await read('finalized')).toMatchObject({ sequenceNumber: 0n, lastBatchId: 0n })
    await node.rpc('anvil_mine', '0x3')
    expect(await read('finalized')).toMatchObject({ sequenceNumber: 1n, lastBatchId: 9n })
  })

  test('is not taken a second time', async () => {
    expect(meaningOf(await tried(words))).toBe('re-read')
  })

  test('of a rollup needs no committee, and its data in a page of its own', async () => {
    const data = [5n, 6n, 7n]
    const availability = {
      kind: 'rollup',
      dataHash: keccakOfWords(data),
      dataWords: BigInt(data.length),
    } as const
    const next = { ...batch.next, ordersRoot: 8n }
    const rolled = buildProgramOutput({ ...batch, availability, previous: batch.next, next })
    const told = { ...application, batchId: 10n, previousBatchId: 9n }
    expect(await tried(rolled, told)).toBe('NO_STATE_TRANSITION_PROOF')
    await registerFact({
      rpcUrl: node.url,
      key: anvilSecret,
      gps,
      task: {
        programHash: program,
        output: { pages: [rolled.slice(0, -2), data], structure: mainAndData },
      },
    })
    expect(await settlement().missing?.({ programOutput: rolled })).toBeUndefined()
    await settle(rolled, told)
    expect(await read()).toMatchObject({ sequenceNumber: 2n, lastBatchId: 10n })
  })
})

describe('what is read of the exchange', () => {
  test('is all of it that decides about a batch', async () => {
    expect(await read()).toMatchObject({
      isFrozen: false,
      globalConfigurationHash: wordHex(11n),
      configurations: [
        { asset: btc, hash: wordHex(12n) },
        { asset: 5n, hash: wordHex(0n) },
      ],
      configurationDelay: 0n,
      forcedRequests: 0n,
      isOperator: true,
    })
    const { verifiers, availabilityVerifiers } = await read()
    expect(verifiers.map((at) => at.toLowerCase())).toEqual([addresses.adapter])
    expect(availabilityVerifiers.map((at) => at.toLowerCase())).toEqual([addresses.committee])
  })

  test('shows who is no operator', async () => {
    expect((await read('latest', member.address)).isOperator).toBe(false)
  })
})

function meaningOf(reason: string): string {
  return perpetualRevertMeaning({ kind: 'reason', reason }).meaning
}
