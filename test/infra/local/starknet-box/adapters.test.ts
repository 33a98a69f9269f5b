import type { CoreConfig } from '../../../../infra/contracts/core/core-config.ts'
import { boxAccounts } from '../../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetDeploySuite } from '../../../adapters/chains/starknet-deploy-suite.ts'
import { type StarknetNode, starknetSuite } from '../../../adapters/chains/starknet-suite.ts'
import { asInput } from './a-box.ts'

// One block per transaction, as the real node of the same suite; then only on request, so that the pool is seen.
for (const blocks of ['transaction', 'demand'] as const) {
  const start = async (config: (operator: bigint) => CoreConfig) => boxNode(blocks, config)
  starknetSuite(`a box with blocks on ${blocks}`, start)
  starknetDeploySuite(`accounts on a box with blocks on ${blocks}`, start)
}

async function boxNode(
  blocks: 'transaction' | 'demand',
  config: (operator: bigint) => CoreConfig,
): Promise<StarknetNode> {
  const [operator, stranger] = boxAccounts({})
  if (!operator || !stranger) throw new Error('a box has accounts')
  const box = await startStarknetBox({ blocks, core: asInput(config(BigInt(operator.address))) })
  return {
    url: box.url,
    chainId: box.chainId,
    core: box.coreAddress,
    operator,
    stranger,
    unknownAsset: 'SYNTHETIC_NOT_EXISTS',
    async makeBlock() {
      if (blocks === 'demand') box.makeBlock()
    },
    stop: async () => box.stop(),
  }
}
