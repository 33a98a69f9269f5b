import { expect, test } from 'vitest'

import {
  limitOrderHash,
  orderHash,
  transferHash,
  withdrawHash,
} from '../../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'

// Orders: contract tests of starknet-perpetual, chain SN_SEPOLIA. Requests: recorded from the
// contract on a local chain, the key being the one that their signatures fit.

const publicKey = 0x5d05989e9302dcebc74e241001e3e3ac3f4402ccf2f8e6f74b034b07ad6a904n
const sepolia = 0x534e5f5345504f4c4941n
const terms = {
  baseAssetId: 2n,
  baseAmount: 100n,
  quoteAssetId: 1n,
  quoteAmount: -156n,
  feeAssetId: 1n,
  feeAmount: 74n,
  expiration: 100n,
  salt: 123n,
}

test('an order has the hash that the contract computes', () => {
  expect(orderHash({ positionId: 100n, ...terms }, { publicKey, chainId: sepolia })).toBe(
    0x4de4c009e0d0c5a70a7da0e2039fb2b99f376d53496f89d9f437e736add6b48n,
  )
})

test('a limit order has the hash that the contract computes', () => {
  const order = { sourcePosition: 100n, receivePosition: 200n, ...terms }
  expect(limitOrderHash(order, { publicKey, chainId: sepolia })).toBe(
    0xa3740f996ec1fbbe00ba85be37b00fc4f5c3ae3958bcc3081fb731eb7a3c59n,
  )
})

test('an order on another chain or of another key is another message', () => {
  const order = { positionId: 100n, ...terms }
  const hashes = [
    orderHash(order, { publicKey, chainId: sepolia }),
    orderHash(order, { publicKey, chainId: 0x534e5f4d41494en }),
    orderHash(order, { publicKey: publicKey + 1n, chainId: sepolia }),
  ]
  expect(new Set(hashes).size).toBe(3)
})

const owner = {
  publicKey: 0x28bff46907e1c88838304221ae9e7832fdef81450111a5c262e14e27c8a4c1dn,
  chainId: sepolia,
}

test('a withdrawal has the hash under which the contract registered it', () => {
  const request = {
    recipient: 0x49dfb8ce986e21d354ac93ea65e6a11f639c1934ea253e5ff14ca62eca0f38en,
    positionId: 960n,
    collateralId: 1n,
    amount: 1000n,
    expiration: 1796638057n,
    salt: 5001n,
  }
  expect(withdrawHash(request, owner)).toBe(
    0x2aecb439d266d884237877bf425eebb0c3bf8a0957ca062e252b55b16b332cen,
  )
})

test('a transfer has the hash under which the contract registered it', () => {
  const request = {
    recipient: 961n,
    positionId: 960n,
    collateralId: 1n,
    amount: 1000n,
    expiration: 1796638057n,
    salt: 5040n,
  }
  expect(transferHash(request, owner)).toBe(
    0x370481b80ea19ce76f29c1c64c8be012d602c2b8a6aefc0717f4df440ef987bn,
  )
})
