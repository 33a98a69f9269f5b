import type { Store } from '../../lib/ports.ts'

/** Its process is dead: whatever it still tries has no effect. */
export class KilledError extends Error {
  override readonly name = 'KilledError'
}

/** What becomes of a call: it is made, or its process dies before or after it took effect. */
export type Fate = 'made' | 'dies-before' | 'dies-after'

/** A store as a process reaches it that may die at any call. */
export function mortalStore(
  store: Store,
  fateOf: () => Fate,
): { readonly store: Store; readonly isDead: () => boolean } {
  let isDead = false

  async function called(make: () => unknown): Promise<unknown> {
    const fate = isDead ? 'dies-before' : fateOf()
    if (fate === 'made') return await make()
    isDead = true
    if (fate === 'dies-after') await make()
    throw new KilledError('the process was killed')
  }

  const mortal = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, key, receiver) {
        const member: unknown = Reflect.get(target, key, receiver)
        if (typeof member !== 'function') return member
        return (...args: readonly unknown[]): unknown => {
          const make = (): unknown => Reflect.apply(member, target, args)
          // What is read piece by piece is not one call.
          return key === 'kept' ? make() : called(make)
        }
      },
    })

  const parts = Object.entries(store).map(
    ([name, part]: readonly [string, unknown]): readonly [string, unknown] => [
      name,
      typeof part === 'object' && part !== null ? mortal(part) : part,
    ],
  )
  return { store: Object.fromEntries(parts) as Store, isDead: () => isDead }
}
