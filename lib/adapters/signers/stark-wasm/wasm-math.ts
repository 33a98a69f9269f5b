import { keySlots } from './key-slots.ts'
import { scureMath } from './scure-math.ts'
import type { StarkMath } from './stark-math.ts'
import { chunks, openStarkModule } from './stark-module.ts'
import { wasmPedersen } from './wasm-pedersen.ts'
import { wasmSign } from './wasm-sign.ts'
import { claimBatches, wasmVerify } from './wasm-verify.ts'

/** How many bits StarkWare's signers and verifiers leave for r and the inverse of s. */
const bits = 251

/**
 * By the module of this folder: some 50 µs for a signature with its hash and its check. Throws where WebAssembly cannot run.
 *
 * It is not constant time: which entries of its tables it reads depends on keys and nonces (and @scure/starknet promises
 * no more). Whoever can run code on the same core may learn a key by watching its caches; a Lambda function and an
 * operator's own machine share theirs with nobody. Nothing of it shows in how long an answer takes over a network.
 */
export function wasmMath(): StarkMath {
  const module = openStarkModule()
  const { run, at } = module
  const pedersen = wasmPedersen(module)
  const slots = keySlots(module)
  return {
    pedersen: (pairs) =>
      chunks(pairs, at.BATCH).flatMap((some) => pedersen(some) ?? scureMath.pedersen(some)),

    publicKey(secret) {
      module.put(at.SECRET, secret)
      run.publicKey()
      return module.get(at.HASHES)
    },

    sign: (secret, hashes) =>
      chunks(hashes, at.BATCH).flatMap(
        (some) => wasmSign(module, { secret, hashes: some, bits }) ?? scureMath.sign(secret, some),
      ),

    verify: (claims) =>
      claimBatches(claims, { mostClaims: at.BATCH, mostKeys: at.SLOTS }).flatMap((some) => {
        const verdicts = wasmVerify(module, slots, some)
        return some.map((claim, index) => verdicts[index] ?? scureMath.verify([claim])[0] ?? false)
      }),
  }
}
