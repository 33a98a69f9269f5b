import { starkPrime } from '../../../lib/adapters/settlement/facts/stark-prime.ts'
import { keccakOfWords } from '../../../lib/adapters/settlement/facts/words.ts'
import { compiledL1Contract } from './compiled-l1.ts'
import type { Bootloader } from './gps-statement.ts'
import { type L1Sender, l1Sender } from './sender.ts'

/** Where the parts of a statement verifier stand. */
export type GpsAddresses = {
  readonly bootloaderProgram: `0x${string}`
  readonly memoryPages: `0x${string}`
  /** Takes any proof until it is told to refuse. */
  readonly starkCheck: `0x${string}`
  /** Asked for facts. */
  readonly gps: `0x${string}`
}

/** As many words as StarkWare's bootloader of 2022 has (starkex-contracts, CairoBootloaderProgram). */
const bootloaderWords = 566

/** A program of that length that is nobody's: all that matters here is that prover and verifier have the same. */
export const standInBootloader: Bootloader = {
  program: Array.from(
    { length: bootloaderWords },
    (_, at) => BigInt(keccakOfWords([BigInt(at)])) % starkPrime,
  ),
  simpleBootloaderHash: 1n,
  supportedVerifiersHash: 2n,
}

/** Deploys the statement verifier with its registry of memory pages and the stand-in for the check of proofs. */
export async function deployGps({
  rpcUrl,
  key,
  bootloader,
}: {
  readonly rpcUrl: string
  readonly key: `0x${string}`
  readonly bootloader?: Bootloader
}): Promise<GpsAddresses> {
  return placeGps(await l1Sender(rpcUrl, key), bootloader)
}

/** The same by an account that deploys other things too. */
export async function placeGps(
  sender: L1Sender,
  bootloader: Bootloader = standInBootloader,
): Promise<GpsAddresses> {
  const { program, supportedVerifiersHash, simpleBootloaderHash } = bootloader
  const bootloaderProgram = await sender.deploy(contract('BootloaderProgram'), [program])
  const memoryPages = await sender.deploy(contract('MemoryPageRegistry'), [])
  const starkCheck = await sender.deploy(contract('ToldStarkCheck'), [])
  const gps = await sender.deploy(contract('GpsStatementVerifier'), [
    bootloaderProgram,
    memoryPages,
    [starkCheck],
    supportedVerifiersHash,
    simpleBootloaderHash,
  ])
  return { bootloaderProgram, memoryPages, starkCheck, gps }
}

function contract(name: string) {
  return compiledL1Contract('gps', name)
}
