import { createPublicKey } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { privateKeyToAccount, sign } from 'viem/accounts'
import { hexToBytes } from 'viem/utils'
import { z } from 'zod'

// SEC 2, section 2.4.1.
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

type Answer = { readonly status?: number; readonly body: Record<string, unknown> | string }

/** How KMS misbehaves for one key. */
export type KmsFault = 'high-s' | 'garbage' | 'other-key' | 'empty' | 'out-of-range'

/**
 * KMS and Secrets Manager over a socket, in AWS JSON 1.1: real signatures in DER, and the errors that AWS documents.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export async function startFakeAws() {
  const keys = new Map<string, `0x${string}`>()
  const keySpecs = new Map<string, string>()
  const secrets = new Map<string, Record<string, unknown>>()
  const faults = new Map<string, KmsFault>()
  const overrides: Answer[] = []
  const seen: {
    readonly target: string
    readonly body: Record<string, unknown>
    readonly region: string
  }[] = []

  async function answer(target: string, body: Record<string, unknown>): Promise<Answer> {
    const override = overrides.shift()
    if (override) return override
    switch (target) {
      case 'secretsmanager.GetSecretValue': {
        const secret = secrets.get(String(body['SecretId']))
        if (!secret)
          return failure(
            'ResourceNotFoundException',
            "Secrets Manager can't find the specified secret.",
          )
        return { body: { ARN: 'arn', Name: body['SecretId'], VersionId: 'v', ...secret } }
      }
      case 'TrentService.GetPublicKey': {
        const key = keys.get(String(body['KeyId']))
        if (!key) return failure('NotFoundException', 'Invalid keyId')
        return {
          body: {
            KeyId: body['KeyId'],
            PublicKey: Buffer.from(spki(key)).toString('base64'),
            KeySpec: keySpecs.get(String(body['KeyId'])) ?? 'ECC_SECG_P256K1',
            KeyUsage: 'SIGN_VERIFY',
            SigningAlgorithms: ['ECDSA_SHA_256'],
          },
        }
      }
      case 'TrentService.Sign':
        return signed(body)
      default:
        return failure('UnknownOperationException', target)
    }
  }

  async function signed(body: Record<string, unknown>): Promise<Answer> {
    const request = z
      .strictObject({
        KeyId: z.string(),
        Message: z.base64(),
        MessageType: z.literal('DIGEST'),
        SigningAlgorithm: z.literal('ECDSA_SHA_256'),
      })
      .safeParse(body)
    if (!request.success) return failure('ValidationException', request.error.message)
    const digest = Buffer.from(request.data.Message, 'base64')
    if (digest.length !== 32) return failure('ValidationException', 'Digest is invalid length')
    const key = keys.get(request.data.KeyId)
    if (!key) return failure('NotFoundException', 'Invalid keyId')
    const fault = faults.get(request.data.KeyId)
    const signer = fault === 'other-key' ? (`0x${'77'.repeat(32)}` as const) : key
    const { r, s } = await sign({ hash: `0x${digest.toString('hex')}`, privateKey: signer })
    return {
      body: {
        KeyId: request.data.KeyId,
        SigningAlgorithm: 'ECDSA_SHA_256',
        ...(fault === 'empty' ? {} : { Signature: wire({ r: BigInt(r), s: BigInt(s) }, fault) }),
      },
    }
  }

  const server = createServer((request, response) => {
    void serve(request, response)
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(request.headers['x-amz-target'])
    const scope = /Credential=[^/]+\/\d{8}\/(?<region>[^/]+)\//.exec(
      request.headers.authorization ?? '',
    )
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse(await textOf(request)))
    seen.push({ target, body, region: scope?.groups?.['region'] ?? 'unsigned' })
    const { status = 200, body: answered } = await answer(target, body)
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(typeof answered === 'string' ? answered : JSON.stringify(answered))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    keys,
    keySpecs,
    secrets,
    faults,
    /** Given to the next requests instead of what they asked for. */
    overrides,
    seen,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function failure(type: string, message: string, status = 400): Answer {
  return { status, body: { __type: type, message } }
}

/** A public key as SubjectPublicKeyInfo (RFC 5480), by Node's own encoder. */
function spki(privateKey: `0x${string}`): Uint8Array {
  const point = hexToBytes(privateKeyToAccount(privateKey).publicKey)
  const part = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString('base64url')
  const jwk = { kty: 'EC', crv: 'secp256k1', x: part(1), y: part(33) }
  return new Uint8Array(
    createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' }),
  )
}

function wire(
  { r, s }: { readonly r: bigint; readonly s: bigint },
  fault: KmsFault | undefined,
): string {
  if (fault === 'garbage') return Buffer.from('no signature').toString('base64')
  if (fault === 'high-s') return derSignature({ r, s: order - s }).toString('base64')
  if (fault === 'out-of-range') return derSignature({ r: order + 1n, s }).toString('base64')
  return derSignature({ r, s }).toString('base64')
}

/** A sequence of two integers; an integer whose first bit is set gets a zero before it (X.690, 8.3). */
export function derSignature({ r, s }: { readonly r: bigint; readonly s: bigint }): Buffer {
  const body = Buffer.concat([integer(r), integer(s)])
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

function integer(value: bigint): Buffer {
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive])
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
