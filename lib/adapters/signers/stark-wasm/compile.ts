import { writeFileSync } from 'node:fs'

import { buildStarkWasm, hashOfSources } from './build-stark-wasm.ts'

// Compiles the signer and writes it beside its source, in base64 so that it travels inside a bundle: `npm run build:wasm`.
const wasm = await buildStarkWasm()
const compiled = { sourceHash: hashOfSources(), wasm: Buffer.from(wasm).toString('base64') }
writeFileSync(
  new URL('stark.compiled.json', import.meta.url),
  `${JSON.stringify(compiled, undefined, 2)}\n`,
)
