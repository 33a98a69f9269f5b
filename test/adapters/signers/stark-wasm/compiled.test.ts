import { expect, test } from 'vitest'

import {
  buildStarkWasm,
  hashOfSources,
} from '../../../../lib/adapters/signers/stark-wasm/build-stark-wasm.ts'
import compiled from '../../../../lib/adapters/signers/stark-wasm/stark.compiled.json' with { type: 'json' }

test('the compiled module is of the source beside it, byte for byte', async () => {
  expect(compiled.sourceHash).toBe(hashOfSources())
  const wasm = Buffer.from(await buildStarkWasm()).toString('base64')
  expect(wasm === compiled.wasm, 'run `npm run build:wasm`').toBe(true)
})
