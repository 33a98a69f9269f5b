import { poseidonHashMany } from '@scure/starknet'

import { onePage } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import type { MakeRun } from './made-run.ts'
import { localAppchainProgram, localAppchainProgramHash } from './programs.ts'
import { starknetRuns } from './starknet-runs.ts'

/** Runs over the blocks of an appchain that is settled on Starknet: the contract is told them as a bootloader puts them out. */
export function appchainRuns(options: Parameters<typeof starknetRuns>[0]): MakeRun {
  const make = starknetRuns(options)
  return async (wanted, spoilt) => {
    const run = await make(wanted, spoilt)
    if (!run) return undefined
    const { programOutput: words } = run
    const data = run.output.pages.slice(1).flat()
    const bootloaded = [1n, BigInt(words.length + 2), localAppchainProgramHash, ...words]
    return {
      ...run,
      program: localAppchainProgram,
      output: { pages: [words], structure: onePage },
      programOutput: bootloaded,
      // Its contract takes a felt, where that on L1 takes a hash of pages.
      onchainData: { hash: poseidonHashMany(data), size: BigInt(data.length) },
    }
  }
}
