import type { ShadowMarket, ShadowReport } from '../../../lib/domain/parameters/shadow-report.ts'
import { begin } from './a-backtest.ts'

const slotMs = 10_000
const buckets = 240

/** An hour in shadow: the candidate pushes less, and follows a lying source for ten minutes. */
export function aShadowReport(changed: Partial<ShadowReport> = {}): ShadowReport {
  return {
    network: 'local',
    candidate: { number: 4, hash: '9f2c81d07a55e310' },
    active: { number: 3, hash: '17aa0e4bb2c94f01' },
    proposed: { at: begin - 60_000, by: 'anna', why: 'fewer pushes while markets are calm' },
    from: begin,
    to: begin + buckets * slotMs,
    changes: [
      { path: 'markets.BTC-USD.push.deviationBps', unit: 'bps', active: '25', candidate: '100' },
      { path: 'markets.BTC-USD.minSources', unit: 'count', active: '3', candidate: '1' },
    ],
    slots: { compared: 720, differ: 66, failed: 0, activeMs: 5_400, candidateMs: 610 },
    markets: [aShadowMarket('BTC-USD', 20_000), aShadowMarket('ETH-USD', 1_500)],
    pushes: {
      active: { count: 48, costUsd: '0.1824' },
      candidate: { count: 20, costUsd: '0.076' },
    },
    refusals: {
      active: { 'refused too-few-sources': 12 },
      candidate: { 'hold jump': 2 },
    },
    liquidations: {
      active: { count: 1, accounts: ['0xaaaa'] },
      candidate: { count: 3, accounts: ['0xaaaa', '0xbbbb', '0xcccc'] },
    },
    differences: [
      {
        at: begin + 60 * slotMs,
        slot: 167_849_340,
        job: 'publish-prices',
        subject: 'BTC-USD',
        active: 'refused: too few sources',
        candidate: '20600',
      },
      {
        at: begin + 61 * slotMs,
        slot: 167_849_341,
        job: 'push-prices',
        subject: 'BTC-USD on evm',
        active: 'waits: unchanged',
        candidate: 'due: deviation',
      },
    ],
    ...changed,
  }
}

function aShadowMarket(market: string, size: number): ShadowMarket {
  const at = Array.from({ length: buckets }, (_, place) => begin + (place + 1) * slotMs)
  const own = at.map((_, place) =>
    isApart(place) && place < 72 ? null : size * (1 + 0.001 * Math.sin(place / 15)),
  )
  const other = own.map((price, place) => {
    const known = price ?? size
    return isApart(place) ? known * 1.03 : known
  })
  return {
    market,
    compared: 240,
    differ: 33,
    medianBps: 0,
    worst: { bps: 300, at: begin + 80 * slotMs },
    pushes: {
      active: { count: 24, costUsd: '0.0912' },
      candidate: { count: 10, costUsd: '0.038' },
    },
    refusals: { active: { 'refused too-few-sources': 6 }, candidate: { 'hold jump': 1 } },
    course: {
      at,
      price: { active: own, candidate: other },
      deviationBps: own.map((price, place) => (price === null ? null : isApart(place) ? 300 : 0)),
      pushes: {
        active: at.map((_, place) => (place % 10 === 0 ? 1 : 0)),
        candidate: at.map((_, place) => (place % 24 === 0 ? 1 : 0)),
      },
    },
  }
}

/** The ten minutes in which a source lies. */
function isApart(place: number): boolean {
  return place >= 60 && place < 120
}
