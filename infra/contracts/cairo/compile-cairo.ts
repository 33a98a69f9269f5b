import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { type CompiledSierra, hash } from 'starknet'
import init, { compileStarknetContract } from 'wasm-cairo'

import { type CairoSource, hashOfCairo } from './cairo-class.ts'

/** Compiles with the Cairo 2.8.2 inside the package wasm-cairo, and writes the result with its hashes beside the source. */
export async function compileCairo(source: CairoSource): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('wasm-cairo/wasm-cairo_bg.wasm')
  await init({ module_or_path: readFileSync(wasm) })
  const text = readFileSync(source.sourceUrl, 'utf8')
  const contract = withoutDebugInfo(
    JSON.parse(compileStarknetContract(text, true, false)) as CompiledSierra,
  )
  mendFallThrough(contract.sierra_program)
  const compiled = {
    sourceHash: hashOfCairo(source),
    classHash: hash.computeContractClassHash(contract),
    contract,
  }
  writeFileSync(source.compiledUrl, `${JSON.stringify(compiled)}\n`)
}

function withoutDebugInfo(whole: CompiledSierra): CompiledSierra {
  const { sierra_program, contract_class_version, entry_points_by_type, abi } = whole
  return { sierra_program, contract_class_version, entry_points_by_type, abi }
}

/**
 * Sierra writes a branch that falls through as `usize::MAX`, which is 2^32 - 1 under wasm32; nodes read only 2^64 - 1 so. The code book of
 * the compressed program stands in the clear after eight felts, its length at index 6, so one entry mends it. A source must not use 2^32 - 1.
 */
function mendFallThrough(program: CompiledSierra['sierra_program']): void {
  const end = 8 + Number(program[6])
  for (let at = 8; at < end; at += 1)
    if (program[at] === '0xffffffff') program[at] = '0xffffffffffffffff'
}
