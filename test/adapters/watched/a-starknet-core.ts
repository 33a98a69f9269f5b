import { privateKeyToAccount } from 'viem/accounts'

import { compiledL1Contract } from '../../../infra/contracts/l1/compiled-l1.ts'
import { deployStarknetCore } from '../../../infra/contracts/l1/deploy-starknet-core.ts'
import { l1Sender } from '../../../infra/contracts/l1/sender.ts'
import {
  buildProgramOutput,
  type CoreOutput,
} from '../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { coreFact } from '../../../lib/adapters/settlement/starknet-core/state-transition-fact.ts'
import { anvilSecret } from '../chains/keys.ts'

export const corePrograms = { programHash: 11n, aggregatorProgramHash: 12n }
export const coreConfigHash = 13n
export const coreUpgradeDelaySeconds = 7_200

/** A core contract on a chain, its state at a block of L2, and all of its offices in one hand. */
export async function aStarknetCore(
  rpcUrl: string,
  state: { readonly blockNumber: bigint; readonly blockHash: bigint },
) {
  const { address: operator } = privateKeyToAccount(anvilSecret)
  const addresses = await deployStarknetCore({
    rpcUrl,
    key: anvilSecret,
    operators: [operator],
    setUp: { ...corePrograms, configHash: coreConfigHash, state: { root: 1n, ...state } },
    upgradeDelaySeconds: coreUpgradeDelaySeconds,
  })
  const sender = await l1Sender(rpcUrl, anvilSecret)
  const { abi } = compiledL1Contract('starknet-core', 'Core')
  let standing = { root: 1n, ...state }

  return {
    ...addresses,
    sender,
    /** Whatever the core itself offers. */
    call: async (name: string, args: readonly unknown[]) =>
      sender.call({ to: addresses.core, abi, name, args }),
    proxy: async (name: string, args: readonly unknown[]) =>
      sender.call({
        to: addresses.core,
        abi: compiledL1Contract('proxy', 'Proxy').abi,
        name,
        args,
      }),
    /** Proves and settles up to that block. */
    async settle(blockNumber: bigint, blockHash: bigint): Promise<void> {
      const output: CoreOutput = {
        header: {
          prevRoot: standing.root,
          newRoot: standing.root + 1n,
          prevBlockNumber: standing.blockNumber,
          newBlockNumber: blockNumber,
          prevBlockHash: standing.blockHash,
          newBlockHash: blockHash,
          osProgramHash: 0n,
          configHash: coreConfigHash,
        },
        data: { kind: 'calldata' },
        toL1: [],
        toL2: [],
      }
      const programOutput = buildProgramOutput(output)
      const data = { kind: 'calldata', hash: 0n, size: 0n } as const
      const told = compiledL1Contract('starknet-core', 'ToldFacts').abi
      const fact = coreFact({ programOutput, data }, corePrograms)
      await sender.call({ to: addresses.registry, abi: told, name: 'tell', args: [fact, true] })
      const args = [programOutput, 0n, 0n]
      await sender.call({ to: addresses.core, abi, name: 'updateState', args })
      standing = { root: standing.root + 1n, blockNumber, blockHash }
    },
  }
}
