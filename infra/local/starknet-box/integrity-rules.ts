import { poseidonHashMany } from '@scure/starknet'

import { hex, shortString } from './felt.ts'
import type { HostedCall, HostedEffect } from './hosted-call.ts'
import type { IntegrityState, Verification, VerifierConfig } from './integrity-state.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Texts and orders: HerodotusDev/integrity, fact_registry.cairo and settings.cairo.

export type VerifierPreset = { readonly layout: bigint; readonly hasher: bigint }

/** What stands in for a proof's verification: the caller says how strong it was. The event comes also of what is known already. */
export function registerFact(
  state: IntegrityState,
  { factHash, securityBits, config }: Verification,
): HostedEffect<IntegrityState> {
  const verifier = state.mocked ? 0n : verifierAddress(state, presetOf(config))
  const hash = verificationHash({ factHash, securityBits, config })
  const words = [factHash, verifier, securityBits, ...configWords(config), hash]
  return {
    state: withVerification(state, hash, { factHash, securityBits, config }),
    result: words,
    events: [{ keys: [selectorOf('FactRegistered'), ...words], data: [] }],
  }
}

function withVerification(
  state: IntegrityState,
  hash: bigint,
  verification: Verification,
): IntegrityState {
  const key = hex(hash)
  if (state.verifications[key] !== undefined) return state
  const fact = hex(verification.factHash)
  return {
    ...state,
    listed: { ...state.listed, [fact]: [...(state.listed[fact] ?? []), key] },
    verifications: { ...state.verifications, [key]: verification },
  }
}

export function registerVerifier(
  state: IntegrityState,
  { caller }: HostedCall,
  { preset, address }: { readonly preset: VerifierPreset; readonly address: bigint },
): HostedEffect<IntegrityState> {
  assertFelt(state.owner === caller, 'ONLY_OWNER')
  assertFelt(address !== 0n, 'INVALID_VERIFIER_ADDRESS')
  const key = hex(presetHash(preset))
  assertFelt(state.verifiers[key] === undefined, 'VERIFIER_ALREADY_EXISTS')
  const keys = [selectorOf('VerifierRegistered'), address, preset.layout, preset.hasher]
  return {
    state: { ...state, verifiers: { ...state.verifiers, [key]: address } },
    result: [],
    events: [{ keys, data: [] }],
  }
}

/** Each as `hash, bits, configuration`, oldest first. */
export function verificationList(
  { listed, verifications }: IntegrityState,
  factHash: bigint,
): readonly (readonly bigint[])[] {
  return (listed[hex(factHash)] ?? []).flatMap((hash) => {
    const found = verifications[hash]
    return found ? [[BigInt(hash), found.securityBits, ...configWords(found.config)]] : []
  })
}

export function verificationWords(
  { verifications }: IntegrityState,
  hash: bigint,
): readonly bigint[] {
  const found = verifications[hex(hash)]
  // An Option: Some is 0, None is 1.
  if (found === undefined) return [1n]
  return [0n, found.factHash, found.securityBits, ...configWords(found.config)]
}

export function verifierAddress(state: IntegrityState, preset: VerifierPreset): bigint {
  if (state.mocked) return 0n
  const address = state.verifiers[hex(presetHash(preset))]
  assertFelt(address !== undefined, 'VERIFIER_NOT_FOUND')
  return address
}

/** A verifier is told its hasher without how many bits of it are used. */
function presetOf(config: VerifierConfig): VerifierPreset {
  const { layout, hasher, stoneVersion, memoryVerification } = config
  const isKnownMemory = isOneOf(memoryVerification, ['strict', 'relaxed', 'cairo1'])
  assertFelt(isKnownMemory, 'Unsupported cairo version')
  const isKeccak = isOneOf(hasher, ['keccak_160_lsb', 'keccak_248_lsb'])
  const isBlake = isOneOf(hasher, ['blake2s_160_lsb', 'blake2s_248_lsb'])
  assertFelt(isKeccak || isBlake, 'Unsupported hasher variant')
  assertFelt(isOneOf(stoneVersion, ['stone5', 'stone6']), 'Unsupported stone version')
  return { layout, hasher: shortString(isKeccak ? 'keccak' : 'blake2s') }
}

function isOneOf(value: bigint, names: readonly string[]): boolean {
  return names.some((name) => shortString(name) === value)
}

function presetHash({ layout, hasher }: VerifierPreset): bigint {
  return poseidonHashMany([layout, hasher])
}

function verificationHash({ factHash, securityBits, config }: Verification): bigint {
  return poseidonHashMany([factHash, poseidonHashMany([...configWords(config)]), securityBits])
}

function configWords(config: VerifierConfig): readonly bigint[] {
  const { layout, hasher, stoneVersion, memoryVerification } = config
  return [layout, hasher, stoneVersion, memoryVerification]
}
