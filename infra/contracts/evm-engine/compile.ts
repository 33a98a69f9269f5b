import { writeFileSync } from 'node:fs'

import { compiledEvmEngineUrl, evmEngineSources, hashOfSources } from './compiled-evm-engine.ts'
import { compileSolidity } from './solidity.ts'

// Compiles the contracts and writes the result beside them: run `node infra/contracts/evm-engine/compile.ts` when a source has changed.
const sources = evmEngineSources()
const contracts = compileSolidity(sources)
const compiled = {
  sourceHash: hashOfSources(sources),
  engine: contracts('PerpEngine.sol', 'PerpEngine'),
  dollar: contracts('TestDollar.sol', 'TestDollar'),
}
writeFileSync(compiledEvmEngineUrl, `${JSON.stringify(compiled)}\n`)
