import type { Asked } from '../../domain/proving/batch-sight.ts'
import { messageOf } from '../message-of.ts'

/** What somebody answered, or that nobody did: an error says nothing of what was asked about. */
export async function asked<Value>(ask: () => Promise<Value>): Promise<Asked<Value>> {
  try {
    return { kind: 'told', value: await ask() }
  } catch (error) {
    return troubleOf(error)
  }
}

export function troubleOf(error: unknown): Extract<Asked<unknown>, { readonly kind: 'trouble' }> {
  const message = messageOf(error)
  const retryAfterMs =
    error instanceof Error && 'retryAfterMs' in error && typeof error.retryAfterMs === 'number'
      ? error.retryAfterMs
      : undefined
  return { kind: 'trouble', message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}
