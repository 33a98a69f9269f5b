import { localEvmKey } from '../../lib/adapters/signers/local-key.ts'
import { starkKey } from '../../lib/adapters/signers/stark-key.ts'
import type { OracleKeys } from '../../lib/ports.ts'

/** Private keys of nobody. */
const secrets = ['11', '12', '13'].map((digits) => digits.repeat(30))

/** The first node's, as hex without its sign. */
export const starkSecret = '11'.repeat(30)

/** Three oracle nodes. */
export const benchKeys: readonly OracleKeys[] = secrets.map((secret, index) => {
  const text = { reveal: () => `0x${secret}` }
  return { node: `node-${index}`, stark: starkKey(text), evm: localEvmKey(text) }
})
