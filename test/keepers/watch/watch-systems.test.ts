import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { allChannels as channels, watchedWorld } from './watched-world.ts'

let it: Awaited<ReturnType<typeof watchedWorld>>

beforeEach(async () => {
  it = await watchedWorld()
  // So many looks show what is usual.
  await looks(8)
}, 60_000)

afterEach(async () => {
  for (const node of [...it.l1, ...it.l2]) {
    node.trouble = 'none'
    node.lie = () => undefined
  }
  await it.end()
})

/** How often each channel's receiver took something. */
function taken() {
  const received = it.pagers.received()
  return channels.map((channel) => received.filter(({ pager }) => pager === channel).length)
}

const looks = async (count: number, going: Parameters<typeof it.look>[0] = {}) => {
  for (let look = 0; look < count; look += 1) await it.look(going)
}

describe('a watcher tells through every channel, once, with the cause, and of the end', () => {
  test('the sequencer stops', { timeout: 120_000 }, async () => {
    await looks(14, { l2: false })
    await looks(6)
    expect(it.told()).toEqual([
      'opened chain-stalled mainnet:l2',
      'worsened chain-stalled mainnet:l2',
      'resolved chain-stalled mainnet:l2',
    ])
    expect(taken()).toEqual(channels.map(() => 3))
    const open = [...it.pagers.pagerdutyIncidents().values()]
    expect(open.map(({ state, incidents }) => ({ state, incidents }))).toEqual([
      { state: 'resolved', incidents: 1 },
    ])
  })

  test('Ethereum stops', { timeout: 120_000 }, async () => {
    await looks(14, { l1: false })
    await looks(6)
    expect(it.told()).toEqual([
      'opened chain-stalled mainnet:l1',
      'worsened chain-stalled mainnet:l1',
      'resolved chain-stalled mainnet:l1',
    ])
    expect(taken()).toEqual(channels.map(() => 3))
  })

  test(
    'nothing is settled for longer than may be, while both chains go on',
    { timeout: 240_000 },
    async () => {
      await it.end()
      it = await watchedWorld({ mostSettleMs: 1_200_000 })
      await looks(44)
      const [opened, worsened] = it.notices.flatMap((notice) =>
        notice.kind === 'incident' ? [notice] : [],
      )
      expect(opened?.incident).toMatchObject({
        rule: 'progress-stalled',
        subject: 'mainnet:state-update',
        severity: 'warning',
      })
      expect(worsened?.incident).toMatchObject({ rule: 'progress-stalled', severity: 'critical' })
      await it.settleNext()
      await looks(4)
      expect(it.told()).toEqual([
        'opened progress-stalled mainnet:state-update',
        'worsened progress-stalled mainnet:state-update',
        'resolved progress-stalled mainnet:state-update',
      ])
    },
  )

  test('a node lies about how far the chain is', { timeout: 120_000 }, async () => {
    it.l2[1].lie = ({ method, params }, truth) =>
      method === 'starknet_getBlockWithTxHashes' && JSON.stringify(params).includes('latest')
        ? { ...(truth as object), block_number: 9_000_000, block_hash: '0xbad' }
        : undefined
    await looks(4)
    it.l2[1].lie = () => undefined
    await looks(6)
    expect(it.told()).toEqual([
      'opened nodes-disagree mainnet:l2',
      'resolved nodes-disagree mainnet:l2',
    ])
    expect(taken()).toEqual(channels.map(() => 2))
  })

  test('blocks are undone', { timeout: 120_000 }, async () => {
    it.box.faults.set({ fault: 'reorg', blocks: 3 })
    // Until it is as high again, it may be a node that lags.
    await looks(3)
    expect(it.told()).toEqual(['opened head-went-back mainnet:l2'])
    for (let part = 0; part < 5; part += 1) {
      await looks(14)
      await it.settleNext()
    }
    expect(it.told()).toEqual([
      'opened head-went-back mainnet:l2',
      'resolved head-went-back mainnet:l2',
    ])
  })

  test('no node answers: nothing is said of the chain', { timeout: 120_000 }, async () => {
    for (const node of it.l2) node.trouble = 'dead'
    await looks(20)
    for (const node of it.l2) node.trouble = 'none'
    await looks(6)
    expect(it.told()).toEqual([
      'opened chain-unreachable mainnet:l2',
      'resolved chain-unreachable mainnet:l2',
    ])
  })
})

describe('a channel that is dead', () => {
  test(
    'is stood in for by the fallback, and told when it is back',
    { timeout: 120_000 },
    async () => {
      await it.end()
      it = await watchedWorld({ told: ['pagerduty'] })
      await looks(8)
      it.pagers.faults.set('pagerduty', { kind: 'status', status: 500 })
      await looks(14, { l2: false })
      const told = (pager: string) =>
        it.pagers.received().filter((message) => message.pager === pager).length
      expect(told('pagerduty')).toBe(0)
      expect(told('slack')).toBeGreaterThan(0)
      it.pagers.faults.clear()
      await looks(20, { l2: false })
      const [triggered] = [...it.pagers.pagerdutyIncidents().values()]
      expect(triggered).toMatchObject({ state: 'triggered', incidents: 1 })
      await looks(6)
      const [pagerduty] = [...it.pagers.pagerdutyIncidents().values()]
      expect(pagerduty).toMatchObject({ state: 'resolved', incidents: 1 })
    },
  )
})

describe('a watch that is dead', () => {
  test('is noticed outside, and that it lives again too', { timeout: 120_000 }, async () => {
    expect(it.lifeline.state()).toBe('up')
    expect(it.lifeline.log().at(-1)).toMatch(/^\d{4}-.*: 0 found; mainnet:l1 \d+, mainnet:l2 \d+$/)
    it.sleepThrough(600)
    expect(it.lifeline.state()).toBe('down')
    await looks(1)
    expect(it.lifeline.state()).toBe('up')
  })

  test(
    'begins with what it knew: the time that it missed is told at once',
    { timeout: 120_000 },
    async () => {
      it.sleepThrough(600)
      await looks(1, { l2: false })
      expect(it.told()).toEqual(['opened chain-stalled mainnet:l2'])
      const [incident] = await it.incidents()
      expect(incident?.severity).toBe('critical')
    },
  )
})
