import { poseidonHashMany } from '@scure/starknet'
import { keccak256 } from 'viem/utils'

import type { HostedCall, HostedEffect, HostedEvent } from './hosted-call.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { receiveMessages, sealMessages } from './piltover-messages.ts'
import { type AppchainOutput, readAppchainOutput, wordAt } from './piltover-output.ts'
import type { PiltoverState, ProgramInfo } from './piltover-state.ts'
import { selectorOf } from './selectors.ts'

// Texts and order of checks: keep-starknet-strange/piltover, appchain.cairo, config and state, as of `onchain_data_hash`.

/** Also what the registry says: each verification's security bits, oldest first. */
export type PiltoverCall = HostedCall & {
  readonly bitsOf: (registry: bigint, fact: bigint) => readonly bigint[]
}

export type StateUpdate = {
  readonly snosOutput: readonly bigint[]
  readonly layoutBridgeOutput: readonly bigint[]
  readonly onchainDataHash: bigint
  readonly onchainDataSize: bigint
}

export function updateState(
  state: PiltoverState,
  call: PiltoverCall,
  update: StateUpdate,
): HostedEffect<PiltoverState> {
  assertOwnerOrOperator(state, call)
  const { snosOutput, layoutBridgeOutput } = update
  const { programs } = state
  const isOurs = programs.snosProgramHash === wordAt(snosOutput, 2)
  assertFelt(isOurs, 'snos: invalid program hash')
  const isBridged = programs.layoutBridgeProgramHash === wordAt(layoutBridgeOutput, 2)
  assertFelt(isBridged, 'lb: invalid program hash')
  const isOfOutput = poseidonHashMany([...snosOutput]) === wordAt(layoutBridgeOutput, 4)
  assertFelt(isOfOutput, 'snos: invalid output hash')
  const output = readAppchainOutput(snosOutput)
  const transition = transitionFact(update)
  assertFelt(output.configHash === programs.snosConfigHash, 'snos: invalid config hash')
  const bridge = poseidonHashMany([...layoutBridgeOutput])
  assertRegistered(state, call, poseidonHashMany([programs.bootloaderProgramHash, bridge]))
  const received = receiveMessages(moved(state, output), output.toStarknet)
  const sealed = sealMessages(received.state, output.toAppchain)
  return {
    state: sealed.state,
    result: [],
    events: [
      event('LogStateTransitionFact', wide(transition)),
      ...received.events,
      ...sealed.events,
      event('LogStateUpdate', [output.newRoot, output.newNumber, output.newHash]),
    ],
  }
}

/** As weak as the original: only the first verification counts, however it was configured. */
function assertRegistered({ registry }: PiltoverState, { bitsOf }: PiltoverCall, fact: bigint) {
  const [first] = bitsOf(registry, fact)
  assertFelt(first !== undefined, 'no fact registered')
  assertBytes(first > 50n, 'assertion failed: `*verifications.at(0).security_bits > 50`.')
}

/** What the previous block's hash was is not asked. */
function moved(state: PiltoverState, output: AppchainOutput): PiltoverState {
  assertFelt(state.number === output.previousNumber, 'State: invalid block number')
  assertFelt(state.root === output.previousRoot, 'State: invalid previous root')
  return { ...state, number: output.newNumber, hash: output.newHash, root: output.newRoot }
}

/** The root over the bridge's output and the data beside it: as on L1, but with each word's bytes in the other order. */
function transitionFact(update: StateUpdate): bigint {
  const { layoutBridgeOutput, onchainDataHash, onchainDataSize } = update
  const main = BigInt(layoutBridgeOutput.length)
  const whole = main + onchainDataSize
  assertFelt(whole < 2n ** 256n, 'u256_add Overflow')
  return keccakLittle([keccakLittle(layoutBridgeOutput), main, onchainDataHash, whole]) + 1n
}

function keccakLittle(words: readonly bigint[]): bigint {
  const bytes = words.flatMap((word) =>
    [...Buffer.from(word.toString(16).padStart(64, '0'), 'hex')].toReversed(),
  )
  const digest = [...keccak256(Uint8Array.from(bytes), 'bytes')].toReversed()
  return BigInt(`0x${Buffer.from(digest).toString('hex')}`)
}

export function registerAppchainOperator(
  state: PiltoverState,
  call: HostedCall,
  address: bigint,
): HostedEffect<PiltoverState> {
  assertOwner(state, call)
  assertFelt(!state.operators.includes(address), 'Config: already operator')
  return done({ ...state, operators: [...state.operators, address] })
}

export function unregisterAppchainOperator(
  state: PiltoverState,
  call: HostedCall,
  address: bigint,
): HostedEffect<PiltoverState> {
  assertOwner(state, call)
  assertFelt(state.operators.includes(address), 'Config: not operator')
  return done({ ...state, operators: state.operators.filter((one) => one !== address) })
}

export function setProgramInfo(
  state: PiltoverState,
  call: HostedCall,
  programs: ProgramInfo,
): HostedEffect<PiltoverState> {
  assertOwnerOrOperator(state, call)
  const words = [call.caller, ...programWords(state.programs), ...programWords(programs)]
  return done({ ...state, programs }, [event('ProgramInfoChanged', words)])
}

export function setFactsRegistry(
  state: PiltoverState,
  call: HostedCall,
  registry: bigint,
): HostedEffect<PiltoverState> {
  assertOwnerOrOperator(state, call)
  return done({ ...state, registry })
}

export function programWords(programs: ProgramInfo): readonly bigint[] {
  const { bootloaderProgramHash, snosConfigHash, snosProgramHash, layoutBridgeProgramHash } =
    programs
  return [bootloaderProgramHash, snosConfigHash, snosProgramHash, layoutBridgeProgramHash]
}

function assertOwner({ owner }: PiltoverState, { caller }: HostedCall): void {
  assertFelt(owner === caller, 'Caller is not the owner')
}

function assertOwnerOrOperator({ owner, operators }: PiltoverState, { caller }: HostedCall): void {
  assertFelt(caller === owner || operators.includes(caller), 'Config: not owner or operator')
}

function done(
  state: PiltoverState,
  events: readonly HostedEvent[] = [],
): HostedEffect<PiltoverState> {
  return { state, result: [], events }
}

function event(name: string, data: readonly bigint[]): HostedEvent {
  return { keys: [selectorOf(name)], data }
}

function wide(value: bigint): readonly bigint[] {
  return [value & (2n ** 128n - 1n), value >> 128n]
}
