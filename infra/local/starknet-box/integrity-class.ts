import { hash } from 'starknet'

import { contractClass, enumEntry, eventStruct, struct } from './abi.ts'
import { address, felt252, structOf, unsigned } from './cairo-codec.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'
import { type Hex, hex } from './felt.ts'
import { type HostedCall, type HostedEffect, seen } from './hosted-call.ts'
import {
  registerFact,
  registerVerifier,
  verificationList,
  verificationWords,
  verifierAddress,
  type VerifierPreset,
} from './integrity-rules.ts'
import type { IntegrityState, VerifierConfig } from './integrity-state.ts'

const felt = 'core::felt252'
const account = 'core::starknet::contract_address::ContractAddress'
const configType = 'starknet_box::VerifierConfiguration'
const presetType = 'starknet_box::VerifierPreset'
const verificationType = 'starknet_box::Verification'
const elementType = 'starknet_box::VerificationListElement'
const registeredType = 'starknet_box::FactRegistered'

const config = structOf<VerifierConfig>(configType, {
  layout: felt252,
  hasher: felt252,
  stoneVersion: felt252,
  memoryVerification: felt252,
})
const preset = structOf<VerifierPreset>(presetType, { layout: felt252, hasher: felt252 })

/** What a fact registry can be asked and told. */
export const integrityEntryPoints: readonly EntryPoint<
  IntegrityState,
  HostedCall,
  HostedEffect<IntegrityState>
>[] = [
  entryPoint({
    name: 'register_fact',
    kind: 'external',
    inputs: { verifierConfig: config, factHash: felt252, securityBits: unsigned(32) },
    outputs: [registeredType],
    run: (state: IntegrityState, _: HostedCall, { verifierConfig, factHash, securityBits }) =>
      registerFact(state, { factHash, securityBits, config: verifierConfig }),
  }),
  entryPoint({
    name: 'register_verifier',
    kind: 'external',
    inputs: { preset, address },
    run: registerVerifier,
  }),
  entryPoint({
    name: 'get_all_verifications_for_fact_hash',
    kind: 'view',
    inputs: { factHash: felt252 },
    outputs: [`core::array::Array::<${elementType}>`],
    run(state: IntegrityState, _: HostedCall, { factHash }) {
      const list = verificationList(state, factHash)
      return seen(state, [BigInt(list.length), ...list.flat()])
    },
  }),
  entryPoint({
    name: 'get_verification',
    kind: 'view',
    inputs: { verificationHash: felt252 },
    outputs: [`core::option::Option::<${verificationType}>`],
    run: (state: IntegrityState, _: HostedCall, { verificationHash }) =>
      seen(state, verificationWords(state, verificationHash)),
  }),
  entryPoint({
    name: 'get_verifier_address',
    kind: 'view',
    inputs: { preset },
    outputs: [account],
    run: (state: IntegrityState, _: HostedCall, asked) =>
      seen(state, [verifierAddress(state, asked.preset)]),
  }),
]

const u32 = 'core::integer::u32'
const configMembers = { layout: felt, hasher: felt, stone_version: felt, memory_verification: felt }

export const integrityClass = contractClass(integrityEntryPoints, [
  struct(configType, configMembers),
  struct(presetType, { layout: felt, hasher: felt }),
  struct(verificationType, { fact_hash: felt, security_bits: u32, verifier_config: configType }),
  struct(elementType, {
    verification_hash: felt,
    security_bits: u32,
    verifier_config: configType,
  }),
  enumEntry(`core::option::Option::<${verificationType}>`, { Some: verificationType, None: '()' }),
  eventStruct(registeredType, {
    fact_hash: ['key', felt],
    verifier_address: ['key', account],
    security_bits: ['key', u32],
    verifier_config: ['key', configType],
    verification_hash: ['key', felt],
  }),
])

/** The way from what it can be asked to its hash is ours. */
export const integrityClassHash: Hex = hex(hash.starknetKeccak(integrityClass.abi))
