import { writeFileSync } from 'node:fs'

import { compileSolidity } from '../evm-engine/solidity.ts'
import {
  compiledUptimeFeedUrl,
  uptimeFeedSource,
  uptimeFeedSourceHash,
} from './compiled-uptime-feed.ts'

// Compiles the contract and writes the result beside it: run `node infra/contracts/uptime-feed/compile.ts` when the source has changed.
const contracts = compileSolidity(uptimeFeedSource())
const compiled = {
  sourceHash: uptimeFeedSourceHash(),
  feed: contracts('SequencerUptimeFeed.sol', 'SequencerUptimeFeed'),
}
writeFileSync(compiledUptimeFeedUrl, `${JSON.stringify(compiled)}\n`)
