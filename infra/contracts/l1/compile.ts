import { writeFileSync } from 'node:fs'

import { compileSolidity } from '../evm-engine/solidity.ts'
import { compiledL1Url, hashOfL1Sources, l1Folders, l1Sources } from './compiled-l1.ts'

// Compiles each folder and writes the result beside it: run `node infra/contracts/l1/compile.ts [folder…]` when a source has changed.
const named = process.argv.slice(2)
for (const folder of named.length > 0 ? named : l1Folders()) {
  const sources = l1Sources(folder)
  const compiled = compileSolidity(sources)
  const contracts = deployable(folder, sources).map(
    ({ path, name }) => [name, compiled(path, name)] as const,
  )
  const result = { sourceHash: hashOfL1Sources(sources), contracts: Object.fromEntries(contracts) }
  writeFileSync(compiledL1Url(folder), `${JSON.stringify(result)}\n`)
}

/** The folder's own contracts: what is abstract, an interface or another folder's has no place in the result. */
function deployable(folder: string, sources: Readonly<Record<string, string>>) {
  return Object.entries(sources)
    .filter(([path]) => path.startsWith(`${folder}/`))
    .flatMap(([path, source]) =>
      [...source.matchAll(/^contract (?<name>\w+)/gm)].map(({ groups }) => ({
        path,
        name: groups?.['name'] ?? '',
      })),
    )
}
