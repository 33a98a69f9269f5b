import { expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import { decode, encode } from '../../lib/domain/exact-text.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { decisionText } from '../../lib/keepers/decision-text.ts'
import { pushPrices, type PushView } from '../../lib/keepers/push-prices.ts'
import { steppedClock } from '../adapters/store/samples.ts'

const now = timestamp(1_764_000_000_000)
const rules = {
  policy: { 'BTC-USD': { deviationBps: 50, heartbeatSeconds: 60 } },
  quorum: {},
  agreeWithinBps: { 'BTC-USD': 100 },
  roundSeconds: 10,
  collectMs: 2_000,
  nodes: 2,
}

function signedBy(node: string, price: string): SignedReport {
  const signature = { signer: `0x${Buffer.from(node).toString('hex')}` as const }
  return {
    node,
    round: 7,
    feed: parseMarket('BTC-USD'),
    price: new Decimal(price),
    observedAt: now,
    oldestInputAt: now,
    sources: 5,
    configHash: '0x5f',
    signatures: {
      core: { ...signature, signature: ['0xaaaa', '0xbbbb'], seal: ['0xcccc', '0xdddd'] },
    },
  }
}

const view: PushView = {
  engine: 'core',
  now,
  state: {
    block: { number: 1, hash: '0x01', time: now },
    paused: false,
    sequence: 4n,
    quorum: { 'BTC-USD': 2 },
    prices: {},
  },
  blockSeconds: 2,
  rounds: [{ round: 7, reports: ['a', 'b', 'c'].map((node) => signedBy(node, '100')) }],
  invalid: [],
  sights: [],
  lies: [
    {
      node: 'd',
      what: 'equivocated',
      detail: 'two prices',
      evidence: [signedBy('d', '1'), signedBy('d', '2')],
    },
  ],
  pulled: [
    { kind: 'keep-reports', engine: 'core', node: 'c', round: 7, reports: [signedBy('c', '100')] },
  ],
  inFlight: {},
  rules,
}

const keeper = pushPrices({
  clock: steppedClock(),
  store: memoryStore({ clock: steppedClock() }),
  engines: {},
  peers: [],
  laneOf: () => {
    throw new TypeError('nothing is sent here')
  },
  rules,
})

test('history keeps who signed and not the words, which are sent and stored all the same', () => {
  const decision = keeper.decide(view)
  const kept = encode(keeper.kept?.(view))
  for (const text of [kept, decisionText(decision)]) {
    expect(text).not.toMatch(/aaaa|bbbb|cccc|dddd/)
    for (const node of ['a', 'b', 'c', 'd'])
      expect(text).toContain(`"signer":"0x${Buffer.from(node).toString('hex')}"`)
  }
  expect(decision.actions.map(({ kind }) => kind)).toEqual([
    'push-prices',
    'keep-reports',
    'note-peers',
  ])
  for (const action of decision.actions) expect(encode(action)).toContain('0xaaaa')
})

test('what was kept is decided again to the same text', () => {
  const kept = decode(encode(keeper.kept?.(view))) as PushView
  expect(decisionText(keeper.decide(kept))).toBe(decisionText(keeper.decide(view)))
})
