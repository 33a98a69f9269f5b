import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { aReport } from '../../adapters/store/samples.ts'
import { read } from '../fake-chain.ts'
import { laneInMemory } from './lane-in-memory.ts'

const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'STRK-USD'].map(parseMarket)

function pushOf(round: number, markets = symbols) {
  const updates = markets.map((market) => ({
    market,
    price: new Decimal(round),
    reports: [aReport('n', round)],
  }))
  return { action: { kind: 'push-prices', engine: 'dex', round, updates } as const }
}

/** An exchange that refuses one market, or several, wherever they are in the batch. */
function refusing(...markets: readonly string[]) {
  const it = laneInMemory({ sequenced: true })
  it.chain.reverts = (data) =>
    markets.some((market) => data.includes(market)) ? 'INACTIVE_ASSET' : undefined
  return it
}

describe('a market that the exchange refuses', () => {
  test('is left out, and the others are told, in one transaction', async () => {
    const it = refusing('SOL-USD')
    await it.add(1, pushOf(1))
    await it.settle()
    const [effect] = it.chain.effects()
    expect(effect?.data).toContain('STRK-USD')
    expect(effect?.data).not.toContain('SOL-USD')
    expect(it.chain.effects()).toHaveLength(1)
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'settled',
      left: [{ market: 'SOL-USD', why: 'refused', reason: 'INACTIVE_ASSET' }],
    })
  })

  test('is known from the lane until a push goes with it again, since when it is so', async () => {
    const it = refusing('SOL-USD')
    const since = it.clock.now()
    await it.add(1, pushOf(1))
    await it.settle()
    await it.add(2, pushOf(2))
    await it.settle()
    const told = { engine: 'dex', market: 'SOL-USD', why: 'refused', reason: 'INACTIVE_ASSET' }
    expect((await it.lane()).refused).toEqual([{ ...told, since }])
    it.chain.reverts = () => undefined
    await it.add(3, pushOf(3))
    await it.settle()
    expect(await it.lane()).not.toHaveProperty('refused')
    expect(await it.stateOf(3)).not.toHaveProperty('left')
  })

  test('is left out of each replacement too: one nonce has one work', async () => {
    const it = refusing('SOL-USD')
    await it.add(1, pushOf(1))
    await it.advance()
    it.chain.reverts = () => undefined
    it.chain.price = 110n
    it.clock.pass(30_000)
    await it.advance()
    await it.settle()
    const datas = it.chain.broadcasts.map((bytes) => read(bytes).data.join())
    expect(datas).toHaveLength(2)
    expect(new Set(datas).size).toBe(1)
  })

  test('alone in a push is a failure with its reason', async () => {
    const it = refusing('SOL-USD')
    await it.add(1, pushOf(1, [parseMarket('SOL-USD')]))
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'refused',
      reason: 'it would be reverted: INACTIVE_ASSET',
    })
    expect((await it.lane()).refused).toMatchObject([{ market: 'SOL-USD' }])
  })

  test('whose call cannot even be written is left out like any other', async () => {
    const it = laneInMemory()
    const encode = it.engine.encode.bind(it.engine)
    it.engine.encode = (action, sequence) => {
      if (action.updates.some(({ market }) => market === 'ETH-USD'))
        throw new Error('ETH-USD is not listed there')
      return encode(action, sequence)
    }
    await it.add(1, pushOf(1))
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'settled',
      left: [{ market: 'ETH-USD', reason: 'ETH-USD is not listed there' }],
    })
  })
})

describe('an exchange that refuses everything', () => {
  test('that is paused blames no market', async () => {
    const it = laneInMemory()
    it.chain.reverts = () => 'PAUSED'
    await it.add(1, pushOf(1))
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      reason: 'it would be reverted: PAUSED',
    })
    expect(await it.lane()).not.toHaveProperty('refused')
  })

  test('since its own nonce moved meanwhile is asked again with the new one', async () => {
    const it = laneInMemory({ sequenced: true })
    it.chain.reverts = () => 'INVALID_NONCE: current!=received 7!=6'
    await it.add(1, pushOf(1))
    await it.advance()
    expect(await it.stateOf(1)).toEqual({ kind: 'waiting' })
    it.chain.reverts = () => undefined
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })
})
