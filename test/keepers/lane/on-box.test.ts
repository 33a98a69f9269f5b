import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { boxAccounts } from '../../../infra/local/starknet-box/box-accounts.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import type { StarknetNode } from '../../adapters/chains/starknet-suite.ts'
import { asInput } from '../../infra/local/starknet-box/a-box.ts'
import { laneOnStarknet } from './lane-on-starknet.ts'
import { youngLaneOnStarknet } from './young-lane-on-starknet.ts'

laneOnStarknet('a lane on the box', startBoxNode)
youngLaneOnStarknet('a lane without an account on the box', startBoxNode)

async function startBoxNode(config: (operator: bigint) => CoreConfig): Promise<StarknetNode> {
  const [operator, stranger] = boxAccounts({})
  if (!operator || !stranger) throw new Error('a box has accounts')
  const core = asInput(config(BigInt(operator.address)))
  const box = await startStarknetBox({ blocks: 'demand', core })
  return {
    url: box.url,
    chainId: box.chainId,
    core: box.coreAddress,
    operator,
    stranger,
    async makeBlock() {
      box.makeBlock()
    },
    stop: async () => box.stop(),
  }
}
