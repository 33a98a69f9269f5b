import type { PriceNames } from '../../../domain/price-message.ts'
import type { Timestamp } from '../../../domain/time.ts'
import type { Clock } from '../../../ports.ts'
import type { Core } from './core.ts'
import { type Registered, registeredOracles } from './oracle-events.ts'

/** Registrations change by hand, a few times a year. */
const freshMs = 60 * 60 * 1000

/** A key that is not registered may just have been; strangers' keys must not make us ask for ever. */
const missMs = 60 * 1000

export type Registry = {
  /** The names that `key` signs `asset` under; undefined where it is not registered. */
  names(asset: bigint, key: bigint): Promise<PriceNames | undefined>
  /** Everything, as the chain has it now. */
  now(): Promise<Registered>
}

/** The exchange's oracle registry, read once per process and again when it may have changed. */
export function oracleRegistry(core: Core, clock: Clock): Registry {
  let known: { readonly registered: Registered; readonly readAt: Timestamp } | undefined
  let reading: Promise<Registered> | undefined

  async function read(): Promise<Registered> {
    const registered = await registeredOracles(core)
    known = { registered, readAt: clock.now() }
    return registered
  }

  async function shared(): Promise<Registered> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function notOlderThan(ms: number): Promise<Registered> {
    if (known === undefined) return shared()
    const { registered, readAt } = known
    return clock.now() - readAt < ms ? registered : shared()
  }

  /** What was once read still holds where the chain cannot be asked again. */
  async function usual(): Promise<Registered> {
    try {
      return await notOlderThan(freshMs)
    } catch (error) {
      if (known === undefined) throw error
      return known.registered
    }
  }

  return {
    now: shared,
    async names(asset, key) {
      const found = (await usual()).get(asset)?.get(key)
      return found ?? (await notOlderThan(missMs)).get(asset)?.get(key)
    },
  }
}
