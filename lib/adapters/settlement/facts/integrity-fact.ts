import { poseidonHashMany } from '@scure/starknet'

/** The programs that Integrity's facts are wrapped in, by their hashes (Herodotus, integrity-hashes-calculator). */
export const integrityPrograms = {
  sharpBootloader: 0x5ab580b04e3532b6b18f81cfa654a05e29dd8e2352d88df1e765a84072db07n,
  stoneBootloader: 0x40519557c48b25e7e7d27cb27297300b94909028c327b385990f0b649920cc3n,
  cairoVerifier: 0x193641eb151b0f41674641089952e60bc3aded26e3cf42793655c562b8c3aa0n,
  cairo1Bootloader: 0x288ba12915c0c7e91df572cf3ed0c9f391aa673cb247c5a208beaa50b668f09n,
} as const

/** What Atlantic writes at the head of a Cairo 1 program's output. */
const cairo1OutputMark = 0x49ee3eba8c1600700ee1b87eb599f16716b0b1022947733551fde4050ca6804n

/** A program's run: its hash, and what it put out. */
export type CairoRun = { readonly programHash: bigint; readonly output: readonly bigint[] }

/** The fact of a run that was proved as it is. */
export function integrityFact({ programHash, output }: CairoRun): bigint {
  return hashOf([programHash, hashOf(output)])
}

/** The fact of a run inside a bootloader, which puts out how many runs there were, and each with its length and program. */
export function bootloadedFact(bootloader: bigint, run: CairoRun): bigint {
  return integrityFact({ programHash: bootloader, output: bootloadedOutput(run) })
}

/** The fact of a bootloaded run whose proof was verified by a second program, itself in the same bootloader. */
export function wrappedFact({
  bootloader,
  wrapper,
  run,
}: {
  readonly bootloader: bigint
  /** The verifier's program. */
  readonly wrapper: bigint
  readonly run: CairoRun
}): bigint {
  const output = [bootloader, hashOf(bootloadedOutput(run))]
  return bootloadedFact(bootloader, { programHash: wrapper, output })
}

/** The fact of a Cairo 1 program that Atlantic ran: in its own bootloader, with input and output, and that in SHARP's. */
export function cairo1AtlanticFact({
  programHash,
  input,
  output,
}: CairoRun & { readonly input: readonly bigint[] }): bigint {
  const words = [
    0n,
    cairo1OutputMark,
    1n,
    BigInt(input.length + output.length + 5),
    programHash,
    0n,
    BigInt(output.length),
    ...output,
    BigInt(input.length),
    ...input,
  ]
  const { sharpBootloader, cairo1Bootloader } = integrityPrograms
  return bootloadedFact(sharpBootloader, { programHash: cairo1Bootloader, output: words })
}

/** How a proof was made and is verified, by Integrity's names. */
export type VerifierConfig = {
  readonly layout:
    | 'dex'
    | 'recursive'
    | 'recursive_with_poseidon'
    | 'small'
    | 'starknet'
    | 'starknet_with_keccak'
  readonly hasher: 'keccak_160_lsb' | 'keccak_248_lsb' | 'blake2s_160_lsb' | 'blake2s_248_lsb'
  readonly stoneVersion: 'stone5' | 'stone6'
  readonly memoryVerification: 'strict' | 'relaxed' | 'cairo1'
}

/** The configuration as it goes into a verification's hash. */
export function verifierConfigHash(config: VerifierConfig): bigint {
  const { layout, hasher, stoneVersion, memoryVerification } = config
  return hashOf([layout, hasher, stoneVersion, memoryVerification].map(shortText))
}

/** Under which a verification is stored: of this fact, with this configuration, at exactly so many bits. */
export function verificationHash({
  fact,
  config,
  securityBits,
}: {
  readonly fact: bigint
  readonly config: VerifierConfig
  readonly securityBits: number
}): bigint {
  return hashOf([fact, verifierConfigHash(config), BigInt(securityBits)])
}

function bootloadedOutput({ programHash, output }: CairoRun): readonly bigint[] {
  return [1n, BigInt(output.length + 2), programHash, ...output]
}

/** The sponge with padding. Poseidon of two numbers by itself is another function, and gives another fact without an error. */
function hashOf(words: readonly bigint[]): bigint {
  return poseidonHashMany([...words])
}

function shortText(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`)
}
