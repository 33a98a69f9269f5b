import { boxAccounts } from '../../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetSuite } from '../../../adapters/chains/starknet-suite.ts'
import { asInput } from './a-box.ts'

// One block per transaction, as the real node of the same suite; then only on request, so that the pool is seen.
for (const blocks of ['transaction', 'demand'] as const)
  starknetSuite(`a box with blocks on ${blocks}`, async (config) => {
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
  })
