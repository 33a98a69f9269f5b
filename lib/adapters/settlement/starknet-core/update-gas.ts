import type { CoreOutput } from './program-output.ts'

/** Of a calldata update that settles the first block, the dearest without more (recorded under Osaka rules: 102,536). */
const baseGas = 110_000n
/** The first blob of an update (recorded: 58,894), and each further one (55,916). */
const blobGas = 60_000n
/** A message to L1: kept, logged and its words paid for (recorded: 26,800, and 541 for each word of payload). */
const messageToL1Gas = 28_000n
const payloadWordGas = 700n
/** A message to L2 that is consumed (recorded: 15,090 with two words of payload and its fee). */
const messageToL2Gas = 20_000n
/** Paying out the fees: to an account that is new, or to a contract that does something with it. */
const feeTransferGas = 100_000n
/** A registry behind proxies of its own. */
const registryGas = 30_000n

/**
 * The most gas that an update may be offered. A blob's proof that does not hold takes 63 of 64 parts of all that is offered:
 * so an update is never offered much more than it needs.
 */
export function updateGasCap({ data, toL1, toL2 }: CoreOutput): bigint {
  const blobs = data.kind === 'blobs' ? data.blobs.length : 0
  const payloads = [...toL1, ...toL2].reduce((words, { payload }) => words + payload.length, 0)
  const needed =
    baseGas +
    registryGas +
    BigInt(blobs) * blobGas +
    BigInt(toL1.length) * messageToL1Gas +
    BigInt(toL2.length) * messageToL2Gas +
    BigInt(payloads) * payloadWordGas +
    (toL2.length > 0 ? feeTransferGas : 0n)
  // A fifth more, for prices that a fork changes.
  return (needed * 6n) / 5n
}
