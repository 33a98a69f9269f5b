import { createHash } from 'node:crypto'

import { type AbiFunction, decodeFunctionData, encodeAbiParameters, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { usualUpgradeDelaySeconds } from '../../../../infra/contracts/l1/deploy-starknet-core.ts'
import {
  type L1Case,
  l1Cases,
  l1Recording,
  titledL1,
  Words,
} from '../../../adapters/settlement/l1-vectors.ts'
import {
  coreAbi,
  type CoreWorld,
  proxyAbi,
  type Stage,
  startCoreWorld,
} from './starknet-core-world.ts'

type Hex = `0x${string}`

/** All that happens is recorded after this second. */
const genesis = 1_800_000_000n
const cancellationDelay = 5n * 24n * 60n * 60n
const upgradeDelay = BigInt(usualUpgradeDelaySeconds)

const roles = l1Recording?.roles['starknet'] ?? {}
const cases = l1Cases('starknet.')
const transactions = cases.filter(({ kind }) => kind === 'tx')
const views = cases.filter(({ kind }) => kind === 'view')

let world: CoreWorld

describe.skipIf(l1Recording === undefined)(titledL1('the core answers as the real one'), () => {
  beforeAll(async () => {
    world = await startCoreWorld({
      genesis,
      governor: role('governor'),
      operator: role('operator'),
      first: firstBlock(),
      setUp: {
        programHash: genesisView('programHash'),
        aggregatorProgramHash: genesisView('aggregatorProgramHash'),
        configHash: genesisView('configHash'),
      },
    })
  })
  afterAll(async () => world.stop())

  test('and stands where the real one stood when it was recorded', () => {
    expect(world.addresses).toEqual({
      core: role('core'),
      implementation: role('coreImplementation'),
      registry: role('factStandin'),
    })
  })

  test.for(transactions.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    await prepare(one)
    expect(await outcomeOf(one)).toEqual(recorded(one))
  })

  test.for(views.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    await world.returnTo(/\.(?:genesis|proxy)\./.test(one.id) ? 'started' : 'settled')
    const { to, data } = callOf(one)
    expect(await world.call(to, data)).toBe(one.result?.data)
  })
})

/** What happens here. */
async function outcomeOf(one: L1Case) {
  const { chain, result, post = {} } = one
  if (chain) await world.atTime(BigInt(chain.timestamp))
  const { status, gasUsed, logs, transactionHash } = await world.send(callOf(one))
  const { output, queries } = await world.trace(transactionHash)
  const names = result?.status === 'ok' ? Object.keys(post) : []
  const asked = names.map(async (name) => [name, await postView(one, name, output)] as const)
  return {
    status: status === '0x1' ? 'ok' : 'revert',
    queries,
    // 63 of 64 parts of what is offered go into a precompile that fails.
    allGasBurnt: gasUsed > (world.gasOffered * 95n) / 100n,
    output: answerOf(one) === undefined ? undefined : output,
    logs,
    post: Object.fromEntries(await Promise.all(asked)),
  }
}

/** What happened there, in the same shape. */
function recorded(one: L1Case): Awaited<ReturnType<typeof outcomeOf>> {
  const { result, post = {} } = one
  const { status = 'ok', factQueries = [], logs = [], allGasBurnt = false } = result ?? {}
  return {
    status,
    queries: factQueries.map(({ registry, ...rest }) => ({ registry: role(registry), ...rest })),
    allGasBurnt,
    output: answerOf(one),
    logs: logs.map(({ emitter, topics, data }) => ({ address: role(emitter), topics, data })),
    post: Object.fromEntries(
      Object.entries(status === 'ok' ? post : {}).map(([name, value]) => [name, big.parse(value)]),
    ),
  }
}

/** What it gives back, where that was recorded. */
function answerOf({ result }: L1Case): Hex | undefined {
  if (result?.status === 'revert') return result.revert?.data
  return result?.returned === undefined ? undefined : returnedData(result.returned)
}

/** Leads the world to where the case begins; the rules for that are the recorder's, by what the case says of itself. */
async function prepare(one: L1Case): Promise<void> {
  const { id } = one
  const begin = stageOf(one)
  await world.returnTo(begin)
  if (id.startsWith('starknet.init.')) {
    if (one.call?.function.startsWith('upgradeTo') === true) await announce(one)
    return
  }
  if (begin === 'started') return
  await settleBefore(one)
  if (id.startsWith('starknet.update.')) await prepareUpdate(one)
  if (id.startsWith('starknet.message.')) await prepareMessage(one)
  if (id.startsWith('starknet.config.')) await prepareConfig(one)
}

function stageOf({ id, pre }: L1Case): Stage {
  if (id.startsWith('starknet.init.initialize')) return 'started'
  if (id.startsWith('starknet.init.')) return 'placed'
  if (/^starknet\.role\.register(?:\.not-governor)?$/.test(id)) return 'started'
  const before = State.safeParse(pre)
  const isFirst = before.success && before.data.stateBlockNumber === -1n
  return isFirst || id.startsWith('starknet.role.') ? 'operated' : 'settled'
}

/** Where Starknet stood most of the time. */
function firstBlock() {
  const { stateBlockNumber, stateRoot, stateBlockHash } = State.parse(
    l1Cases('starknet.update.later.').at(0)?.pre,
  )
  return { blockNumber: stateBlockNumber, root: stateRoot, blockHash: stateBlockHash }
}

/** Some cases begin later. */
async function settleBefore(one: L1Case): Promise<void> {
  const pre = State.safeParse(one.pre)
  if (!pre.success || pre.data.stateBlockNumber <= firstBlock().blockNumber) return
  const { stateBlockNumber, stateRoot, stateBlockHash } = pre.data
  await world.settle({ blockNumber: stateBlockNumber, root: stateRoot, blockHash: stateBlockHash })
}

async function prepareUpdate(one: L1Case): Promise<void> {
  const used = one.ours?.['programHashUsed']
  const words = outputOf(one)
  if (used !== undefined && words) {
    const name = words[6] === 0n ? 'programHash' : 'aggregatorProgramHash'
    if (BigInt(z.string().parse(used)) !== BigInt(await world.view(name)))
      await world.govern(name === 'programHash' ? 'setProgramHash' : 'setAggregatorProgramHash', [
        BigInt(z.string().parse(used)),
      ])
  }
  // An output of an older configuration than the core's.
  if (one.id.includes('.skew.config')) await world.govern('setConfigHash', [1n])
  if (one.id.includes('finalized')) await world.govern('finalize')
  for (const query of one.result?.factQueries ?? []) await world.tell(query.fact, query.answer)
  // Where nothing was asked, the fact would have been there.
  const fact = one.ours?.['sharpFact']
  if (fact !== undefined && !one.result?.factQueries)
    await world.tell(z.string().parse(fact) as Hex, true)
  if (!words || (one.result?.status === 'revert' && !one.id.includes('.messages.'))) return
  for (const message of consumedMessages(words)) {
    await sendUntil(message)
    if (one.id.includes('cancelling')) await startCancelling(message)
    if (!one.id.includes('cancelled')) continue
    await startCancelling(message)
    const asked = BigInt(one.chain?.timestamp ?? 0) - cancellationDelay - 1n
    await world.atTime(asked + cancellationDelay)
    await world.step(message.from, coreAbi, 'cancelL1ToL2Message', cancelArgs(message))
  }
}

async function prepareMessage(one: L1Case): Promise<void> {
  const args = messageArgs(one)
  const from = callOf(one).from
  const { result } = one
  if (one.call?.function.startsWith('consume') === true) {
    const waiting =
      result?.status === 'ok'
        ? BigInt(z.string().parse(one.post?.['l2ToL1Messages'] ?? '0')) + 1n
        : 0n
    const [sender = 0n, payload = []] = args as readonly [bigint?, (readonly bigint[])?]
    // A stranger has nothing to consume where the receiver has.
    const receiver = one.id.includes('wrong') ? role('userA') : from
    const count = one.id.includes('wrong') ? 1n : waiting
    const message = [sender, BigInt(receiver), BigInt(payload.length), ...payload]
    const words = Array.from({ length: Number(count) }, () => message).flat()
    if (count > 0n)
      await world.settle({
        blockNumber: 70n,
        root: 1n,
        blockHash: 2n,
        messageWords: [BigInt(words.length), ...words, 0n],
      })
    return
  }
  if (one.call?.function.startsWith('send') === true) {
    const [, nonce = '0'] = z.array(z.string()).catch([]).parse(result?.returned)
    const [to = 0n, selector = 0n] = args as readonly [bigint?, bigint?]
    await sendUntil({ from, to, selector, payload: [], nonce: BigInt(nonce) - 1n })
    return
  }
  if (!/ancel/.test(one.call?.function ?? '')) return
  const [to = 0n, selector = 0n, payload = [], nonce = 0n] = args as readonly [
    bigint?,
    bigint?,
    (readonly bigint[])?,
    bigint?,
  ]
  const message = { from, to, selector, payload, nonce }
  const reason = result?.revert?.reason
  if (reason === 'NO_MESSAGE_TO_CANCEL') return
  await sendUntil(message)
  if (one.call?.function.startsWith('start') === true) return
  if (reason === 'MESSAGE_CANCELLATION_NOT_REQUESTED') return
  const early = reason === 'MESSAGE_CANCELLATION_NOT_ALLOWED_YET' ? 1n : 0n
  await world.atTime(BigInt(one.chain?.timestamp ?? 0) - cancellationDelay + early)
  await startCancelling(message)
}

async function prepareConfig(one: L1Case): Promise<void> {
  const { id, result, chain } = one
  const now = BigInt(chain?.timestamp ?? 0)
  if (result?.revert?.reason === 'FINALIZED' || id.includes('.finalized.'))
    await world.govern('finalize')
  if (!/^(?:upgradeTo|removeImplementation)/.test(one.call?.function ?? '')) return
  const reason = result?.revert?.reason
  const early = reason === 'UPGRADE_NOT_ENABLED_YET' ? 1n : 0n
  const [implementation, data, last] = messageArgs(one)
  const announced = reason === 'UNKNOWN_UPGRADE_INFORMATION' ? last !== true : last
  // On the second, unless the case is about later.
  const since = now - upgradeDelay + early
  await world.atTime(since > genesis ? since : now - 1n)
  await world.step(role('governor'), proxyAbi, 'addImplementation', [
    implementation,
    data,
    announced,
  ])
}

/** Announces what the case then takes. */
async function announce(one: L1Case): Promise<void> {
  const { data } = callOf(one)
  const { args = [] } = decodeFunctionData({ abi: proxyAbi, data })
  await world.step(role('governor'), proxyAbi, 'addImplementation', args)
}

type MessageToL2 = {
  readonly from: Hex
  readonly to: bigint
  readonly selector: bigint
  readonly payload: readonly bigint[]
  readonly nonce: bigint
}

/** The one with this nonce is the message; those before it are of no matter. */
async function sendUntil({ from, to, selector, payload, nonce }: MessageToL2): Promise<void> {
  for (let next = BigInt(await world.view('l1ToL2MessageNonce')); next <= nonce; next += 1n)
    await world.step(
      from,
      coreAbi,
      'sendMessageToL2',
      [to, selector, next === nonce ? payload : []],
      1n,
    )
}

async function startCancelling(message: MessageToL2): Promise<void> {
  await world.step(message.from, coreAbi, 'startL1ToL2MessageCancellation', cancelArgs(message))
}

function cancelArgs({ to, selector, payload, nonce }: MessageToL2): readonly unknown[] {
  return [to, selector, payload, nonce]
}

/** The messages to L2 in an output, read from its end's own words. */
function consumedMessages(words: readonly bigint[]): readonly MessageToL2[] {
  const messagesAt = words[8] === 1n ? 12 + 4 * Number(words[11]) : 10
  const segment = messagesAt + 1 + Number(words[messagesAt])
  const found: MessageToL2[] = []
  const end = segment + 1 + Number(words[segment])
  for (let at = segment + 1; at < end; at += 5 + Number(words[at + 4])) {
    const [from = 0n, to = 0n, nonce = 0n, selector = 0n, length = 0n] = words.slice(at, at + 5)
    found.push({
      from: `0x${from.toString(16).padStart(40, '0')}`,
      to,
      nonce,
      selector,
      payload: words.slice(at + 5, at + 5 + Number(length)),
    })
  }
  return found
}

const big = z.string().transform((text) => BigInt(text))
const State = z.object({ stateBlockNumber: big, stateRoot: big, stateBlockHash: big })
const Generated = z.object({
  n: z.string().transform(Number),
  payloadWords: z.string().transform(Number),
  base: big,
  to: big,
  header: Words,
  onchainDataHash: big,
  onchainDataSize: big,
})

function callOf(one: L1Case) {
  const { call } = one
  if (!call) throw new Error(`${one.id} is no call`)
  return {
    from: role(call.from ?? 'governor'),
    to: role(call.target === 'coreProxy' ? 'core' : call.target),
    data: call.data ?? dataOf(one),
    value: BigInt(call.value ?? 0),
    ...blobsOf(one),
  }
}

/** What the file leaves out and says how to make. */
function dataOf(one: L1Case): Hex {
  const { initData } = z.object({ initData: z.string().optional() }).parse(one.call)
  if (initData !== undefined)
    return encodeFunctionData({
      abi: proxyAbi,
      functionName: 'upgradeTo',
      args: [role('coreImplementation'), initData, false],
    })
  const { onchainDataHash, onchainDataSize } = Generated.parse(one.call?.args)
  return encodeFunctionData({
    abi: coreAbi,
    functionName: 'updateState',
    args: [outputOf(one), onchainDataHash, onchainDataSize],
  })
}

/** The program's output that an update brings. */
function outputOf(one: L1Case): readonly bigint[] | undefined {
  const generated = Generated.safeParse(one.call?.args)
  if (generated.success) return generatedOutput(generated.data)
  const [words] = z.array(z.unknown()).catch([]).parse(one.call?.args)
  const read = Words.safeParse(words)
  // A header that is cut off is brought as it is.
  return read.success && read.data.length > 11 ? read.data : undefined
}

function generatedOutput({ n, payloadWords, base, to, header }: z.infer<typeof Generated>) {
  const messages = Array.from({ length: n }, (_, i) => [
    base + BigInt(i),
    to,
    BigInt(payloadWords),
    ...Array.from({ length: payloadWords }, (_unused, k) => BigInt(1000 * i + k)),
  ]).flat()
  return [...header, BigInt(messages.length), ...messages, 0n]
}

/** The blobs of a transaction by their versioned hashes: those that the proofs were made for. */
function blobsOf(one: L1Case): { readonly blobHashes?: readonly Hex[] } {
  const count = Number(one.chain?.['blobs'] ?? 0)
  if (count === 0) return {}
  const words = outputOf(one) ?? []
  const own = Array.from({ length: Number(words[11]) }, (_, at) => {
    const [low = 0n, high = 0n] = words.slice(12 + 2 * at, 14 + 2 * at)
    return `0x${(high * 2n ** 192n + low).toString(16).padStart(96, '0')}` as const
  })
  const made = l1Cases('starknet.update.kzg-words-', 'hash').find(
    ({ inputs }) => z.array(z.string()).parse(inputs?.['commitments']).length === count,
  )
  const commitments =
    one.result?.status === 'ok' || !made
      ? own
      : z.array(z.string()).parse(made.inputs?.['commitments'])
  const blobs = Array.from({ length: count }, (_, at) => commitments[at] ?? `0x${'00'.repeat(48)}`)
  return { blobHashes: blobs.map(versionedHash) }
}

/** EIP-4844. */
function versionedHash(commitment: string): Hex {
  const hash = createHash('sha256')
    .update(Buffer.from(commitment.slice(2), 'hex'))
    .digest('hex')
  return `0x01${hash.slice(2)}`
}

function messageArgs(one: L1Case): readonly unknown[] {
  const { data } = callOf(one)
  const abi = one.call?.target === 'coreProxy' ? proxyAbi : coreAbi
  return decodeFunctionData({ abi, data }).args ?? []
}

async function postView(one: L1Case, name: string, output: Hex): Promise<bigint> {
  const found = coreAbi.find(
    (item): item is AbiFunction => item.type === 'function' && item.name === name,
  )
  // A message's state is asked by its hash, which sending and consuming give back first.
  const hash = one.ours?.['messageHash'] ?? output.slice(0, 66)
  return BigInt.asIntN(
    256,
    BigInt(await world.view(name, found?.inputs.length === 1 ? [hash] : [])),
  )
}

function genesisView(name: string): bigint {
  const [found] = l1Cases(`starknet.view.genesis.${name}`, 'view')
  return BigInt(found?.result?.data ?? 0)
}

function role(name: string): Hex {
  const address = roles[name]
  if (!address) throw new Error(`no role ${name} was recorded`)
  return address
}

/** One word each. */
function returnedData(returned: unknown): Hex {
  const words = z
    .union([z.string().transform((word) => [word]), z.array(z.string())])
    .parse(returned)
  return encodeAbiParameters(
    words.map(() => ({ type: 'uint256' })),
    words.map((word) => BigInt(word)),
  )
}
