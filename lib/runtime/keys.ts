import { BadKeyError } from '../adapters/signers/private-scalar.ts'
import type { EvmKey, OracleKeys, StarkKey } from '../ports.ts'
import { onceEach } from './once-each.ts'
import {
  referenceName,
  type KeyReference,
  type KmsReference,
  type SecretReference,
} from './reference.ts'
import { SecretUnavailableError } from './secret-error.ts'
import type { Secret } from './secret.ts'
import { regionOf } from './secrets-manager.ts'
import type { Secrets } from './secrets.ts'

/** The keys that a network file names, ready to sign. Each is made once per process. */
export type Keys = {
  stark(reference: SecretReference): Promise<StarkKey>
  evm(reference: KeyReference): Promise<EvmKey>
  oracle(oracle: {
    readonly name: string
    readonly keys: CurveKeys
    readonly next?: CurveKeys | undefined
  }): Promise<OracleKeys>
}

type CurveKeys = {
  readonly stark?: SecretReference | undefined
  readonly evm?: KeyReference | undefined
}

export type KeysOptions = {
  readonly secrets: Secrets
  /** A stand-in for KMS. */
  readonly kmsEndpoint?: string | undefined
}

export function openKeys({ secrets, kmsEndpoint }: KeysOptions): Keys {
  const stark = onceEach(referenceName, async (reference: SecretReference) => {
    const { starkKey } = await import('../adapters/signers/stark-key.ts')
    return fitting(reference, starkKey, await secrets.text(reference))
  })
  const evm = onceEach(referenceName, async (reference: KeyReference) =>
    reference.kind === 'kms'
      ? inKms(reference, kmsEndpoint)
      : inMemory(reference, await secrets.text(reference)),
  )
  async function both(keys: CurveKeys): Promise<Pick<OracleKeys, 'stark' | 'evm'>> {
    const [starkOne, evmOne] = await Promise.all([
      keys.stark && stark(keys.stark),
      keys.evm && evm(keys.evm),
    ])
    return { stark: starkOne, evm: evmOne }
  }

  return {
    stark,
    evm,
    async oracle({ name, keys, next }) {
      const [present, later] = await Promise.all([both(keys), next && both(next)])
      return { node: name, ...present, ...(later && { next: later }) }
    },
  }
}

async function inKms({ key }: KmsReference, endpoint: string | undefined): Promise<EvmKey> {
  // Loaded where it is needed only: a laptop has its keys in files.
  const { kmsClient, kmsEvmKey } = await import('../adapters/signers/kms.ts')
  return kmsEvmKey({ client: kmsClient({ region: regionOf(key), endpoint }), keyId: key })
}

async function inMemory(reference: SecretReference, text: Secret): Promise<EvmKey> {
  // Loaded where it is needed only: the cloud has its keys in KMS.
  const { localEvmKey } = await import('../adapters/signers/local-key.ts')
  return fitting(reference, localEvmKey, text)
}

/** The signer of a key, or an error that says which reference holds something else. */
function fitting<T>(reference: SecretReference, make: (text: Secret) => T, text: Secret): T {
  try {
    return make(text)
  } catch (cause) {
    if (cause instanceof BadKeyError)
      throw new SecretUnavailableError(reference, cause.message, { cause })
    throw cause
  }
}
