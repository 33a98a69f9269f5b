import { createPublicKey } from 'node:crypto'

import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { publicKeyToAddress } from 'viem/utils'

import type { EvmKey } from '../../ports.ts'
import { readDerSignature } from './der.ts'
import { SignerUnavailableError, WrongSignatureError } from './errors.ts'
import { assertHash, toBytes65 } from './evm-signature.ts'

/** A client that gives up soon enough for a keeper to do something about it. */
export function kmsClient({
  region,
  endpoint,
}: {
  /** Where undefined, the one of the process's own environment. */
  readonly region?: string | undefined
  /** A stand-in, which asks for credentials and looks at none. */
  readonly endpoint?: string | undefined
}): KMSClient {
  return new KMSClient({
    // A signature takes some 20 ms; three tries leave time in a slot of ten seconds.
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      throwOnRequestTimeout: true,
    },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  })
}

/**
 * A secp256k1 key that never leaves KMS. Its signatures are right but not deterministic: KMS draws a new nonce for each.
 *
 * @param keyId An ARN of a key with `ECC_SECG_P256K1` for signing, or of its alias.
 */
export async function kmsEvmKey({
  client,
  keyId,
}: {
  readonly client: KMSClient
  readonly keyId: string
}): Promise<EvmKey> {
  const address = await addressOf(client, keyId)
  return {
    address,
    async sign(hash) {
      assertHash(hash)
      const der = await signDigest(client, keyId, hash)
      const signature = readDerSignature(der)
      if (!signature) throw new WrongSignatureError(address, 'KMS answered with something else')
      return toBytes65(signature, { hash, address })
    },
  }
}

async function addressOf(client: KMSClient, keyId: string): Promise<`0x${string}`> {
  const { PublicKey, KeySpec, KeyUsage } = await answer(keyId, () =>
    client.send(new GetPublicKeyCommand({ KeyId: keyId })),
  )
  if (KeySpec !== 'ECC_SECG_P256K1' || KeyUsage !== 'SIGN_VERIFY' || !PublicKey)
    throw new SignerUnavailableError(
      keyId,
      `it is a key of ${KeySpec ?? 'no spec'} for ${KeyUsage ?? 'no use'}, and Ethereum needs ECC_SECG_P256K1 for SIGN_VERIFY`,
    )
  return publicKeyToAddress(uncompressed(PublicKey, keyId))
}

/** SubjectPublicKeyInfo to `04 || x || y`. */
function uncompressed(spki: Uint8Array, keyId: string): `0x${string}` {
  const { crv, x, y } = readSpki(spki, keyId)
  if (crv !== 'secp256k1' || x === undefined || y === undefined)
    throw new SignerUnavailableError(keyId, 'its public key is on another curve')
  return `0x04${hex(x)}${hex(y)}`
}

function readSpki(spki: Uint8Array, keyId: string) {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
      format: 'jwk',
    })
  } catch (cause) {
    throw new SignerUnavailableError(keyId, 'its public key cannot be read', { cause })
  }
}

async function signDigest(client: KMSClient, keyId: string, hash: string): Promise<Uint8Array> {
  const { Signature } = await answer(keyId, () =>
    client.send(
      new SignCommand({
        KeyId: keyId,
        Message: Buffer.from(hash.slice(2), 'hex'),
        // The hash is ours (keccak); the name of the algorithm only says its size.
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    ),
  )
  if (!Signature) throw new SignerUnavailableError(keyId, 'KMS answered without a signature')
  return Signature
}

async function answer<T>(keyId: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new SignerUnavailableError(keyId, reason, { cause })
  }
}

function hex(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('hex').padStart(64, '0')
}
