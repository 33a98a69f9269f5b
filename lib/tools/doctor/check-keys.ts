import { messageOf } from '../../keepers/message-of.ts'
import type { Keys } from '../../runtime/keys.ts'
import { keyReferences, type NamedKey } from '../../runtime/network/key-references.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { referenceName } from '../../runtime/reference.ts'
import type { Secrets } from '../../runtime/secrets.ts'
import { type Diagnosis, fromSentence } from './diagnosis.ts'

/** Reads every key that the network file names; of those that sign, tells which they are. */
export async function checkKeys(
  network: Network,
  { keys, secrets }: { readonly keys: Keys; readonly secrets: Secrets },
): Promise<readonly Diagnosis[]> {
  const named = keyReferences(network)
  if (named.length === 0)
    return [
      { area: 'keys', subject: network.network, state: 'skipped', says: 'the file names no key' },
    ]
  return await Promise.all(
    named.map(async (one): Promise<Diagnosis> => {
      const at = { area: 'keys', subject: one.path } as const
      try {
        return { ...at, state: 'ok', says: await whoseIs(one, { keys, secrets }) }
      } catch (error) {
        const otherwise = `put a key where ${referenceName(one.reference)} says, or name another place`
        return fromSentence({ ...at, state: 'fault' }, messageOf(error), otherwise)
      }
    }),
  )
}

async function whoseIs(
  { reference, is }: NamedKey,
  { keys, secrets }: { readonly keys: Keys; readonly secrets: Secrets },
): Promise<string> {
  const name = referenceName(reference)
  if (is === 'evm') return `${name} is the key of ${(await keys.evm(reference)).address}`
  if (reference.kind === 'kms') throw new NotInKmsError(name)
  if (is === 'stark') return `${name} is the key ${(await keys.stark(reference)).publicKey}`
  await secrets.text(reference)
  return `${name} can be read`
}

/** KMS signs on no such curve, and holds no texts. */
export class NotInKmsError extends Error {
  override readonly name = 'NotInKmsError'

  constructor(key: string) {
    super(`${key} is in KMS, which has no such keys; name a file: or a secretsmanager: secret`)
  }
}
