import { type CairoProgram, programHash } from '../provers/program-hash.ts'

/** `jmp rel 0` of Cairo's own end of a program, and `ret` (Cairo whitepaper, section 4.4). */
const jumpForEver = [0x10780017fff7fffn, 0n]
const ret = 0x208b7fff7fff7ffen

/**
 * Stands for the Starknet OS. It computes nothing: provers here tell runs apart by program and output alone, and only its hash
 * must be what the settlement contract was set up with.
 */
export const localCoreProgram: CairoProgram = {
  builtins: ['output', 'pedersen', 'range_check'],
  main: 0,
  data: [...jumpForEver, ret, asWord('local core')],
}

/** Stands for the Starknet OS of an appchain on Starknet, likewise. As the real one it takes builtins that no layout of Integrity's has. */
export const localAppchainProgram: CairoProgram = {
  builtins: [
    'output',
    'pedersen',
    'range_check',
    'ecdsa',
    'bitwise',
    'ec_op',
    'keccak',
    'poseidon',
    'range_check96',
    'add_mod',
    'mul_mod',
  ],
  main: 0,
  data: [...jumpForEver, ret, asWord('local appchain')],
}

/** Stands for StarkEx's perpetual program, likewise. */
export const localPerpetualProgram: CairoProgram = {
  builtins: ['output', 'pedersen', 'range_check'],
  main: 0,
  data: [...jumpForEver, ret, asWord('local perpetual')],
}

export const localCoreProgramHash: bigint = programHash(localCoreProgram)

export const localAppchainProgramHash: bigint = programHash(localAppchainProgram)

export const localPerpetualProgramHash: bigint = programHash(localPerpetualProgram)

function asWord(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`)
}
