import { createHash, createPublicKey, verify } from 'node:crypto'

import * as fc from 'fast-check'
import { recoverAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { readDerSignature } from '../../../lib/adapters/signers/der.ts'
import { kmsClient, kmsEvmKey } from '../../../lib/adapters/signers/kms.ts'
import { derSignature, failure, startFakeAws } from './fake-aws.ts'

// SEC 2, section 2.4.1.
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const privateKey = `0x${'46'.repeat(32)}` as const
const keyId = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-00000000000a'
const hash = `0x${'5a'.repeat(32)}` as const

let aws: Awaited<ReturnType<typeof startFakeAws>>
beforeAll(async () => {
  aws = await startFakeAws()
})
afterAll(() => aws.close())
beforeEach(() => {
  aws.keys.set(keyId, privateKey)
  aws.faults.clear()
  aws.keySpecs.clear()
  aws.overrides.length = 0
  aws.seen.length = 0
})

const open = () =>
  kmsEvmKey({ client: kmsClient({ region: 'eu-west-1', endpoint: aws.endpoint }), keyId })

describe('a key in KMS', () => {
  test('has the address of its public key', async () => {
    expect((await open()).address).toBe(privateKeyToAccount(privateKey).address)
  })

  test('signs any hash, low or high s from KMS, so that the address comes back', async () => {
    const key = await open()
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.boolean(),
        async (bytes, high) => {
          if (high) aws.faults.set(keyId, 'high-s')
          else aws.faults.delete(keyId)
          const digest = `0x${Buffer.from(bytes).toString('hex')}` as const
          const signature = await key.sign(digest)
          expect(signature).toMatch(/^0x[0-9a-f]{128}(1b|1c)$/)
          expect(BigInt(`0x${signature.slice(66, 130)}`) <= order / 2n).toBe(true)
          expect(await recoverAddress({ hash: digest, signature })).toBe(key.address)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('gives a signature that OpenSSL confirms', async () => {
    const message = Buffer.from('a message whose SHA-256 is signed')
    const digest = createHash('sha256').update(message).digest('hex')
    const signature = await (await open()).sign(`0x${digest}`)
    const point = Buffer.from(privateKeyToAccount(privateKey).publicKey.slice(4), 'hex')
    const publicKey = createPublicKey({
      key: {
        kty: 'EC',
        crv: 'secp256k1',
        x: point.subarray(0, 32).toString('base64url'),
        y: point.subarray(32).toString('base64url'),
      },
      format: 'jwk',
    })
    const halves = Buffer.from(signature.slice(2, 130), 'hex')
    expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, halves)).toBe(
      true,
    )
  })

  test('is asked with a signed request in its region, for a digest', async () => {
    await (await open()).sign(hash)
    expect(aws.seen.map(({ target, region }) => ({ target, region }))).toEqual([
      { target: 'TrentService.GetPublicKey', region: 'eu-west-1' },
      { target: 'TrentService.Sign', region: 'eu-west-1' },
    ])
    expect(aws.seen[1]?.body).toEqual({
      KeyId: keyId,
      Message: Buffer.from(hash.slice(2), 'hex').toString('base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    })
  })

  test('is not asked to sign what is no hash', async () => {
    const key = await open()
    await expect(key.sign('0x1234')).rejects.toThrow('expected to sign a hash of 32 bytes in hex')
    expect(aws.seen).toHaveLength(1)
  })
})

describe('a signature that is wrong is not passed on', () => {
  test.each([
    ['other-key', 'another address comes out of it'],
    ['garbage', 'KMS answered with something else'],
    ['out-of-range', 'r or s is out of range'],
  ] as const)('%s', async (fault, reason) => {
    const key = await open()
    aws.faults.set(keyId, fault)
    await expect(key.sign(hash)).rejects.toThrow(
      `a signature of ${key.address} is wrong: ${reason}`,
    )
  })

  test('an answer without one', async () => {
    const key = await open()
    aws.faults.set(keyId, 'empty')
    await expect(key.sign(hash)).rejects.toThrow('KMS answered without a signature')
  })
})

describe('a key that cannot be used is named, with the reason', () => {
  test('there is none', async () => {
    aws.keys.delete(keyId)
    await expect(open()).rejects.toThrow(`${keyId} does not sign: NotFoundException: Invalid keyId`)
  })

  test('it is of another kind', async () => {
    aws.keySpecs.set(keyId, 'ECC_NIST_P256')
    await expect(open()).rejects.toThrow('Ethereum needs ECC_SECG_P256K1 for SIGN_VERIFY')
  })

  test('this process may not use it', async () => {
    aws.overrides.push(failure('AccessDeniedException', 'no permission for kms:GetPublicKey'))
    await expect(open()).rejects.toThrow('AccessDeniedException: no permission')
  })

  test('KMS is throttled once: the client tries again by itself', async () => {
    const key = await open()
    aws.overrides.push(failure('ThrottlingException', 'Rate exceeded'))
    expect(await recoverAddress({ hash, signature: await key.sign(hash) })).toBe(key.address)
  })
})

describe('DER', () => {
  const half = fc.oneof(fc.bigInt({ min: 1n, max: order - 1n }), fc.bigInt({ min: 1n, max: 300n }))

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(half, half, (r, s) => {
        expect(readDerSignature(derSignature({ r, s }))).toEqual({ r, s })
      }),
    )
  })

  test('is read in one spelling only: a byte more, less or otherwise never gives the same signature', () => {
    fc.assert(
      fc.property(half, half, fc.nat(), fc.integer({ min: 1, max: 255 }), (r, s, at, flip) => {
        const good = derSignature({ r, s })
        const changed = Buffer.from(good)
        const place = at % good.length
        changed[place] = (changed[place] ?? 0) ^ flip
        for (const bytes of [
          changed,
          good.subarray(0, -1),
          Buffer.concat([good, Buffer.from([0])]),
        ])
          expect(readDerSignature(bytes)).not.toEqual({ r, s })
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['a negative integer', '3006020181020101'],
    ['an integer with a zero too many', '300702020001020101'],
    ['an integer of no bytes', '30050200020101'],
    ['one integer', '3003020101'],
    ['three integers', '3009020101020101020101'],
    ['a length beyond the end', '3006020105020101'.slice(0, 14)],
  ])('%s is refused', (_what, hex) => {
    expect(readDerSignature(Buffer.from(hex, 'hex'))).toBeUndefined()
  })
})
