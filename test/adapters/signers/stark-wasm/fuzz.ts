import process from 'node:process'
import { inspect, parseArgs } from 'node:util'

import { scureMath } from '../../../../lib/adapters/signers/stark-wasm/scure-math.ts'
import { wasmMath } from '../../../../lib/adapters/signers/stark-wasm/wasm-math.ts'
import { compare } from './compare.ts'

/**
 * `npm run fuzz:stark [-- --minutes 10 --seed 1]`: compares the module with @scure/starknet for as long as wanted, and ends
 * with 1 where they differ. Each round prints its seed, which gives the same questions again.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const until = Date.now() + Number(values.minutes) * 60_000
const one = wasmMath()
let seed = Number(values.seed ?? Date.now() % 1_000_000_000)
let total = 0
do {
  const amounts = { keys: 20, hashesPerKey: 50, pairs: 300, claims: 200 }
  const { compared, different } = compare({ one, other: scureMath }, seed, amounts)
  total += compared
  process.stdout.write(`seed ${seed}: ${total} compared, ${different.length} differ\n`)
  for (const found of different) process.stdout.write(`${inspect(found)}\n`)
  if (different.length > 0) process.exitCode = 1
  seed += 1_000
} while (Date.now() < until && process.exitCode === undefined)
