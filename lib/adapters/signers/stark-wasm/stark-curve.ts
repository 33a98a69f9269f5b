import process from 'node:process'

import type { StarkClaim, StarkCurve } from '../../../ports.ts'
import { limit, order, prime } from './curve.ts'
import { givesKnownAnswers } from './known-answers.ts'
import { scureMath } from './scure-math.ts'
import type { StarkMath } from './stark-math.ts'
import { wasmMath } from './wasm-math.ts'

let chosen: StarkMath | undefined

/** The process's arithmetic, chosen when it is first needed. Its callers keep to the ranges. */
export function starkMath(): StarkMath {
  chosen ??= chooseMath(wasmMath, (message) => process.emitWarning(message))
  return chosen
}

/** WebAssembly's, or @scure/starknet's with a warning: the same answers, but a hundred times as slow. */
export function chooseMath(fast: () => StarkMath, warn: (message: string) => void): StarkMath {
  const slowly =
    'STARK signatures are made by @scure/starknet, at 5 ms or more for each price, since'
  try {
    const math = fast()
    if (givesKnownAnswers(math)) return math
    warn(`${slowly} the fast signer gives wrong answers`)
  } catch (error) {
    warn(
      `${slowly} WebAssembly does not run: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return scureMath
}

/** Hashes and checks in bulk, of numbers that may come from anybody. */
export const starkCurve: StarkCurve = rangeChecked(starkMath)

/** The same for some arithmetic, which is asked for when it is first needed. */
export function rangeChecked(math: () => StarkMath): StarkCurve {
  return {
    pedersen(pairs) {
      for (const { first, second } of pairs) {
        assertFelt(first)
        assertFelt(second)
      }
      return math().pedersen(pairs)
    },

    verify(claims) {
      const verdicts = math().verify(claims.filter(isInRange)).values()
      return claims.map((claim) => isInRange(claim) && verdicts.next().value === true)
    },
  }
}

function assertFelt(value: bigint): void {
  if (value < 0n || value >= prime) throw new NoFeltError()
}

/** As StarkWare's verifiers want it. Nobody's key is zero: no point of the curve has that x. */
function isInRange({ key, hash, r, s }: StarkClaim): boolean {
  return (
    isBetween(key, prime) && isBetween(hash, limit) && isBetween(r, limit) && isBetween(s, order)
  )
}

function isBetween(value: bigint, end: bigint): boolean {
  return value > 0n && value < end
}

/** A number was to be hashed that is none of the curve's field. */
export class NoFeltError extends Error {
  override readonly name = 'NoFeltError'

  constructor() {
    super('expected to hash felts: at least 0 and below 2^251 + 17 · 2^192 + 1')
  }
}
