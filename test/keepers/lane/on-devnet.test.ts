import { describe } from 'vitest'

import { noDevnet, startDevnetNode } from '../../adapters/chains/start-devnet-node.ts'
import { laneOnStarknet } from './lane-on-starknet.ts'
import { youngLaneOnStarknet } from './young-lane-on-starknet.ts'

describe.skipIf(noDevnet !== '')(`a real node${noDevnet}`, () => {
  laneOnStarknet('a lane on starknet-devnet', startDevnetNode)
  youngLaneOnStarknet('a lane without an account on starknet-devnet', startDevnetNode)
})
