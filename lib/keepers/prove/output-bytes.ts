import * as z from 'zod/mini'

import type { SettlementOutput } from '../../domain/proving/settlement-output.ts'

const hex = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]*$/.test(value),
)
const words = z.readonly(
  z.array(
    z.pipe(
      hex,
      z.transform((text) => BigInt(text)),
    ),
  ),
)
const texts = z.readonly(z.array(hex))

const schema = z.object({
  programOutput: words,
  applicationData: z.optional(words),
  data: z.optional(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('calldata'),
        hash: z.pipe(
          hex,
          z.transform((text) => BigInt(text)),
        ),
        size: z.pipe(
          hex,
          z.transform((text) => BigInt(text)),
        ),
      }),
      z.object({ kind: z.literal('blobs'), blobs: texts, proofs: texts }),
    ]),
  ),
  bridgeOutput: z.optional(words),
})

/** The same bytes for the same output. */
export function outputBytes(output: SettlementOutput): Uint8Array {
  const { programOutput, applicationData, data, bridgeOutput } = output
  const written = {
    programOutput: programOutput.map(inHex),
    applicationData: applicationData?.map(inHex),
    data:
      data?.kind === 'calldata'
        ? { kind: data.kind, hash: inHex(data.hash), size: inHex(data.size) }
        : data && { kind: data.kind, blobs: data.blobs, proofs: data.proofs },
    bridgeOutput: bridgeOutput?.map(inHex),
  }
  return Buffer.from(JSON.stringify(written), 'utf8')
}

/** Reads what {@link outputBytes} wrote. */
export function readOutput(bytes: Uint8Array): SettlementOutput {
  const { applicationData, data, bridgeOutput, programOutput } = schema.parse(
    JSON.parse(Buffer.from(bytes).toString('utf8')),
  )
  return {
    programOutput,
    ...(applicationData && { applicationData }),
    ...(data && { data }),
    ...(bridgeOutput && { bridgeOutput }),
  }
}

function inHex(word: bigint): `0x${string}` {
  return `0x${word.toString(16)}`
}
