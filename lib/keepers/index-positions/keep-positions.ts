import type { Action } from '../../domain/action.ts'
import type { Ports } from '../../ports.ts'
import { positionsLease } from './positions-lease.ts'

/** Stores what was made of an exchange's accounts, and lets the next one go on from there. */
export async function keepPositions(
  { positions, store }: Pick<Ports, 'positions' | 'store'>,
  { engine, next, fence }: Extract<Action, { kind: 'keep-positions' }>,
): Promise<void> {
  try {
    const written = await positions.write(engine, next)
    if (written === 'stale') throw new StaleBookError(engine)
  } finally {
    await store.leases.release(positionsLease(engine), fence)
  }
}

/** Somebody else wrote an exchange's accounts meanwhile: theirs count, and the next slot goes on from them. */
export class StaleBookError extends Error {
  override readonly name = 'StaleBookError'
  readonly engine: string

  constructor(engine: string) {
    super(`the accounts of ${engine} were written by another worker meanwhile`)
    this.engine = engine
  }
}
