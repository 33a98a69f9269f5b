import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { httpOrders } from '../../../../lib/adapters/engines/starknet-perpetual/http-orders.ts'
import { ownOrders } from '../../../../lib/adapters/engines/starknet-perpetual/own-orders.ts'
import { httpClient } from '../../../../lib/adapters/http-client.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { CoreOffer } from '../../../../lib/domain/liquidation/core-offer.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { starkKey } from '../../chains/keys.ts'

const chainId = '0x534e5f5345504f4c4941'
const clock = { now: () => timestamp(1_764_000_000_000), sleep: async () => undefined }
const wishes = [
  { asset: '0x2', base: 1_000n, quote: -5_000n },
  { asset: '0x3', base: -70n, quote: 900n },
  { asset: '0x4', base: 12n, quote: -6_000n, isSpot: true as const },
]

/** A market maker that answers each question with what `answer` makes of its own orders, and what it was asked. */
async function aMaker(answer: (orders: readonly object[]) => string, status = 200) {
  const maker = ownOrders({
    engine: 'theirs',
    position: '777',
    key: async () => Promise.resolve(starkKey('0xbeef')),
    chainId,
    clock,
  })
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    void (async () => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      asked.push(JSON.parse(text))
      const { offers } = await maker.offers(wishes, 7)
      response.writeHead(status).end(answer(offers.map(wire)))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const source = httpOrders({
    url: `http://127.0.0.1:${port}/orders`,
    chainId,
    contract: '0xc0de',
    client: httpClient({ maxBytes: 100_000, keepAlive: false, headers: {} }),
    curve: starkCurve,
    clock,
    // The first question loads the client.
    timeoutMs: 30_000,
  })
  return {
    source,
    asked,
    theirs: (await maker.offers(wishes, 7)).offers,
    host: `127.0.0.1:${port}`,
  }
}

function wire({ order, filled }: CoreOffer) {
  const { base, quote, fee, expiration, salt, publicKey, signature, ...rest } = order
  return {
    ...rest,
    base: String(base),
    quote: String(quote),
    fee: String(fee),
    expiration: String(expiration),
    salt: `0x${salt.toString(16)}`,
    public_key: publicKey,
    signature: { r: `0x${signature.r.toString(16)}`, s: `0x${signature.s.toString(16)}` },
    filled: String(filled),
  }
}

test('a service is told what is wanted, and its orders count as it signed them, limit orders too', async () => {
  const it = await aMaker((orders) => JSON.stringify({ orders }))
  expect(await it.source.offers(wishes, 7)).toEqual({ offers: it.theirs, refused: [] })
  expect(it.asked).toEqual([
    {
      chain_id: chainId,
      contract: '0xc0de',
      slot: '7',
      wishes: [
        { asset: '0x2', base: '1000', quote: '-5000' },
        { asset: '0x3', base: '-70', quote: '900' },
        { asset: '0x4', base: '12', quote: '-6000', spot: true },
      ],
    },
  ])
})

test('an order that is not what was signed, has run out or is used up is refused by name, and the others count', async () => {
  const it = await aMaker(([one, two, three]) =>
    JSON.stringify({
      orders: [
        { ...one, quote: '-5001' },
        { ...one, filled: '1000' },
        { ...one, collateral: '0x2' },
        { ...two, base: 'many' },
        { ...two, expiration: '18446744073709551616' },
        7,
        three,
      ],
    }),
  )
  const { offers, refused } = await it.source.offers(wishes, 7)
  expect(offers).toEqual(it.theirs.slice(2))
  expect(refused).toEqual([
    `${it.host}: order 3 has no fit base`,
    `${it.host}: order 4 has no fit expiration`,
    `${it.host}: order 5 has no fit `,
    `${it.host}: order 0 is not signed by its public key`,
    `${it.host}: order 1 is used up`,
    `${it.host}: order 2 is not signed by its public key`,
  ])
})

test.each([
  ['HTML', '<html>', 200],
  ['something else', '{"offers": []}', 200],
  ['an error', '{"orders": []}', 503],
])('a service that answers with %s is an error that names it', async (_, body, status) => {
  const it = await aMaker(() => body, status)
  await expect(it.source.offers(wishes, 7)).rejects.toThrow(it.host)
})
