import { concat, encodeAbiParameters, type Hex, pad, parseAbiParameters } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { z } from 'zod'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import {
  placeAdapter,
  placeCommittee,
  placeStarkPerpetual,
  starkPerpetualInitializer,
} from '../../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { keccakOfWords } from '../../../../lib/adapters/settlement/facts/words.ts'
import {
  forcedTradeHash,
  tradeConsentHash,
} from '../../../../lib/adapters/settlement/stark-perpetual/forced-request.ts'
import { anvilSecret } from '../../../adapters/chains/keys.ts'
import {
  type L1Case,
  l1Cases,
  l1Recording,
  Words,
} from '../../../adapters/settlement/l1-vectors.ts'
import { calldata, type Replay, type Sent, startReplay } from './replay.ts'

export const perpetualRoles: Readonly<Record<string, Hex>> = l1Recording?.roles['perpetual'] ?? {}

/** The address of a role; the proxy is called by two names. */
export function role(name = ''): Hex {
  return perpetualRoles[name === 'perpetualProxy' ? 'perpetual' : name] ?? '0x'
}

/** The generic program of perpetual exchanges (contracts.md §2.3); the second adapter's is the next number. */
const programHash = 0x1b40021cbe547dc19f55932fb9e92bd930917978c6b82cfe2cc1516e47407b2n

/** A node with the contracts at the recorded places, the proxy still without an implementation. */
export async function startPerpetualReplay(): Promise<Replay> {
  const replay = await startReplay('1800000000')
  const sender = await l1Sender(replay.node.url, anvilSecret)
  const told = compiledL1Contract('starknet-core', 'ToldFacts')
  const gps = await sender.deploy(told, [])
  // For conditions, and for escapes.
  await sender.deploy(told, [])
  await sender.deploy(told, [])
  await placeStarkPerpetual(sender)
  await placeAdapter(sender, gps, programHash)
  await placeAdapter(sender, gps, programHash + 1n)
  await placeCommittee(sender, { members: [role('member0'), role('member1')], required: 2 })
  await sender.deploy(compiledL1Contract('stark-perpetual', 'ConfigurationDelayChange'), [])
  // What prepares a case takes no time.
  await replay.node.rpc('anvil_setBlockTimestampInterval', 0)
  return replay
}

/** One thing that was done before a case, and when. */
export type Step = {
  readonly at: number
  /** Equal for equal things. */
  readonly name: string
  readonly run: (replay: Replay) => Promise<void>
}

/** Seconds of the recording. */
const t = (seconds: number) => 1_800_000_000 + seconds
/** When the recording froze the exchange: seven days after the request of second 720. */
const frozenAt = t(720 + 604_800)
const thawedAt = frozenAt + 31_536_000

const globalHash = pad('0x3f1a5c7e90b2d4f6183a5c7e90b2d4f6183a5c7e90b2d4f6183a5c7e90b2d4f')
const nextGlobalHash = '0x03f1a5c7e90b2d4f6183a5c7e90b2d4f6183a5c7e90b2d4f6183a5c7e90b2d9c'
const btc = '0x4254432d3130000000000000000000'
const eth = '0x4554482d3900000000000000000000'
const btcHash = pad('0x48d1a2b41fdc048d950d159eca8468ac28f4e81a61d851ea740c840')
const ethHash = pad('0x5c290a3d8642147af92c7899a3d6eeeed27d0a3d51eb6544')
const nextBtcHash = pad('0x48d1a2b41fdc048d950d159eca8468ac28f4e81a61d851ea740c849')
const ether = '0x1142460171646987f20c714eda4b92812b22b811f56f27130937c267e29bd9e'
const adapterName = 'StarkWare_GpsFactRegistryAdapter_2020_1'
const committeeName = 'StarkWare_Committee_2022_2'

/** What the recording did before a case, as far as the case can see it. */
export function stepsBefore(one: L1Case): readonly Step[] {
  const time = timeOf(one)
  const steps = [...mainLine(), ...branchOf(one)].filter(({ at }) => at < time)
  return steps.toSorted((a, b) => a.at - b.at)
}

/** Views tell no time; they belong to what their names say. */
function timeOf({ id, chain }: L1Case): number {
  if (chain) return Number(chain.timestamp)
  if (id.startsWith('perpetual.init')) return t(170)
  if (id.startsWith('perpetual.view.genesis')) return t(190)
  if (/un-?fr[eo]ez|thaw/i.test(id)) return thawedAt + 12
  if (/fr[eo]z/i.test(id)) return frozenAt + 12
  if (!id.startsWith('perpetual.forced')) return t(550)
  return id.includes('trade') ? t(876) : t(740)
}

/** What all parts of the recording have in common. */
function mainLine(): readonly Step[] {
  const implementation = [role('perpetualDispatcher'), perpetualInitializer(), false]
  return [
    step(t(170), 'governor', 'addImplementation(address,bytes,bool)', implementation),
    step(t(180), 'governor', 'upgradeTo(address,bytes,bool)', implementation),
    step(t(204), 'governor', 'registerOperator(address)', [role('operator')]),
    step(t(216), 'governor', 'unregisterOperator(address)', [role('governor')]),
    step(t(276), 'governor', 'registerGlobalConfigurationChange(bytes32)', [globalHash]),
    step(t(288), 'governor', 'applyGlobalConfigurationChange(bytes32)', [globalHash]),
    ...configured(t(300), btc, btcHash),
    ...configured(t(300), eth, ethHash),
    step(t(432), 'governor', 'registerVerifier(address,string)', [role('adapter'), adapterName]),
    step(t(468), 'governor', 'registerAvailabilityVerifier(address,string)', [
      role('committee'),
      committeeName,
    ]),
    // Three batches were settled from here on: what they made of the state is planted.
    step(t(492), 'stranger', 'tell(bytes32,bool)', [pad('0x1'), true], 'gpsStandin'),
    { at: t(528), name: 'three batches', run: async (replay) => plantState(replay, afterThree) },
    step(t(564), 'governor', 'registerTokenAdmin(address)', [role('admin')]),
    step(t(588), 'admin', 'registerSystemAssetType(uint256,bytes)', [ether, '0x8322fff2']),
  ]
}

function configured(at: number, asset: Hex, hash: Hex): readonly Step[] {
  return [
    step(at, 'governor', 'registerAssetConfigurationChange(uint256,bytes32)', [asset, hash]),
    step(at + 48, 'governor', 'applyAssetConfigurationChange(uint256,bytes32)', [asset, hash]),
  ]
}

function branchOf(one: L1Case): readonly Step[] {
  const is = (...prefixes: readonly string[]) =>
    prefixes.some((prefix) => one.id.startsWith(`perpetual.${prefix}`))
  if (is('flow', 'update.modification')) return deposited()
  if (is('forced', 'freeze', 'update.forced', 'update.frozen')) return requested(one)
  if (is('view') && /fr[eo]ez|froz|thaw/i.test(one.id)) return requested(one)
  if (is('config.delay', 'update.skew')) return delayed(one)
  if (is('config.verifier', 'update.verifier')) return witnessed(one)
  return []
}

/** A deposit, cancelled and, two days later, taken back. */
function deposited(): readonly Step[] {
  const deposit = [role('userA'), ether, 11]
  const by = 'userA'
  return [
    step(t(612), by, 'depositEth(uint256,uint256,uint256)', deposit, 'perpetual', '500'),
    step(t(624), by, 'depositCancel(uint256,uint256,uint256)', deposit),
    step(t(624 + 172_800), by, 'depositReclaim(uint256,uint256,uint256)', deposit),
  ]
}

/** A forced withdrawal and a forced trade, as far as the case counts them, and what came of them. */
function requested({ id, pre = {}, call }: L1Case): readonly Step[] {
  const withdrawal = [role('userA'), 21, 1_000]
  const unFreezeTime = BigInt(z.string().default('0').parse(pre['unFreezeTimeSlot']))
  const isView = id.startsWith('perpetual.view')
  const isThawed = (pre['isFrozen'] === false && unFreezeTime > 0n) || isView
  const isFrozen = pre['isFrozen'] === true || isThawed
  const served = /served-trade|replayed/.test(id)
    ? 'perpetual.update.forced.both-kinds'
    : 'perpetual.update.forced.withdrawal-served'
  const freeze = 'freezeRequest(uint256,uint256,uint256)'
  return [
    ...recorded('perpetual.forced.register-key.again', t(636)),
    step(t(720), 'userA', 'forcedWithdrawalRequest(uint256,uint256,uint256,bool)', [
      ...withdrawal,
      false,
    ]),
    ...(pre['actionCount'] === '1' ? [] : [tradeRequested(t(864))]),
    ...(/freeze\.served|after-service/.test(id) ? recorded(served) : []),
    ...(isFrozen ? [step(frozenAt, 'stranger', freeze, withdrawal)] : []),
    ...(/escape\.(?:again|twice|used)/.test(id) ? recorded('perpetual.freeze.escape.ok') : []),
    ...announced(call, frozenAt + 144),
    ...(isThawed ? [step(thawedAt, 'governor', 'unFreeze()', [])] : []),
  ]
}

/** A delay for configurations, which came with an upgrade, and what was registered under it. */
function delayed({ id, call }: L1Case): readonly Step[] {
  const data = encodeAbiParameters(parseAbiParameters('address[5], uint256'), [
    [...partsOfExchange(), role('eicDelay')] as const,
    delayToCome,
  ])
  const upgrade = [role('perpetualDispatcher'), data, false]
  const signature = 'registerGlobalConfigurationChange(bytes32)'
  const next = (at: number, name: string) => step(at, 'governor', name, [nextGlobalHash])
  const fate = id.endsWith('after-restart')
    ? next(1_801_469_707, signature)
    : id.endsWith('removed')
      ? next(1_801_469_719, 'removeGlobalConfigurationChange(bytes32)')
      : next(1_801_469_707, 'applyGlobalConfigurationChange(bytes32)')
  const asset = [btc, nextBtcHash]
  return [
    step(t(888), 'governor', 'addImplementation(address,bytes,bool)', upgrade),
    ...(call?.function.startsWith('upgradeTo')
      ? []
      : [step(1_801_210_488, 'governor', 'upgradeTo(address,bytes,bool)', upgrade)]),
    next(1_801_210_500, signature),
    fate,
    step(1_801_469_743, 'governor', 'registerAssetConfigurationChange(uint256,bytes32)', asset),
    step(1_801_728_950, 'governor', 'applyAssetConfigurationChange(uint256,bytes32)', asset),
  ]
}

/** A second verifier, which went again after four weeks. */
function witnessed({ id }: L1Case): readonly Step[] {
  const second = role('adapter2')
  const announce = 'announceVerifierRemovalIntent(address)'
  const last = id.endsWith('remove.last')
    ? [
        step(1_802_420_148, 'governor', 'removeVerifier(address)', [second]),
        step(1_802_420_160, 'governor', announce, [role('adapter')]),
      ]
    : []
  return [
    step(t(888), 'governor', 'registerVerifier(address,string)', [second, adapterName]),
    step(t(948), 'governor', announce, [second]),
    ...last,
  ]
}

/** An implementation is announced before it is taken. */
function announced(call: L1Case['call'], at: number): readonly Step[] {
  if (!call?.function.startsWith('upgradeTo')) return []
  const args = z.array(z.unknown()).parse(call.args)
  return [step(at, 'governor', 'addImplementation(address,bytes,bool)', args)]
}

function step(
  at: number,
  from: string,
  signature: string,
  args: readonly unknown[],
  target = 'perpetual',
  value = '0',
): Step {
  const sent = { from: role(from), to: role(target), data: calldata(signature, args), value }
  return sending(at, sent)
}

function sending(at: number, sent: Omit<Sent, 'timestamp'>): Step {
  return {
    at,
    name: `${at} ${sent.to} ${sent.data}`,
    run: async (replay) => replay.must({ ...sent, timestamp: String(at) }),
  }
}

/** A case of the recording as a step, perhaps at another time; nothing where the recording does not have it. */
function recorded(id: string, when?: number): readonly Step[] {
  const one = l1Cases(id).find((found) => found.id === id)
  if (!one?.call?.data) return []
  const { from, target, data, value = '0' } = one.call
  const at = when ?? Number(one.chain?.timestamp)
  const sent = sending(at, { from: role(from), to: role(target), data, value })
  return [
    {
      at,
      name: sent.name,
      async run(replay) {
        await prepare(replay, one)
        await sent.run(replay)
      },
    },
  ]
}

/** The request that the recording freezes and serves by; B's consent counts for two hours. */
function tradeRequested(at: number): Step {
  const terms = [role('userA'), role('userB'), 21, 22, ether, btc, 1_000_000, 50, true] as const
  const trade = {
    starkKeyA: BigInt(role('userA')),
    starkKeyB: BigInt(role('userB')),
    positionA: 21n,
    positionB: 22n,
    syntheticAsset: BigInt(btc),
    collateralAmount: 1_000_000n,
    syntheticAmount: 50n,
    aBuysSynthetic: true,
    nonce: 987n,
  }
  const lastHour = 500_002n
  const hash = tradeConsentHash(forcedTradeHash(trade, BigInt(ether)), lastHour)
  const signature =
    'forcedTradeRequest(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bool,uint256,uint256,bytes,bool)'
  return {
    at,
    name: `${at} a forced trade`,
    async run(replay) {
      const consent = await accountAt(4).sign({ hash })
      await step(at, 'userA', signature, [...terms, lastHour, trade.nonce, consent, false]).run(
        replay,
      )
    },
  }
}

/** Seconds that the upgrade of the recording sets as the delay of configurations. */
const delayToCome = 259_207n

function partsOfExchange() {
  return [
    role('AllVerifiers'),
    role('PerpetualTokensAndRamping'),
    role('PerpetualState'),
    role('PerpetualForcedActions'),
  ] as const
}

/** What the recorded exchange was set up with: a state without assets, a minute and a half after the chain began. */
export function perpetualInitializer(): Hex {
  const [verifiers, tokens, state, forcedActions] = partsOfExchange()
  const time = 1_800_000_156n
  return starkPerpetualInitializer(
    { verifiers, tokens, state, forcedActions },
    {
      escapeVerifier: role('escapeVerifierStandin'),
      state: {
        positionsRoot: 0x1001n,
        positionsHeight: 64n,
        ordersRoot: 0x2001n,
        ordersHeight: 64n,
        funding: [],
        fundingTime: time,
        prices: [],
        systemTime: time,
      },
    },
  )
}

/** What the third batch left behind. */
const afterThree = {
  sequenceNumber: '3',
  lastBatchId: '8',
  sharedStateHashSlot: '0x9b466003d05df4af6fcee472982d541bfdfe79478de40db95b689f52d1427665',
}

const slots = { sequenceNumber: 12n, lastBatchId: 29n, sharedState: 2n ** 64n + 3n }
const assetConfigurations = 2n ** 64n + 2n

/** What a case finds besides: batches that others settled, and what registries answer. */
export async function prepare(replay: Replay, one: L1Case): Promise<void> {
  const { pre = {}, result, id } = one
  await plantState(replay, pre)
  if (id.startsWith('perpetual.update.gas')) await plantConfigurations(replay, one)
  for (const { registry, fact, answer } of result?.factQueries ?? [])
    await tell(replay, { registry, fact, answer })
}

async function plantState(replay: Replay, state: Readonly<Record<string, unknown>>): Promise<void> {
  const { sequenceNumber, lastBatchId, sharedStateHashSlot } = Planted.parse(state)
  const plant = async (slot: bigint, word: string | undefined) =>
    word === undefined ? undefined : replay.plant(role('perpetual'), slot, BigInt(word))
  await plant(slots.sequenceNumber, sequenceNumber)
  await plant(slots.lastBatchId, lastBatchId)
  await plant(slots.sharedState, sharedStateHashSlot)
}

const Planted = z.object({
  sequenceNumber: z.string().optional(),
  lastBatchId: z.string().optional(),
  sharedStateHashSlot: z.string().optional(),
})

/** Those that a batch of many assets was made with. */
async function plantConfigurations(replay: Replay, { call }: L1Case): Promise<void> {
  const [output] = z.tuple([Words, Words]).parse(call?.args)
  for (let at = 3; at < 3 + 2 * Number(output[2]); at += 2)
    await replay.plant(
      role('perpetual'),
      BigInt(keccakOfWords([output[at] ?? 0n, assetConfigurations])),
      output[at + 1] ?? 0n,
    )
}

const toldRegistries = new Set(['gpsStandin', 'conditionRegistry', 'escapeVerifierStandin'])
const signers = [6, 7].map(accountAt)

/** One of the accounts that every local chain has. */
function accountAt(addressIndex: number) {
  const words = 'test test test test test test test test test test test junk'
  return mnemonicToAccount(words, { addressIndex })
}

async function tell(
  replay: Replay,
  {
    registry,
    fact,
    answer,
  }: { readonly registry: string; readonly fact: Hex; readonly answer: boolean },
): Promise<void> {
  const send = async (to: string, data: Hex) =>
    replay.must({ from: role('stranger'), to: role(to), data })
  if (toldRegistries.has(registry))
    await send(registry, calldata('tell(bytes32,bool)', [fact, answer]))
  if (registry !== 'committee' || !answer) return
  const ascending = signers.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
  const signatures = await Promise.all(ascending.map(async (member) => member.sign({ hash: fact })))
  await send(
    'committee',
    calldata('verifyAvailabilityProof(bytes32,bytes)', [fact, concat(signatures)]),
  )
}

/** The fields of a case's `post` as the contract has them now. */
export async function postOf(replay: Replay, one: L1Case): Promise<Record<string, unknown>> {
  const entries = Object.keys(one.post ?? {}).map(
    async (field) => [field, await postField(replay, one, field)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function postField(replay: Replay, one: L1Case, field: string): Promise<unknown> {
  const ask = async (signature: string, args: readonly unknown[] = []) =>
    replay.ask(role('perpetual'), calldata(signature, args))
  const number = async (signature: string, args: readonly unknown[] = []) =>
    String(BigInt(await ask(signature, args)))
  const args = z.array(z.unknown()).parse(one.call?.args ?? [])
  switch (field) {
    case 'sequenceNumber':
      return number('getSequenceNumber()')
    case 'lastBatchId':
      return number('getLastBatchId()')
    case 'configurationDelay':
      return number('configurationDelay()')
    case 'actionCount':
      return number('getActionCount()')
    case 'isFrozen':
      return BigInt(await ask('isFrozen()')) === 1n
    case 'isValid':
      return (
        BigInt(await replay.ask(role('committee'), calldata('isValid(bytes32)', [args[0]]))) === 1n
      )
    case 'globalConfigurationHash':
      return ask('globalConfigurationHash()')
    case 'configurationHash':
      return ask('configurationHash(uint256)', [args[0]])
    case 'actionHashAtIndex':
      return ask('getActionHashByIndex(uint256)', [BigInt(await ask('getActionCount()')) - 1n])
    case 'sharedStateHashSlot':
      return replay.slot(role('perpetual'), slots.sharedState)
    case 'unFreezeTimeSlot':
      return replay.slot(role('perpetual'), 5n)
    case 'actionsTimeLockSlot': {
      const key = keccakOfWords([2n ** 256n - 1n, BigInt(String(args[0]))])
      return replay.slot(role('perpetual'), BigInt(keccakOfWords([BigInt(key), 35n])))
    }
    case 'deposit':
      return number('getDepositBalance(uint256,uint256,uint256)', [role('userA'), ether, 11])
    case 'withdrawable':
      return number('getWithdrawalBalance(uint256,uint256)', [withdrawing(args), ether])
    case 'requestTime':
      return number('getForcedWithdrawalRequest(uint256,uint256,uint256)', [
        role('userA'),
        21,
        1_000,
      ])
    default:
      throw new Error(`nobody knows how to look up ${field}`)
  }
}

/** The key of the first modification: the words behind the two states, expiration and count. */
function withdrawing(args: readonly unknown[]): bigint {
  const [output] = z.tuple([Words, Words]).parse(args)
  const previous = 3 + 2 * Number(output[2])
  const next = previous + 1 + Number(output[previous])
  return output[next + 1 + Number(output[next]) + 2] ?? 0n
}

/** The twelve requests that were sent into one block; the last pays the premium. */
export function twelveRequests(): readonly Sent[] {
  return Array.from({ length: 12 }, (_, at) => ({
    from: role('userA'),
    to: role('perpetual'),
    data: calldata('forcedWithdrawalRequest(uint256,uint256,uint256,bool)', [
      role('userA'),
      100 + at,
      1,
      at === 11,
    ]),
  }))
}
