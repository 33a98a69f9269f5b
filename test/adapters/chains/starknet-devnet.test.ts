import { describe } from 'vitest'

import { starknetDeploySuite } from './starknet-deploy-suite.ts'
import { starknetSuite } from './starknet-suite.ts'
import { noDevnet, startDevnetNode } from './start-devnet-node.ts'

describe.skipIf(noDevnet !== '')(`a real node${noDevnet}`, () => {
  starknetSuite('starknet-devnet', startDevnetNode)
  starknetDeploySuite('accounts on starknet-devnet', startDevnetNode)
})
