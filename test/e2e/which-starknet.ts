import process from 'node:process'

import { findDevnet } from '../../infra/local/devnet.ts'

export type WhichStarknet = 'box' | 'devnet'

/** Reads `--starknet`. Where the node that it names is not on this machine, says so and ends the process: there is nothing to try. */
export function starknetOption(text: string): WhichStarknet {
  if (text !== 'box' && text !== 'devnet')
    throw new RangeError(`--starknet is "${text}"; expected box or devnet`)
  if (text === 'box' || findDevnet() !== undefined) return text
  process.stdout.write(
    'skipped: starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin\n',
  )
  process.exit(0)
}
