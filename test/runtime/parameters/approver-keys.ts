import { localEvmKey } from '../../../lib/adapters/signers/local-key.ts'
import type { EvmKey } from '../../../lib/ports.ts'

/** The same key for the same name, always. */
export function keyOf(name: string): EvmKey {
  const hex = Buffer.from(name).toString('hex').padStart(64, '0')
  return localEvmKey({ reveal: () => `0x${hex}` })
}
