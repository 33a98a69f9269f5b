import { createPublicClient, createWalletClient, http, parseEventLogs, sha256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import {
  deployStarknetCore,
  type StarknetCoreAddresses,
} from '../../../../infra/contracts/l1/deploy-starknet-core.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { evmChain } from '../../../../lib/adapters/chains/evm.ts'
import { openKzg, type PointEvaluation } from '../../../../lib/adapters/kzg.ts'
import type { Rpc } from '../../../../lib/adapters/rpc.ts'
import { blobCheck } from '../../../../lib/adapters/settlement/starknet-core/check-blobs.ts'
import { coreAbi } from '../../../../lib/adapters/settlement/starknet-core/core-abi.ts'
import {
  buildProgramOutput,
  type CoreOutput,
} from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { readCoreState } from '../../../../lib/adapters/settlement/starknet-core/read-core-state.ts'
import { coreRevertMeaning } from '../../../../lib/adapters/settlement/starknet-core/revert-meaning.ts'
import { simulatedUpdate } from '../../../../lib/adapters/settlement/starknet-core/simulate-update.ts'
import { coreFact } from '../../../../lib/adapters/settlement/starknet-core/state-transition-fact.ts'
import { stateUpdateCall } from '../../../../lib/adapters/settlement/starknet-core/state-update-call.ts'
import { updateGasCap } from '../../../../lib/adapters/settlement/starknet-core/update-gas.ts'
import { anvil } from '../../chains/anvil.ts'
import { anvilSecret, otherAnvilSecret, wallClock } from '../../chains/keys.ts'
import { generatorOfCurve, zeroBlob, zeroOfCurve } from '../../kzg/constant-blobs.ts'
import { l1Cases } from '../l1-vectors.ts'
import { warmKzg } from '../warm-kzg.ts'

type Hex = `0x${string}`

const programs = { programHash: 11n, aggregatorProgramHash: 12n }
const setUp = { ...programs, configHash: 13n }
const operator = privateKeyToAccount(otherAnvilSecret)

let node: Awaited<ReturnType<typeof anvil>>
let addresses: StarknetCoreAddresses
let rpc: Rpc

beforeAll(async () => {
  // A block is final two later.
  node = await anvil(['--hardfork', 'osaka', '--slots-in-an-epoch', '1'])
  const deployment = {
    rpcUrl: node.url,
    key: anvilSecret,
    operators: [operator.address],
    setUp,
  } as const
  addresses = await deployStarknetCore(deployment)
  await warmKzg(node)
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

const read = async (tag: 'latest' | 'finalized', who: Hex = operator.address) =>
  readCoreState(rpc, { core: addresses.core, operator: who, tag })

/** An update to the next block, with an empty blob. */
async function nextUpdate(value = 0n) {
  const { blockNumber, root, blockHash } = await read('latest')
  const output: CoreOutput = {
    header: {
      prevRoot: root,
      newRoot: root + 1n,
      prevBlockNumber: blockNumber,
      newBlockNumber: blockNumber + 1n,
      prevBlockHash: blockHash,
      newBlockHash: blockHash + 1n,
      osProgramHash: programs.programHash,
      configHash: setUp.configHash,
    },
    data: { kind: 'blobs', point: 5n, blobs: [{ commitment: zeroOfCurve, value }] },
    toL1: [{ from: 1n, to: 2n, payload: [3n] }],
    toL2: [],
  }
  const data = { kind: 'blobs', proofs: [zeroOfCurve] } as const
  return { output, programOutput: buildProgramOutput(output), data }
}

async function send(update: Awaited<ReturnType<typeof nextUpdate>>) {
  const wallet = createWalletClient({
    account: operator,
    chain: foundry,
    transport: http(node.url),
  })
  const hash = await wallet.sendTransaction({
    to: addresses.core,
    data: stateUpdateCall(update.programOutput, update.data),
    gas: updateGasCap(update.output),
    blobs: [zeroBlob],
    sidecars: [{ blob: zeroBlob, commitment: zeroOfCurve, proof: zeroOfCurve }],
    blobVersionedHashes: [`0x01${sha256(zeroOfCurve).slice(4)}`],
    maxFeePerBlobGas: 10n ** 10n,
  })
  const reader = createPublicClient({ transport: http(node.url), pollingInterval: 50 })
  return reader.waitForTransactionReceipt({ hash })
}

async function tell(fact: Hex): Promise<void> {
  const sender = await l1Sender(node.url, anvilSecret)
  const { abi } = compiledL1Contract('starknet-core', 'ToldFacts')
  await sender.call({ to: addresses.registry, abi, name: 'tell', args: [fact, true] })
}

async function simulate(update: Awaited<ReturnType<typeof nextUpdate>>) {
  const { core } = addresses
  const { programOutput, data } = update
  const request = simulatedUpdate({ core, operator: operator.address, programOutput, data })
  const [answer] = await rpc.answers([request])
  return { request, said: answer.kind === 'error' ? answer.error.message : 'ok' }
}

describe('a core on a chain', () => {
  test('is read as it was set up, with a block to hold on to', async () => {
    const { block, ...state } = await read('latest')
    expect(state).toEqual({ ...setUp, blockNumber: -1n, root: 0n, blockHash: 0n, isOperator: true })
    expect(block.number).toBeGreaterThan(0)
    expect((await read('latest', addresses.core)).isOperator).toBe(false)
  })

  test('takes an update with a blob when the fact is there, and not before; what is final comes later', async () => {
    const update = await nextUpdate()
    const { programOutput, data } = update
    const fact = coreFact(update, programs)
    const told = { programOutput, data, programHash: programs.aggregatorProgramHash, fact }
    const early = await simulate(update)
    expect(early.said).toContain('NO_STATE_TRANSITION_PROOF')
    const views = await read('latest')
    expect(coreRevertMeaning('NO_STATE_TRANSITION_PROOF', told, views).meaning).toBe('wait')

    await tell(fact)
    expect((await simulate(update)).said).toBe('ok')
    const { status, logs } = await send(update)
    expect(status).toBe('success')
    const events = parseEventLogs({ abi: coreAbi, logs })
    expect(events.map(({ eventName }) => eventName)).toEqual([
      'LogStateTransitionFact',
      'LogMessageToL1',
      'LogStateUpdate',
    ])
    expect((await read('latest')).blockNumber).toBe(0n)
    expect((await read('finalized')).blockNumber).toBe(-1n)
    await node.rpc('anvil_mine', '0x4')
    expect((await read('finalized')).blockNumber).toBe(0n)

    const late = coreRevertMeaning('NO_STATE_TRANSITION_PROOF', told, await read('latest'))
    expect(late.meaning).toBe('re-read')
  })

  test('sees no blob in a simulation that does not name it', async () => {
    const { request } = await simulate(await nextUpdate())
    const [call, tag] = z
      .tuple([z.record(z.string(), z.unknown()), z.string()])
      .parse(request.params)
    expect(call['blobVersionedHashes']).toHaveLength(1)
    const { blobVersionedHashes: _named, ...without } = call
    const [answer] = await rpc.answers([{ ...request, params: [without, tag] }])
    expect(answer).toMatchObject({
      kind: 'error',
      error: { message: expect.stringContaining('INVALID_BLOB_INDEX') as string },
    })
  })

  test('burns no more than an update is offered where a proof does not hold, which is seen before', async () => {
    const update = await nextUpdate(1n)
    const { programOutput } = update
    const data = { ...update.data, blobs: [zeroBlob] }
    expect(await blobCheck(openKzg())({ programOutput, data })).toEqual({
      word: 'proof of blob 1',
      expected: 'one that holds',
      found: zeroOfCurve,
    })
    expect((await simulate(update)).said).toContain('POINT_EVALUATION_PRECOMPILE_CALL_FAILED')
    const { status, gasUsed } = await send(update)
    expect(status).toBe('reverted')
    const cap = updateGasCap(update.output)
    expect(gasUsed).toBeLessThanOrEqual(cap)
    expect(gasUsed).toBeGreaterThan((cap * 9n) / 10n)
    expect(cap).toBeLessThan(400_000n)
  })
})

describe('a point evaluation', () => {
  const recorded = l1Cases('starknet.update.kzg-words-', 'hash').flatMap(({ inputs }) =>
    evaluationsIn(Kzg.parse(inputs)),
  )
  const constants: readonly PointEvaluation[] = [
    // The polynomial that is nothing everywhere, and the one that is 1.
    { commitment: zeroOfCurve, point: 5n, value: 0n, proof: zeroOfCurve },
    { commitment: zeroOfCurve, point: 5n, value: 1n, proof: zeroOfCurve },
    { commitment: generatorOfCurve, point: 5n, value: 1n, proof: zeroOfCurve },
    { commitment: generatorOfCurve, point: 5n, value: 1n, proof: generatorOfCurve },
    { commitment: generatorOfCurve, point: 5n, value: 2n, proof: zeroOfCurve },
    // On no curve, and no number of the field.
    { commitment: `0x97${'00'.repeat(46)}01`, point: 5n, value: 1n, proof: zeroOfCurve },
    { commitment: generatorOfCurve, point: 5n, value: 2n ** 255n, proof: zeroOfCurve },
    { commitment: generatorOfCurve, point: 2n ** 255n, value: 1n, proof: zeroOfCurve },
  ]
  const mistaken = recorded.slice(0, 2).flatMap((one): readonly PointEvaluation[] => [
    { ...one, value: one.value + 1n },
    { ...one, point: one.point + 1n },
    { ...one, proof: one.commitment },
    { ...one, proof: `${one.proof.slice(0, -2)}00` as Hex },
  ])

  test('holds here exactly where a chain says that it does', async () => {
    const kzg = openKzg()
    const all = [...constants, ...recorded, ...mistaken]
    const there = await Promise.all(all.map(precompile))
    expect(await Promise.all(all.map(async (one) => kzg.holds(one)))).toEqual(there)
    expect(there.filter(Boolean).length).toBe(2 + recorded.length)
  })
})

/** What the chain says to it. */
async function precompile({ commitment, point, value, proof }: PointEvaluation) {
  const hash = `01${sha256(commitment).slice(4)}`
  const data = `0x${hash}${word(point)}${word(value)}${commitment.slice(2)}${proof.slice(2)}`
  const to = `0x${'0a'.padStart(40, '0')}`
  return node.rpc('eth_call', { to, data }, 'latest').then(
    () => true,
    () => false,
  )
}

const word = (number: bigint) => number.toString(16).padStart(64, '0')

const HexText = z.templateLiteral(['0x', z.string()])
const Kzg = z.object({
  z: z.string(),
  commitments: z.array(HexText),
  evaluations: z.array(z.string()),
  proofs: z.array(HexText),
})

function evaluationsIn({ z: point, commitments, evaluations, proofs }: z.infer<typeof Kzg>) {
  return commitments.map((commitment, at) => ({
    commitment,
    point: BigInt(point),
    value: BigInt(evaluations[at] ?? 0),
    proof: proofs[at] ?? '0x',
  }))
}
