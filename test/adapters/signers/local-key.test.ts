import { createHash } from 'node:crypto'

import * as fc from 'fast-check'
import { hashMessage, recoverAddress } from 'viem'
import { describe, expect, test } from 'vitest'

import { localEvmKey } from '../../../lib/adapters/signers/local-key.ts'

// SEC 2, section 2.4.1.
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const keyOf = (hex: string) => localEvmKey({ reveal: () => hex })

describe('an Ethereum key gives the signatures that others published', () => {
  test("EIP-155's example", async () => {
    const key = keyOf(`0x${'46'.repeat(32)}`)
    expect(key.address).toBe('0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F')
    expect(
      await key.sign('0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53'),
    ).toBe(
      '0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa63627667cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d831b',
    )
  })

  test('"Some data" by EIP-191, from the documentation of web3.js', async () => {
    const key = keyOf('0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318')
    expect(key.address).toBe('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23')
    expect(await key.sign(hashMessage('Some data'))).toBe(
      '0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c',
    )
  })

  test('"Satoshi Nakamoto" by the key 1, the common vector of RFC 6979 on secp256k1', async () => {
    const hash = createHash('sha256').update('Satoshi Nakamoto').digest('hex')
    const signature = await keyOf('0x1').sign(`0x${hash}`)
    expect(signature.slice(0, 130)).toBe(
      '0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    )
  })
})

test('every signature is 65 bytes with low s and v 27 or 28, gives the address back, and is the same the second time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt({ min: 1n, max: order - 1n }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      async (scalar, bytes) => {
        const key = keyOf(`0x${scalar.toString(16)}`)
        const hash = `0x${Buffer.from(bytes).toString('hex')}` as const
        const signature = await key.sign(hash)
        expect(signature).toMatch(/^0x[0-9a-f]{128}(1b|1c)$/)
        expect(BigInt(`0x${signature.slice(66, 130)}`) <= order / 2n).toBe(true)
        expect(await recoverAddress({ hash, signature })).toBe(key.address)
        expect(await key.sign(hash)).toBe(signature)
      },
    ),
    { numRuns: 30 },
  )
})

test.each(['0x', '0x00', `0x${'a'.repeat(63)}`, `0x${'a'.repeat(65)}`, `0x${'g'.repeat(64)}`])(
  'what is no hash of 32 bytes is not signed: %s',
  async (text) => {
    await expect(keyOf('0x1').sign(text as `0x${string}`)).rejects.toThrow(
      'expected to sign a hash of 32 bytes in hex',
    )
  },
)

test.each(['0x0', `0x${order.toString(16)}`, 'secret words', ''])(
  'what is no key is refused and not shown: %s',
  (text) => {
    const attempt = () => keyOf(text)
    expect(attempt).toThrow('the private key for Ethereum cannot be used')
    const shown = text.length > 4 ? text : 'nothing of the kind'
    expect(attempt).not.toThrow(shown)
  },
)
