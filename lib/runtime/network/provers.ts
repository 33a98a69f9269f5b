import * as z from 'zod'

import { mutualTls } from './mutual-tls.ts'
import { secretReference } from './references.ts'
import { section } from './section.ts'
import { name, privateUrl } from './values.ts'

const proverName = name.describe('Its name, shown beside each batch that it has.')

const atlanticProver = section({
  name: proverName,
  kind: z.literal('atlantic'),
  baseUrl: privateUrl
    .default('https://atlantic.api.herodotus.cloud')
    .describe("Where it is. Absent: Herodotus's own."),
  apiKey: secretReference.describe('The key of a project there.'),
  network: z
    .enum(['MAINNET', 'TESTNET'], { error: 'expected MAINNET or TESTNET' })
    .describe('On which chains it registers facts.'),
  result: z
    .enum(
      [
        'PROOF_VERIFICATION_ON_L1',
        'PROOF_VERIFICATION_ON_L2',
        'PROOF_GENERATION_AND_VERIFICATION',
        'FACT_HASH_REGISTRATION',
      ],
      {
        error:
          'expected PROOF_VERIFICATION_ON_L1, PROOF_VERIFICATION_ON_L2, PROOF_GENERATION_AND_VERIFICATION or FACT_HASH_REGISTRATION',
      },
    )
    .default('PROOF_VERIFICATION_ON_L1')
    .describe('How far it goes; L1 for GPS, L2 for Integrity on Starknet.'),
  layout: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .default('auto')
    .describe('The layout of the proof. `auto`: by the builtins of the program.'),
  cairoVersion: z.enum(['cairo0', 'cairo1']).default('cairo0').describe('Of the program.'),
  sharpProver: z
    .enum(['stone', 'stwo'])
    .default('stone')
    .describe('Which prover of SHARP it uses.'),
})

const sharpProver = section({
  name: proverName,
  kind: z.literal('sharp'),
  baseUrl: privateUrl.describe('The gateway, with its path: https://…/v1/gateway.'),
  customerId: z.string().min(1).max(200).describe('Who we are to it; it goes with every question.'),
  tls: mutualTls
    .optional()
    .describe('Certificates of both sides. Absent: one in a private network.'),
})

export const provers = z
  .array(
    z.discriminatedUnion('kind', [atlanticProver, sharpProver], {
      error: 'expected kind atlantic or sharp',
    }),
  )
  .min(1, 'expected at least one prover')
  .max(4, 'expected at most four provers')
  .describe(
    'Who proves, in the order in which they are tried: the next one where one fails or is late.',
  )
