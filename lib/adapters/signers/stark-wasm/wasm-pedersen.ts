import type { PriceMessage } from '../../../domain/price-message.ts'
import { pointSize, scalarSize, type StarkModule, wordSize } from './stark-module.ts'

/** An oracle's first operand is always the same. As many are remembered as a large exchange has markets times oracles. */
const mostStarts = 8_192

/** The hash of each pair, at most a batch of them; undefined where a sum was of a point and itself. */
export function wasmPedersen(
  module: StarkModule,
): (pairs: readonly PriceMessage[]) => readonly bigint[] | undefined {
  const { run, at, bytes } = module
  /**
   * The sums of first operands, from which second ones go on, in the module's own form. By their digits: a map finds big
   * integers by their lowest 64 bits, and those of padded names are all alike.
   */
  const starts = new Map<string, Uint8Array>()
  let isPrepared = false

  function add(operand: 0 | 1, scalars: readonly bigint[]): boolean {
    for (const [index, scalar] of scalars.entries())
      module.put(at.SCALARS + index * scalarSize, scalar)
    const bits = scalars.reduce((all, one) => all | one, 0n).toString(2).length
    return run.addOperands(scalars.length, operand, bits) !== 0
  }

  function learn(firsts: ReadonlyMap<string, bigint>): boolean {
    if (firsts.size === 0) return true
    run.startPedersen(firsts.size)
    if (!add(0, [...firsts.values()])) return false
    for (const [index, name] of [...firsts.keys()].entries()) {
      const from = at.POINTS + index * pointSize
      starts.set(name, bytes.slice(from, from + pointSize))
    }
    return true
  }

  return (pairs) => {
    if (!isPrepared) run.preparePedersen()
    isPrepared = true
    if (starts.size + pairs.length > mostStarts) starts.clear()
    const names = pairs.map(({ first }) => first.toString(32))
    const fresh = new Map(
      pairs.flatMap(({ first }, index) => {
        const name = names[index] ?? ''
        return starts.has(name) ? [] : [[name, first] as const]
      }),
    )
    if (!learn(fresh)) return undefined
    for (const [index, name] of names.entries())
      bytes.set(starts.get(name) ?? [], at.POINTS + index * pointSize)
    const seconds = pairs.map(({ second }) => second)
    if (!add(1, seconds)) return undefined
    run.finishPedersen(pairs.length)
    return pairs.map((_, index) => module.get(at.HASHES + index * wordSize))
  }
}
