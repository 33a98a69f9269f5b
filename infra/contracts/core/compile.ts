import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { type CompiledSierra, hash } from 'starknet'
import init, { compileStarknetContract } from 'wasm-cairo'

import { compiledCoreUrl, coreSourceUrl, hashOfSource } from './compiled-core.ts'

// Compiles core.cairo with the Cairo 2.8.2 inside the package wasm-cairo and writes the result beside it. It takes half a minute and more:
// run `node infra/contracts/core/compile.ts` when the source has changed.
const source = readFileSync(coreSourceUrl, 'utf8')
const wasm = createRequire(import.meta.url).resolve('wasm-cairo/wasm-cairo_bg.wasm')
await init({ module_or_path: readFileSync(wasm) })
const contract = withoutDebugInfo(
  JSON.parse(compileStarknetContract(source, true, false)) as CompiledSierra,
)
mendFallThrough(contract.sierra_program)
const compiled = {
  sourceHash: hashOfSource(source),
  classHash: hash.computeContractClassHash(contract),
  contract,
}
writeFileSync(compiledCoreUrl, `${JSON.stringify(compiled)}\n`)

function withoutDebugInfo(whole: CompiledSierra): CompiledSierra {
  const { sierra_program, contract_class_version, entry_points_by_type, abi } = whole
  return { sierra_program, contract_class_version, entry_points_by_type, abi }
}

/**
 * Sierra writes a branch that falls through as `usize::MAX`, which is 2^32 - 1 under wasm32; nodes read only 2^64 - 1 so. The code book of
 * the compressed program stands in the clear after eight felts, its length at index 6, so one entry mends it. The source must not use 2^32 - 1.
 */
function mendFallThrough(program: CompiledSierra['sierra_program']): void {
  const end = 8 + Number(program[6])
  for (let at = 8; at < end; at += 1)
    if (program[at] === '0xffffffff') program[at] = '0xffffffffffffffff'
}
