import { writeFileSync } from 'node:fs'

import { buildScanWasm, hashOfScanSource } from './build-scan-wasm.ts'

// Compiles the scan and writes it beside its source, in base64 so that it travels inside a bundle: `npm run build:wasm`.
const wasm = await buildScanWasm()
const compiled = { sourceHash: hashOfScanSource(), wasm: Buffer.from(wasm).toString('base64') }
writeFileSync(
  new URL('scan.compiled.json', import.meta.url),
  `${JSON.stringify(compiled, undefined, 2)}\n`,
)
