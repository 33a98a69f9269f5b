import { EndpointError } from './errors.ts'

export type Gathered<Node, T> =
  | { readonly kind: 'answered'; readonly node: Node; readonly value: T }
  | { readonly kind: 'failed'; readonly node: Node; readonly error: EndpointError }

/**
 * Asks all nodes at once, in their order. Once one has given an answer that is `enough`, the others have `graceMs` more:
 * a slow node costs little, and nothing is left running.
 */
export async function gather<Node, T>(
  nodes: readonly Node[],
  asking: {
    readonly ask: (node: Node, signal: AbortSignal) => Promise<T>
    readonly enough: (value: T) => boolean
    readonly graceMs: number
  },
): Promise<readonly Gathered<Node, T>[]> {
  const { ask, enough, graceMs } = asking
  const late = new AbortController()
  let grace: NodeJS.Timeout | undefined

  async function one(node: Node): Promise<Gathered<Node, T>> {
    try {
      const value = await ask(node, late.signal)
      if (enough(value)) grace ??= setTimeout(() => late.abort('slower than the others'), graceMs)
      return { kind: 'answered', node, value }
    } catch (error) {
      if (error instanceof EndpointError) return { kind: 'failed', node, error }
      throw error
    }
  }

  try {
    return await Promise.all(nodes.map(one))
  } finally {
    clearTimeout(grace)
  }
}

export function failuresIn(ends: readonly Gathered<unknown, unknown>[]): readonly EndpointError[] {
  return ends.flatMap((end) => (end.kind === 'failed' ? [end.error] : []))
}
