import { privateKeyToAddress } from 'viem/accounts'

import { keccakOfWords } from '../../lib/adapters/settlement/facts/words.ts'
import {
  deployStarkPerpetual,
  type PerpetualConfiguration,
} from '../contracts/l1/deploy-stark-perpetual.ts'
import type { StarkexFacts } from './local-starkex.ts'
import { localPerpetualProgramHash } from './program-runs/programs.ts'
import { starkexBeginning } from './program-runs/starkex-runs.ts'

type Hex = `0x${string}`

/** What the exchange's contract is set up with: hashes stand for what its program was configured with. */
export function perpetualConfiguration(listings: StarkexFacts['listings']): PerpetualConfiguration {
  const all = Object.values(listings).map(({ assetId, resolutionFactor }) => {
    const asset = BigInt(assetId)
    return { asset, hash: feltOf([asset, BigInt(resolutionFactor)]) }
  })
  const assets = all.toSorted((one, other) => (one.asset < other.asset ? -1 : 1))
  return { global: feltOf(assets.map(({ hash }) => hash)), assets }
}

/** Cut to what is surely in the field, as the program puts it out. */
function feltOf(words: readonly bigint[]): bigint {
  return BigInt.asUintN(250, BigInt(keccakOfWords(words)))
}

/** Its data is published beside the output, so that nobody is asked whether he has it; a committee is there all the same. */
export async function deployPerpetual({
  rpcUrl,
  key,
  gps,
  operator,
  configuration,
}: {
  readonly rpcUrl: string
  readonly key: Hex
  readonly gps: Hex
  readonly operator: Hex
  readonly configuration: PerpetualConfiguration
}): Promise<Hex> {
  const { perpetual } = await deployStarkPerpetual({
    rpcUrl,
    key,
    gps,
    programHash: localPerpetualProgramHash,
    committee: { members: [privateKeyToAddress(key)], required: 1 },
    operators: [operator],
    configuration,
    setUp: { escapeVerifier: gps, state: starkexBeginning },
  })
  return perpetual
}
