import {
  type Abi,
  decodeErrorResult,
  encodeAbiParameters,
  encodeFunctionData,
  hexToString,
  parseAbi,
  parseEventLogs,
} from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { starknetCoreInitializer } from '../../../../infra/contracts/l1/deploy-starknet-core.ts'
import { buildProgramOutput } from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { coreFact } from '../../../../lib/adapters/settlement/starknet-core/state-transition-fact.ts'
import { zeroOfCurve } from '../../../adapters/kzg/constant-blobs.ts'
import { coreAbi, type CoreWorld, proxyAbi, startCoreWorld } from './starknet-core-world.ts'

type Hex = `0x${string}`

/** Accounts of anvil. */
const governor: Hex = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const operator: Hex = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'
const stranger: Hex = '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc'
const collector: Hex = '0x00000000000000000000000000000000000c0113'
const nobody: Hex = '0x0000000000000000000000000000000000000000'

const genesis = 1_800_000_000n
const day = 24n * 60n * 60n
const setUp = { programHash: 11n, aggregatorProgramHash: 12n, configHash: 13n }
const first = { blockNumber: 5n, root: 6n, blockHash: 7n }

let world: CoreWorld
beforeAll(async () => {
  world = await startCoreWorld({ genesis, setUp, governor, operator, first })
})
afterAll(async () => world.stop())

type Call = readonly [from: Hex, abi: Abi, name: string, args: readonly unknown[], value?: bigint]

/** `ok`, or the reason: of what is behind the proxy too, which an upgrade brings as bytes inside a reason of its own. */
async function said([from, abi, name, args, value = 0n]: Call): Promise<string> {
  const data = encodeFunctionData({ abi, functionName: name, args })
  const to = world.addresses.core
  const { status, transactionHash } = await world.send({ from, to, data, value })
  if (status === '0x1') return 'ok'
  return reasonIn((await world.trace(transactionHash)).output)
}

const standard = parseAbi(['error Error(string)', 'error Panic(uint256)'])

function reasonIn(data: Hex): string {
  if (data === '0x') return 'nothing'
  const { errorName, args } = decodeErrorResult({ abi: standard, data })
  return errorName === 'Panic' ? `Panic ${args[0]}` : args[0]
}

/** The names of what a call logs. */
async function logged([from, abi, name, args, value = 0n]: Call): Promise<readonly string[]> {
  const data = encodeFunctionData({ abi, functionName: name, args })
  const { logs } = await world.send({ from, to: world.addresses.core, data, value })
  const events = parseEventLogs({ abi, logs: logs as never })
  return events.map((event) => (event as unknown as { readonly eventName: string }).eventName)
}

const message = { to: 1n, selector: 2n, payload: [3n] }
const sendMessage = (fee: bigint): Call => [
  stranger,
  coreAbi,
  'sendMessageToL2',
  [message.to, message.selector, message.payload],
  fee,
]

/** An update after the first block whose fact is there; its words may be changed before. */
async function update(
  change: (words: bigint[]) => void = () => undefined,
  toL2: readonly { readonly nonce: bigint }[] = [],
): Promise<Call> {
  const output = {
    header: {
      prevRoot: first.root,
      newRoot: 8n,
      prevBlockNumber: first.blockNumber,
      newBlockNumber: 9n,
      prevBlockHash: first.blockHash,
      newBlockHash: 10n,
      osProgramHash: 0n,
      configHash: setUp.configHash,
    },
    data: { kind: 'calldata' },
    toL1: [],
    toL2: toL2.map(({ nonce }) => ({ ...message, from: BigInt(stranger), nonce })),
  } as const
  const words = [...buildProgramOutput(output)]
  change(words)
  const data = { kind: 'calldata', hash: 0n, size: 0n } as const
  await world.tell(coreFact({ programOutput: words, data }, setUp), true)
  return [operator, coreAbi, 'updateState', [words, 0n, 0n]]
}

describe('the proxy', () => {
  const again = `0x${'00'.repeat(32)}` as const

  test('leads nowhere at first, and takes no Ether by itself', async () => {
    await world.returnTo('placed')
    expect(await said([stranger, coreAbi, 'stateRoot', []])).toBe('MISSING_IMPLEMENTATION')
    const to = world.addresses.core
    const { transactionHash } = await world.send({ from: stranger, to, data: '0x', value: 1n })
    const { output } = await world.trace(transactionHash)
    expect(reasonIn(output)).toBe('CONTRACT_NOT_EXPECTED_TO_RECEIVE')
  })

  test('takes what was announced as the last for ever', async () => {
    await world.returnTo('settled')
    const last = [world.addresses.implementation, again, true]
    await world.step(governor, proxyAbi, 'addImplementation', last)
    expect(await said([stranger, proxyAbi, 'upgradeTo', last])).toBe('ONLY_GOVERNANCE')
    await world.atTime(genesis + 7n * day)
    expect(await logged([governor, proxyAbi, 'upgradeTo', last])).toEqual([
      'ImplementationUpgraded',
      'FinalizedImplementation',
    ])
    expect(await said([governor, proxyAbi, 'upgradeTo', last])).toBe('IMPLEMENTATION_FINALIZED')
    expect(await said([governor, proxyAbi, 'addImplementation', last])).toBe('ok')
    expect(await said(await update())).toBe('ok')
  })

  test('sets up only once, and by a helper only where there is one', async () => {
    await world.returnTo('settled')
    const { implementation, registry } = world.addresses
    const helped = encodeAbiParameters([{ type: 'address' }], [stranger])
    const tries = [
      [starknetCoreInitializer(setUp, registry), 'UNEXPECTED_INIT_DATA'],
      [helped, 'EIC_NOT_A_CONTRACT'],
    ] as const
    for (const [data] of tries)
      await world.step(governor, proxyAbi, 'addImplementation', [implementation, data, false])
    await world.atTime(genesis + 7n * day)
    for (const [data, reason] of tries)
      expect(nested(await refusalData([implementation, data, false]))).toBe(reason)
  })

  test('forgets what was removed, and removes nothing that it does not know', async () => {
    await world.returnTo('settled')
    const next = [world.addresses.implementation, again, false]
    const remove: Call = [governor, proxyAbi, 'removeImplementation', next]
    expect(await said(remove)).toBe('UNKNOWN_UPGRADE_INFORMATION')
    await world.step(governor, proxyAbi, 'addImplementation', next)
    expect(await said(remove)).toBe('ok')
    await world.atTime(genesis + 7n * day)
    expect(await said([governor, proxyAbi, 'upgradeTo', next])).toBe('UNKNOWN_UPGRADE_INFORMATION')
  })
})

/** What an upgrade to this gives back. */
async function refusalData(args: readonly unknown[]): Promise<Hex> {
  const data = encodeFunctionData({ abi: proxyAbi, functionName: 'upgradeTo', args })
  const to = world.addresses.core
  const { transactionHash } = await world.send({ from: governor, to, data })
  return (await world.trace(transactionHash)).output
}

/** The reason inside the bytes that a proxy's reason is made of: they are no text, so the words are looked for in them. */
function nested(data: Hex): string | undefined {
  return /[A-Z]{3,}(?:_[A-Z]+)+/.exec(hexToString(data))?.[0]
}

describe('governors', () => {
  test.for([
    ['the proxy', proxyAbi, 'proxy'],
    ['the core', coreAbi, 'starknet'],
  ] as const)('of %s name one, which takes the office itself', async ([, abi, prefix]) => {
    await world.returnTo('settled')
    const nominate = `${prefix}NominateNewGovernor`
    const accept: Call = [stranger, abi, `${prefix}AcceptGovernance`, []]
    const remove = `${prefix}RemoveGovernor`
    expect(await said([stranger, abi, nominate, [stranger]])).toBe('ONLY_GOVERNANCE')
    expect(await said([governor, abi, nominate, [nobody]])).toBe('BAD_ADDRESS')
    expect(await said([governor, abi, nominate, [governor]])).toBe('ALREADY_GOVERNOR')
    expect(await said(accept)).toBe('ONLY_CANDIDATE_GOVERNOR')
    expect(await logged([governor, abi, nominate, [stranger]])).toEqual(['LogNominatedGovernor'])
    expect(await said([governor, abi, nominate, [operator]])).toBe('OTHER_CANDIDATE_PENDING')
    expect(await logged([governor, abi, `${prefix}CancelNomination`, []])).toEqual([
      'LogNominationCancelled',
    ])
    expect(await said(accept)).toBe('ONLY_CANDIDATE_GOVERNOR')
    expect(await said([governor, abi, nominate, [stranger]])).toBe('ok')
    expect(await logged(accept)).toEqual(['LogNewGovernorAccepted'])
    expect(await said([governor, abi, remove, [governor]])).toBe('GOVERNOR_SELF_REMOVE')
    expect(await said([governor, abi, remove, [operator]])).toBe('NOT_GOVERNOR')
    expect(await logged([stranger, abi, remove, [governor]])).toEqual(['LogRemovedGovernor'])
    // The other set is as it was.
    const other = abi === proxyAbi ? 'setConfigHash' : 'proxyNominateNewGovernor'
    const otherAbi = abi === proxyAbi ? coreAbi : proxyAbi
    expect(await said([governor, otherAbi, other, [operator]])).toBe('ok')
  })
})

describe('the core', () => {
  test('takes no update of an operator that is none any more', async () => {
    await world.returnTo('settled')
    expect(await logged([governor, coreAbi, 'unregisterOperator', [operator]])).toEqual([
      'LogOperatorRemoved',
    ])
    expect(await said(await update())).toBe('ONLY_OPERATOR')
  })

  test('goes on to a later block only', async () => {
    await world.returnTo('settled')
    const same = await update((words) => (words[3] = first.blockNumber))
    expect(await said(same)).toBe('INVALID_NEW_BLOCK_NUMBER')
    expect(await said(await update())).toBe('ok')
  })

  test('goes on after its setters have ended', async () => {
    await world.returnTo('settled')
    await world.govern('finalize')
    expect(await said([stranger, coreAbi, 'setConfigHash', [1n]])).toBe('FINALIZED')
    expect(await said([stranger, coreAbi, 'finalize', []])).toBe('ONLY_GOVERNANCE')
    expect(await said([governor, coreAbi, 'unregisterOperator', [stranger]])).toBe('ok')
    expect(await said(await update())).toBe('ok')
  })

  test('takes a fee of at most one Ether for a message', async () => {
    await world.returnTo('settled')
    expect(await said(sendMessage(10n ** 18n))).toBe('ok')
    expect(await said(sendMessage(10n ** 18n + 1n))).toBe('MAX_L1_MSG_FEE_EXCEEDED')
  })

  test('pays the fees of what an update consumes to the collector, all at once', async () => {
    await world.returnTo('settled')
    await world.govern('setFeeCollectionAddress', [collector])
    await world.step(...sendMessage(5n))
    await world.step(...sendMessage(7n))
    expect(await said(await update(undefined, [{ nonce: 0n }, { nonce: 1n }]))).toBe('ok')
    expect(await world.balance(collector)).toBe(12n)
    expect(await world.balance(world.addresses.core)).toBe(0n)
  })

  test('pays them to the operator where no collector is set', async () => {
    await world.returnTo('settled')
    await world.step(...sendMessage(5n))
    const before = await world.balance(operator)
    expect(await said(await update(undefined, [{ nonce: 0n }]))).toBe('ok')
    expect((await world.balance(operator)) - before).toBe(5n)
  })

  test('takes no update whose fees nobody takes', async () => {
    await world.returnTo('settled')
    await world.govern('setFeeCollectionAddress', [collector])
    await world.step(...sendMessage(5n))
    // It refuses Ether from now on: PUSH0 PUSH0 REVERT.
    await world.setCode(collector, '0x5f5ffd')
    expect(await said(await update(undefined, [{ nonce: 0n }]))).toBe('ETH_TRANSFER_FAILED')
  })

  test('gives a message back once, and consumes it no more', async () => {
    await world.returnTo('settled')
    await world.step(...sendMessage(5n))
    const args = [message.to, message.selector, message.payload, 0n]
    const start: Call = [stranger, coreAbi, 'startL1ToL2MessageCancellation', args]
    const cancel: Call = [stranger, coreAbi, 'cancelL1ToL2Message', args]
    await world.atTime(genesis + day)
    expect(await logged(start)).toEqual(['MessageToL2CancellationStarted'])
    await world.atTime(genesis + 2n * day)
    // Asked again, the delay begins again.
    expect(await said(start)).toBe('ok')
    await world.atTime(genesis + 6n * day)
    expect(await said(cancel)).toBe('MESSAGE_CANCELLATION_NOT_ALLOWED_YET')
    await world.atTime(genesis + 7n * day)
    expect(await said([operator, coreAbi, 'cancelL1ToL2Message', args])).toBe(
      'NO_MESSAGE_TO_CANCEL',
    )
    expect(await said(cancel)).toBe('ok')
    expect(await said(cancel)).toBe('NO_MESSAGE_TO_CANCEL')
    expect(await said(await update(undefined, [{ nonce: 0n }]))).toBe('INVALID_MESSAGE_TO_CONSUME')
    expect(await world.balance(world.addresses.core)).toBe(5n)
  })
})

describe('an update with blobs is refused', () => {
  const zero = [0n, 0xc0n << 184n]

  test.for([
    ['whose flag says otherwise', 0n, blobs(0n), [], 'UNEXPECTED_KZG_DA_FLAG'],
    ['with more blobs than can be counted', 1n, blobs(2n ** 255n), [], 'Panic 17'],
    ['without its proofs', 1n, blobs(1n, ...zero, 0n, 0n), [], 'INVALID_NUMBER_OF_KZG_PROOFS'],
    [
      'whose commitment is too large',
      1n,
      blobs(1n, 0n, 2n ** 192n, 0n, 0n),
      [zeroOfCurve],
      'INVALID_KZG_COMMITMENT',
    ],
    [
      'whose value is too large',
      1n,
      blobs(1n, ...zero, 0n, 2n ** 128n),
      [zeroOfCurve],
      'INVALID_Y_VALUE',
    ],
    [
      'whose proof is too short',
      1n,
      blobs(1n, ...zero, 0n, 0n),
      ['0xc0'],
      'INVALID_KZG_PROOF_SIZE',
    ],
    ['which ends after its blobs', 1n, [1n, ...zero, 0n, 0n], [zeroOfCurve], 'Panic 50'],
  ] as const)('%s', async ([, flag, segment, proofs, reason]) => {
    await world.returnTo('settled')
    const [, , , [header]] = await update()
    const words = [...(header as readonly bigint[]).slice(0, 8), flag, 0n, 5n, ...segment]
    const data = { kind: 'blobs', proofs } as const
    await world.tell(coreFact({ programOutput: words, data }, setUp), true)
    const { status, transactionHash } = await world.send({
      from: operator,
      to: world.addresses.core,
      data: encodeFunctionData({
        abi: coreAbi,
        functionName: 'updateStateKzgDA',
        args: [words, proofs],
      }),
      // Of the curve's zero (EIP-4844).
      blobHashes: ['0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014'],
    })
    expect(status).toBe('0x0')
    expect(reasonIn((await world.trace(transactionHash)).output)).toBe(reason)
  })
})

/** The words of a segment after its point, and no messages. */
function blobs(count: bigint, ...rest: readonly bigint[]): readonly bigint[] {
  return [count, ...rest, 0n, 0n]
}
