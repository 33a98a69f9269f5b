import { createPublicClient, hexToBigInt, http, sliceHex } from 'viem'

import { starkPrime } from '../../../lib/adapters/settlement/facts/stark-prime.ts'
import type { Hash } from '../../../lib/adapters/settlement/facts/words.ts'
import { compiledL1Contract } from './compiled-l1.ts'
import type { GpsAddresses } from './deploy-gps.ts'
import { type Bootloader, gpsStatement, type GpsTask } from './gps-statement.ts'
import { type L1Sender, l1Sender } from './sender.ts'

/** Registers that a program ran with this output, as a prover does: its pages of data first, each by itself, then the statement. */
export async function registerFact({
  rpcUrl,
  key,
  gps,
  task,
  signal,
}: {
  readonly rpcUrl: string
  readonly key: `0x${string}`
  readonly gps: GpsAddresses
  readonly task: GpsTask
  /** After it nothing is waited for. */
  readonly signal?: AbortSignal | undefined
}): Promise<{ readonly root: Hash; readonly fact: Hash }> {
  const sender = await l1Sender(rpcUrl, key, signal)
  const statement = gpsStatement([task], await bootloaderOf(rpcUrl, gps, signal))
  const { z, alpha } = statement.challenge
  const pages = compiledL1Contract('gps', 'MemoryPageRegistry')
  for (const { startAddress, values } of statement.dataPages)
    // One after the other: each has the next nonce.
    await sender.call({
      to: gps.memoryPages,
      abi: pages.abi,
      name: 'registerContinuousMemoryPage',
      args: [startAddress, values, z, alpha, starkPrime],
    })
  await sendStatement(sender, gps, statement)
  const [registered] = statement.facts
  if (!registered) throw new TypeError('a statement of one task has one fact')
  return registered
}

async function sendStatement(
  sender: L1Sender,
  { gps }: GpsAddresses,
  { taskMetadata, cairoAuxInput }: ReturnType<typeof gpsStatement>,
): Promise<void> {
  const { abi } = compiledL1Contract('gps', 'GpsStatementVerifier')
  const args = [[], [], taskMetadata, cairoAuxInput, 0n]
  await sender.call({ to: gps, abi, name: 'verifyProofAndRegister', args })
}

/** What the verifier compares with. */
async function bootloaderOf(
  rpcUrl: string,
  { gps, bootloaderProgram }: GpsAddresses,
  signal: AbortSignal | undefined,
): Promise<Bootloader> {
  const reader = createPublicClient({
    transport: http(rpcUrl, signal && { fetchOptions: { signal } }),
  })
  const { abi } = compiledL1Contract('gps', 'GpsStatementVerifier')
  const [{ data = '0x' }, config] = await Promise.all([
    // getCompiledProgram(): an array of fixed length, without a head.
    reader.call({ to: bootloaderProgram, data: '0x4b6cee59' }),
    reader.readContract({ address: gps, abi, functionName: 'getBootloaderConfig' }),
  ])
  const [simpleBootloaderHash, supportedVerifiersHash] = config as [bigint, bigint]
  const program = Array.from({ length: (data.length - 2) / 64 }, (_, at) =>
    hexToBigInt(sliceHex(data, at * 32, at * 32 + 32)),
  )
  return { program, simpleBootloaderHash, supportedVerifiersHash }
}
