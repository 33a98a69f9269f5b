import type { PriceMessage } from '../../../domain/price-message.ts'
import { pointSize, scalarSize, type StarkModule, wordSize } from './stark-module.ts'

/** An oracle's first operand is always the same. As many are remembered as a large exchange has markets times oracles. */
const mostStarts = 8_192

/** The hash of each pair, at most a batch of them; undefined where a sum was of a point and itself. */
export function wasmPedersen(
  module: StarkModule,
): (pairs: readonly PriceMessage[]) => readonly bigint[] | undefined {
  const { run, at, bytes } = module
  /** The sums of first operands, from which second ones go on, in the module's own form. */
  const starts = new Map<bigint, Uint8Array>()
  let isPrepared = false

  function add(operand: 0 | 1, scalars: readonly bigint[]): boolean {
    for (const [index, scalar] of scalars.entries())
      module.put(at.SCALARS + index * scalarSize, scalar)
    const bits = scalars.reduce((all, one) => all | one, 0n).toString(2).length
    return run.addOperands(scalars.length, operand, bits) !== 0
  }

  function learn(firsts: readonly bigint[]): boolean {
    run.startPedersen(firsts.length)
    if (!add(0, firsts)) return false
    for (const [index, first] of firsts.entries()) {
      const from = at.POINTS + index * pointSize
      starts.set(first, bytes.slice(from, from + pointSize))
    }
    return true
  }

  return (pairs) => {
    if (!isPrepared) run.preparePedersen()
    isPrepared = true
    if (starts.size + pairs.length > mostStarts) starts.clear()
    const firsts = new Set(pairs.map(({ first }) => first))
    if (!learn([...firsts].filter((first) => !starts.has(first)))) return undefined
    for (const [index, { first }] of pairs.entries())
      bytes.set(starts.get(first) ?? [], at.POINTS + index * pointSize)
    const seconds = pairs.map(({ second }) => second)
    if (!add(1, seconds)) return undefined
    run.finishPedersen(pairs.length)
    return pairs.map((_, index) => module.get(at.HASHES + index * wordSize))
  }
}
