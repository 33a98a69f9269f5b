import * as z from 'zod'

import { section } from './section.ts'
import { felt, starknetAddress } from './values.ts'

/** Of the field that programs' hashes are in. */
const prime = 2n ** 251n + 17n * 2n ** 192n + 1n

const program = felt('the hash of a program, 0x and up to 64 hex digits', { below: prime })

const programs = section({
  bootloader: program.describe('Runs the appchain’s program, and the layout bridge.'),
  snos: program.describe('The appchain’s program, the Starknet OS.'),
  snosConfig: felt('the hash of a configuration, 0x and up to 64 hex digits', {
    below: prime,
  }).describe('Of the appchain’s configuration, which its program puts out.'),
  layoutBridge: program.describe(
    'Verifies a proof of the appchain’s program in a layout that Integrity takes.',
  ),
}).describe(
  'The programs that the contract takes proofs of, by their hashes: the start check compares them. A run’s output is told as the bootloader puts it out, with hash and size of the data beside it (0 where there is none).',
)

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `expected ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}` })

/** As Integrity names them (HerodotusDev/integrity, settings.cairo). */
const configuration = section({
  layout: oneOf([
    'dex',
    'recursive',
    'recursive_with_poseidon',
    'small',
    'starknet',
    'starknet_with_keccak',
  ]),
  hasher: oneOf(['keccak_160_lsb', 'keccak_248_lsb', 'blake2s_160_lsb', 'blake2s_248_lsb']),
  stoneVersion: oneOf(['stone5', 'stone6']),
  memoryVerification: oneOf(['strict', 'relaxed', 'cairo1']),
})

/** Its contract takes nothing of less: a bound below that would pass what is then refused. */
const leastBits = 51

export const piltoverSettlement = section({
  kind: z.literal('piltover'),
  chain: z.string().describe('The Starknet chain on which it is settled, by its name in `chains`.'),
  address: starknetAddress.describe(
    'The appchain’s contract: a Piltover whose `update_state` takes both outputs, and hash and size of the data beside them.',
  ),
  registry: starknetAddress.describe('The fact registry that it asks (Integrity).'),
  programs,
  minSecurityBits: z
    .int()
    .min(leastBits)
    .max(256)
    .default(96)
    .describe(
      'A fact with fewer bits is not settled on. The contract itself asks for 51, of the first verification alone. Default 96, which Atlantic’s proofs have.',
    ),
  configurations: z
    .array(configuration)
    .min(1, 'expected at least one configuration')
    .max(20)
    .describe(
      'Which verifiers of Integrity are trusted: anybody may register a valid proof with weak parameters. Atlantic’s: keccak_160_lsb, stone6, relaxed.',
    ),
})
