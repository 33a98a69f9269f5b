import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { describe, expect, onTestFinished, test } from 'vitest'

import { localAuthority } from '../../../infra/local/certificates.ts'
import type { GatewayFaultInput } from '../../../infra/local/starkex-gateway/gateway-faults.ts'
import { startStarkexGateway } from '../../../infra/local/starkex-gateway/start-starkex-gateway.ts'
import {
  ChainUnavailableError,
  UnfitTransactionError,
} from '../../../lib/adapters/chains/errors.ts'
import { oraclePricesTick } from '../../../lib/domain/oracle-prices-tick.ts'
import { writeStarkexTransaction } from '../../../lib/domain/starkex/write-transaction.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { SignedTransaction } from '../../../lib/domain/transaction.ts'
import { goldenLiquidate } from '../../domain/starkex/golden-transactions.ts'
import { actionOf, gatewayConfig, openStarkex } from '../engines/starkex/a-starkex.ts'
import { wallClock } from './keys.ts'

const account = 'perps-main'

async function aGateway(change: Partial<Parameters<typeof startStarkexGateway>[0]> = {}) {
  const gateway = await startStarkexGateway({ config: gatewayConfig(), ...change })
  onTestFinished(async () => gateway.stop())
  return gateway
}

/** The first signatures of a process take it long. */
async function anExchange(
  change: Partial<Parameters<typeof startStarkexGateway>[0]> = {},
  timeoutMs = 5_000,
) {
  const gateway = await aGateway(change)
  return { gateway, ...openStarkex({ url: gateway.url, timeoutMs }) }
}

type Exchange = Awaited<ReturnType<typeof anExchange>>

/** A tick with both markets' prices, ready to go. */
async function signed({ chain, engine }: Exchange, nonce: number, price = '100') {
  const calls = engine.encode(await actionOf(engine, { price }), undefined)
  return chain.sign(account, { calls, nonce, fee: { kind: 'starkex' } })
}

async function nothing({ chain }: Exchange, nonce: number): Promise<SignedTransaction> {
  const transaction = oraclePricesTick([], wallClock.now())
  return chain.sign(account, {
    calls: [{ kind: 'starkex', transaction }],
    nonce,
    fee: { kind: 'starkex' },
  })
}

/** The documented one, of an account. */
function liquidation(liquidated: bigint) {
  const transaction = writeStarkexTransaction({ ...goldenLiquidate, liquidated })
  return [{ kind: 'starkex', transaction }] as const
}

describe('a gateway as a chain', () => {
  test('gives ids one after the other, and each tick is final with its id', async () => {
    const it = await anExchange()
    expect(await it.chain.nonce(account)).toEqual({ latest: 0, pending: 0 })
    const { hash, bytes } = await signed(it, 0)
    expect(await it.chain.status(hash, bytes)).toEqual({ kind: 'unknown' })
    expect(await it.chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    expect(await it.chain.nonce(account)).toEqual({ latest: 1, pending: 1 })
    expect(await it.chain.status(hash, bytes)).toMatchObject({
      kind: 'included',
      outcome: 'succeeded',
      feePaid: 0n,
      final: true,
      block: { number: 1 },
    })
    // 100 USD: at 1e10 and 1e9 units per coin and 1e6 per dollar.
    expect(it.gateway.exchange.prices()).toEqual({
      '0x4254432d3130000000000000000000': String(
        (100n * 10n ** 6n * 2n ** 32n + 5n * 10n ** 9n) / 10n ** 10n,
      ),
      '0x4554482d3900000000000000000000': String(
        (100n * 10n ** 6n * 2n ** 32n + 5n * 10n ** 8n) / 10n ** 9n,
      ),
    })
  })

  test('has a head that is as high as it has transactions, and as young as its answer', async () => {
    const it = await anExchange()
    await it.chain.broadcast((await signed(it, 0)).bytes)
    const head = await it.chain.head()
    expect(head.number).toBe(1)
    expect(Math.abs(wallClock.now() - head.time)).toBeLessThan(2_000)
    expect(await it.chain.block(1)).toMatchObject({ number: 1, hash: head.hash })
    expect(await it.chain.block(2)).toBeUndefined()
  })

  test('signs the same for the same, and asks nothing for it', async () => {
    const it = await anExchange()
    const calls = it.engine.encode(await actionOf(it.engine), undefined)
    const one = await it.chain.sign(account, { calls, nonce: 3, fee: { kind: 'starkex' } })
    expect(await it.chain.sign(account, { calls, nonce: 3, fee: { kind: 'starkex' } })).toEqual(one)
    expect(JSON.parse(one.bytes)).toMatchObject({ tx_id: 3, tx: { type: 'ORACLE_PRICES_TICK' } })
    expect([it.chain.mostOf(one.fee), await it.chain.balance(account)]).toEqual([0n, 0n])
    expect(it.chain.bump(one.fee, one.fee)).toEqual(one.fee)
  })

  test('takes one transaction at a time, and none of another chain', async () => {
    const it = await anExchange()
    const call = { kind: 'starkex', transaction: oraclePricesTick([], timestamp(0)) } as const
    await expect(it.chain.simulate(account, [call, call])).rejects.toThrow(UnfitTransactionError)
    await expect(it.chain.simulate(account, [])).rejects.toThrow(UnfitTransactionError)
    const evm = { kind: 'evm', to: '0x01', data: '0x' } as const
    await expect(it.chain.simulate(account, [evm])).rejects.toThrow(UnfitTransactionError)
    expect(await it.chain.simulate(account, [call])).toEqual({
      kind: 'ok',
      fee: { kind: 'starkex' },
    })
  })
})

describe('the same bytes', () => {
  test('again are success, and other bytes for their id are somebody else’s', async () => {
    const it = await anExchange()
    const ours = await signed(it, 0)
    await it.chain.broadcast(ours.bytes)
    expect(await it.chain.broadcast(ours.bytes)).toEqual({ kind: 'accepted' })
    const other = await signed(it, 0, '101')
    expect(await it.chain.broadcast(other.bytes)).toMatchObject({
      kind: 'refused',
      why: 'nonce-too-low',
      reason: expect.stringContaining('INVALID_TRANSACTION_ID') as string,
    })
    expect(await it.chain.status(other.hash, other.bytes)).toEqual({ kind: 'unknown' })
  })

  test('tell a process that never sent them whose an id is', async () => {
    const it = await anExchange()
    const ours = await signed(it, 0)
    await it.chain.broadcast(ours.bytes)
    const fresh = openStarkex({ url: it.gateway.url }).chain
    expect(await fresh.status(ours.hash)).toEqual({ kind: 'unknown' })
    expect(await fresh.status(ours.hash, ours.bytes)).toMatchObject({ kind: 'included' })
    const other = await nothing(it, 0)
    expect(await fresh.status(other.hash, other.bytes)).toEqual({ kind: 'unknown' })
  })

  test('are not sent by a question before their id is used', async () => {
    const it = await anExchange()
    const { hash, bytes } = await signed(it, 0)
    expect(await it.chain.status(hash, bytes)).toEqual({ kind: 'unknown' })
    expect(it.gateway.exchange.firstUnused()).toBe(0)
  })

  test('with an id that is too high are refused, and nothing of them is kept', async () => {
    const it = await anExchange()
    const { bytes } = await signed(it, 1)
    expect(await it.chain.broadcast(bytes)).toMatchObject({ why: 'nonce-too-high' })
    expect(it.gateway.exchange.firstUnused()).toBe(0)
  })
})

describe('what is refused', () => {
  test.for([500, 200, 400])('with status %s is refused by its code', async (status) => {
    const it = await anExchange({ config: gatewayConfig({ assets: [] }) })
    it.gateway.faults.set({ fault: 'refusal-status', status })
    expect(await it.chain.broadcast((await signed(it, 0)).bytes)).toEqual({
      kind: 'refused',
      why: 'invalid',
      reason: 'MISSING_SYNTHETIC_ASSET_ID: there is no asset 0x4254432d3130000000000000000000',
    })
  })

  test('of a liquidation rests for its account and asset alone', async () => {
    const { chain, gateway } = await anExchange()
    gateway.faults.set({ fault: 'code', code: 'UNLIQUIDATABLE_POSITION', requests: 1 })
    const { bytes } = await chain.sign(account, {
      calls: liquidation(7n),
      nonce: 0,
      fee: { kind: 'starkex' },
    })
    expect(await chain.broadcast(bytes)).toMatchObject({ kind: 'refused', why: 'invalid' })
    expect(await chain.simulate(account, liquidation(7n))).toMatchObject({
      kind: 'reverted',
      reason: 'UNLIQUIDATABLE_POSITION: as it was told to',
    })
    expect(await chain.simulate(account, liquidation(8n))).toMatchObject({ kind: 'ok' })
  })

  test('is not tried again at once, nor is anything else with the asset that it was refused for', async () => {
    const { assets } = gatewayConfig()
    const it = await anExchange({ config: gatewayConfig({ assets: assets.slice(1) }) })
    await it.chain.broadcast((await signed(it, 0)).bytes)
    const { round, updates, ...push } = await actionOf(it.engine)
    const simulated = async (some: typeof updates) =>
      it.chain.simulate(account, it.engine.encode({ ...push, round, updates: some }, undefined))
    expect(await simulated(updates)).toEqual({
      kind: 'reverted',
      reason: 'MISSING_SYNTHETIC_ASSET_ID: there is no asset 0x4254432d3130000000000000000000',
    })
    expect(await simulated(updates.slice(0, 1))).toMatchObject({ kind: 'reverted' })
    expect(await simulated(updates.slice(1))).toMatchObject({ kind: 'ok' })
  })

  test('by the words of another release is the same', async () => {
    const it = await anExchange()
    it.gateway.faults.set({ fault: 'other-words' })
    const ours = await signed(it, 0)
    expect(await it.chain.broadcast(ours.bytes)).toEqual({ kind: 'accepted' })
    const other = await nothing(it, 0)
    expect(await it.chain.broadcast(other.bytes)).toMatchObject({ why: 'nonce-too-low' })
  })

  test.for([
    'API_FUNCTION_TEMPORARILY_DISABLED',
    'StarkErrorCode.CONNECTION_ERROR',
    'BATCH_NOT_READY',
  ])('for %s, a trouble of its own, is not refused at all', async (code) => {
    const it = await anExchange()
    const { bytes } = await signed(it, 0)
    for (const status of [500, 200]) {
      it.gateway.faults.set({ fault: 'code', code, status, requests: 1 })
      await expect(it.chain.broadcast(bytes)).rejects.toThrow(ChainUnavailableError)
    }
    expect(await it.chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
  })
})

const lost: readonly (readonly [string, GatewayFaultInput])[] = [
  ['a lost answer', { fault: 'drop-answer', requests: 2 }],
  ['a page with status 502', { fault: 'html', after: true, requests: 1 }],
  ['a page with status 200', { fault: 'html', status: 200, after: true, requests: 1 }],
  ['a page with status 500', { fault: 'html', status: 500, after: true, requests: 1 }],
  ['an answer that comes too late', { fault: 'slow', ms: 2_000, after: true, requests: 1 }],
]

describe('where no answer of the gateway’s comes', () => {
  test.for(lost)('%s says nothing of what was taken', async ([, fault]) => {
    const it = await anExchange({}, 400)
    const { hash, bytes } = await signed(it, 0)
    it.gateway.faults.set(fault)
    await expect(it.chain.broadcast(bytes)).rejects.toThrow(ChainUnavailableError)
    expect(it.gateway.exchange.firstUnused()).toBe(1)
    expect(await it.chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    expect(await it.chain.status(hash, bytes)).toMatchObject({ kind: 'included' })
    expect(it.gateway.exchange.firstUnused()).toBe(1)
  })

  test.for(lost)('%s says nothing of what was not taken either', async ([, fault]) => {
    const it = await anExchange({}, 400)
    const { hash, bytes } = await signed(it, 0)
    it.gateway.faults.set({ ...fault, after: false } as GatewayFaultInput)
    await expect(it.chain.broadcast(bytes)).rejects.toThrow(ChainUnavailableError)
    expect(await it.chain.status(hash, bytes)).toEqual({ kind: 'unknown' })
    expect(await it.chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
  })

  test.for<[string, string, number]>([
    ['text that is no number', 'many', 200],
    ['a number that is none', '-1', 200],
    ['a number with a code of 503', '7', 503],
    ['a code', '{"code":"INVALID_REQUEST"}', 500],
  ])('%s is no id', async ([, body, status]) => {
    const server = createServer((_, response) => response.writeHead(status).end(body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { chain } = openStarkex({ url: `http://127.0.0.1:${port}` })
    await expect(chain.nonce(account)).rejects.toThrow(ChainUnavailableError)
  })

  test('it is left alone as long as it asks', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      if (asked === 1) response.writeHead(429, { 'Retry-After': '30' }).end()
      else response.end('7')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    let later = 0
    const clock = { ...wallClock, now: () => timestamp(wallClock.now() + later) }
    const { chain } = openStarkex({ url: `http://127.0.0.1:${port}`, clock })
    await expect(chain.nonce(account)).rejects.toThrow('status 429')
    later = 28_000
    await expect(chain.nonce(account)).rejects.toThrow(/asked to be left alone until/)
    expect(asked).toBe(1)
    later = 31_000
    expect(await chain.nonce(account)).toEqual({ latest: 7, pending: 7 })
  })

  test('it shows how it does, by its host alone', async () => {
    const it = await anExchange({ prefix: '/secret-path' })
    expect(it.chain.nodes()).toMatchObject([{ state: 'unknown', faults: 0 }])
    await it.chain.head()
    const host = new URL(it.gateway.url).host
    expect(it.chain.nodes()).toMatchObject([{ node: host, state: 'healthy', height: 0 }])
    it.gateway.faults.set({ fault: 'html', requests: 1 })
    const error = await it.chain.head().catch((thrown: unknown) => thrown)
    expect(String(error)).toBe(
      `ChainUnavailableError: starkex did not answer get_first_unused_tx_id: ${host}: http (status 502)`,
    )
    expect(it.chain.nodes()).toMatchObject([
      { state: 'quarantined', why: 'http: status 502', faults: 1 },
    ])
    await it.chain.head()
    expect(it.chain.nodes()).toMatchObject([{ state: 'healthy' }])
  })

  test('it goes on after a start where it was', async () => {
    const it = await anExchange()
    const { hash, bytes } = await signed(it, 0)
    await it.chain.broadcast(bytes)
    it.gateway.faults.set({ fault: 'refuse' })
    await expect(it.chain.nonce(account)).rejects.toThrow(ChainUnavailableError)
    it.gateway.faults.clear()
    expect(await it.chain.status(hash, bytes)).toMatchObject({ kind: 'included' })
  })
})

describe('mutual TLS', () => {
  const authority = localAuthority(new Date())
  const stranger = localAuthority(new Date())
  const serverTls = { ...authority.server(), ca: authority.ca }

  test('lets in whom its authority knows', async () => {
    const gateway = await aGateway({ tls: serverTls })
    expect(gateway.url).toMatch(/^https:/)
    const { chain } = openStarkex({
      url: gateway.url,
      tls: { ...authority.client('starkeep'), ca: authority.ca },
    })
    expect(await chain.nonce(account)).toEqual({ latest: 0, pending: 0 })
  })

  test('keeps out whoever shows another authority’s certificate, or none', async () => {
    const gateway = await aGateway({ tls: serverTls })
    const tls = { ...stranger.client('starkeep'), ca: authority.ca }
    for (const open of [{ url: gateway.url, tls }, { url: gateway.url }])
      await expect(openStarkex(open).chain.head()).rejects.toThrow(ChainUnavailableError)
  })

  test('believes no server of another authority, and shows no key in what it says', async () => {
    const gateway = await aGateway({ tls: { ...stranger.server(), ca: authority.ca } })
    const own = authority.client('starkeep')
    const { chain } = openStarkex({ url: gateway.url, tls: { ...own, ca: authority.ca } })
    const error = await chain.head().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ChainUnavailableError)
    expect(String(error)).toMatch(
      /network \((?:CERT_SIGNATURE_FAILURE|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\)/,
    )
    expect(JSON.stringify(error) + String(error)).not.toContain('PRIVATE KEY')
  })
})
