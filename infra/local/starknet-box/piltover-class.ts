import { hash } from 'starknet'

import { boolEnum, contractClass, enumEntry, eventStruct, spanStruct, struct } from './abi.ts'
import { address, felt252, span, structOf, u256 } from './cairo-codec.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'
import { type Hex, hex } from './felt.ts'
import { type HostedEffect, seen } from './hosted-call.ts'
import {
  cancelMessage,
  receivedStatus,
  sendMessage,
  sentStatus,
  startCancellation,
} from './piltover-messages.ts'
import {
  type PiltoverCall,
  programWords,
  registerAppchainOperator,
  setFactsRegistry,
  setProgramInfo,
  unregisterAppchainOperator,
  updateState,
} from './piltover-rules.ts'
import type { PiltoverState, ProgramInfo } from './piltover-state.ts'

const felt = 'core::felt252'
const account = 'core::starknet::contract_address::ContractAddress'
const programsType = 'starknet_box::ProgramInfo'
const sentType = 'starknet_box::MessageToAppchainStatus'
const receivedType = 'starknet_box::MessageToStarknetStatus'

const programInfo = structOf<ProgramInfo>(programsType, {
  bootloaderProgramHash: felt252,
  snosConfigHash: felt252,
  snosProgramHash: felt252,
  layoutBridgeProgramHash: felt252,
})
const message = { toAddress: address, selector: felt252, payload: span(felt252) }
const sentMessage = { ...message, nonce: felt252 }

/** What an appchain's settlement contract can be asked and told. */
export const piltoverEntryPoints: readonly EntryPoint<
  PiltoverState,
  PiltoverCall,
  HostedEffect<PiltoverState>
>[] = [
  entryPoint({
    name: 'update_state',
    kind: 'external',
    inputs: {
      snosOutput: span(felt252),
      layoutBridgeOutput: span(felt252),
      onchainDataHash: felt252,
      onchainDataSize: u256,
    },
    run: updateState,
  }),
  entryPoint({
    name: 'get_state',
    kind: 'view',
    inputs: {},
    outputs: [`(${felt}, ${felt}, ${felt})`],
    run: (state: PiltoverState) => seen(state, [state.root, state.number, state.hash]),
  }),
  entryPoint({
    name: 'owner',
    kind: 'view',
    inputs: {},
    outputs: [account],
    run: (state: PiltoverState) => seen(state, [state.owner]),
  }),
  entryPoint({
    name: 'register_operator',
    kind: 'external',
    inputs: { address },
    run: (state: PiltoverState, call: PiltoverCall, args) =>
      registerAppchainOperator(state, call, args.address),
  }),
  entryPoint({
    name: 'unregister_operator',
    kind: 'external',
    inputs: { address },
    run: (state: PiltoverState, call: PiltoverCall, args) =>
      unregisterAppchainOperator(state, call, args.address),
  }),
  entryPoint({
    name: 'is_operator',
    kind: 'view',
    inputs: { address },
    outputs: ['core::bool'],
    run: (state: PiltoverState, _: PiltoverCall, args) =>
      seen(state, [state.operators.includes(args.address) ? 1n : 0n]),
  }),
  entryPoint({
    name: 'set_program_info',
    kind: 'external',
    inputs: { programInfo },
    run: (state: PiltoverState, call: PiltoverCall, args) =>
      setProgramInfo(state, call, args.programInfo),
  }),
  entryPoint({
    name: 'get_program_info',
    kind: 'view',
    inputs: {},
    outputs: [programsType],
    run: (state: PiltoverState) => seen(state, programWords(state.programs)),
  }),
  entryPoint({
    name: 'set_facts_registry',
    kind: 'external',
    inputs: { address },
    run: (state: PiltoverState, call: PiltoverCall, args) =>
      setFactsRegistry(state, call, args.address),
  }),
  entryPoint({
    name: 'get_facts_registry',
    kind: 'view',
    inputs: {},
    outputs: [account],
    run: (state: PiltoverState) => seen(state, [state.registry]),
  }),
  entryPoint({
    name: 'send_message_to_appchain',
    kind: 'external',
    inputs: message,
    outputs: [`(${felt}, ${felt})`],
    run: sendMessage,
  }),
  entryPoint({
    name: 'start_message_cancellation',
    kind: 'external',
    inputs: sentMessage,
    outputs: [felt],
    run: startCancellation,
  }),
  entryPoint({
    name: 'cancel_message',
    kind: 'external',
    inputs: sentMessage,
    outputs: [felt],
    run: cancelMessage,
  }),
  entryPoint({
    name: 'sn_to_appchain_messages',
    kind: 'view',
    inputs: { messageHash: felt252 },
    outputs: [sentType],
    run: (state: PiltoverState, _: PiltoverCall, { messageHash }) =>
      seen(state, sentStatus(state, messageHash)),
  }),
  entryPoint({
    name: 'appchain_to_sn_messages',
    kind: 'view',
    inputs: { messageHash: felt252 },
    outputs: [receivedType],
    run: (state: PiltoverState, _: PiltoverCall, { messageHash }) =>
      seen(state, receivedStatus(state, messageHash)),
  }),
]

const event = (name: string, members: Parameters<typeof eventStruct>[1]) =>
  eventStruct(`starknet_box::Appchain::${name}`, members)
const ofMessage = {
  message_hash: ['key', felt],
  from: ['key', account],
  to: ['key', account],
} as const
const words = `core::array::Span::<${felt}>`

export const piltoverClass = contractClass(piltoverEntryPoints, [
  boolEnum,
  spanStruct(felt),
  struct('core::integer::u256', { low: 'core::integer::u128', high: 'core::integer::u128' }),
  struct(programsType, {
    bootloader_program_hash: felt,
    snos_config_hash: felt,
    snos_program_hash: felt,
    layout_bridge_program_hash: felt,
  }),
  enumEntry(sentType, {
    NotSent: '()',
    Sealed: '()',
    Cancelled: '()',
    Pending: felt,
    Cancelling: '()',
  }),
  enumEntry(receivedType, { NothingToConsume: '()', ReadyToConsume: felt }),
  event('LogStateUpdate', {
    state_root: ['data', felt],
    block_number: ['data', felt],
    block_hash: ['data', felt],
  }),
  event('LogStateTransitionFact', { state_transition_fact: ['data', 'core::integer::u256'] }),
  event('ProgramInfoChanged', {
    changed_by: ['data', account],
    old_program_info: ['data', programsType],
    new_program_info: ['data', programsType],
  }),
  event('MessageSent', {
    ...ofMessage,
    selector: ['data', felt],
    nonce: ['data', felt],
    payload: ['data', words],
  }),
  ...['MessageCancellationStarted', 'MessageCanceled'].map((name) =>
    event(name, {
      ...ofMessage,
      selector: ['data', felt],
      payload: ['data', words],
      nonce: ['data', felt],
    }),
  ),
  event('MessageToStarknetReceived', { ...ofMessage, payload: ['data', words] }),
  event('MessageToAppchainSealed', {
    ...ofMessage,
    selector: ['data', felt],
    nonce: ['data', felt],
    payload: ['data', words],
  }),
])

/** The way from what it can be asked to its hash is ours. */
export const piltoverClassHash: Hex = hex(hash.starknetKeccak(piltoverClass.abi))
