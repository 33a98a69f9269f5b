import type { NetworkView } from '../../lib/runtime/view/network-view.ts'
import { aView } from './a-view.ts'

const at = aView().at

type Liquidation = NetworkView['liquidation'][number]

const noStages = { signMs: undefined, sendMs: undefined, blockMs: undefined, allMs: undefined }
const stages = { signMs: 100, sendMs: 200, blockMs: 900, allMs: 1_200 }

const anAttempt: Liquidation['attempts'][number] = {
  key: 'a',
  at: at - 8_000,
  account: '0x1c33c21fde6ba2ac5d0388e8db7f054c90bbcd75',
  market: 'SOL-USD',
  outcome: 'won',
  why: '',
  notional: '32714.36',
  reward: '163.57',
  cover: '0.00',
  stages,
}

/** One in the middle of a crash, with everything that there is to see. */
export const aLiquidation: Liquidation = {
  engine: 'evm',
  newest: {
    at: at - 1_000,
    kind: 'done',
    reason: 'liquidated',
    detail: '3 of 12 below their margin',
    accounts: 2_600,
    candidates: 15,
    below: 12,
    bankrupt: 2,
    inFlight: 3,
    budgetPermille: 250,
    taken: 3,
    skipped: [
      { why: 'budget', count: 7 },
      { why: 'in-flight', count: 2 },
    ],
  },
  attempts: [
    { ...anAttempt, key: 'b', at: at - 2_000, outcome: 'sent', stages: noStages },
    anAttempt,
    { ...anAttempt, key: 'c', outcome: 'lost', why: 'somebody was first', notional: undefined },
    { ...anAttempt, key: 'd', outcome: 'missed', why: 'raced', stages: noStages },
  ],
  middle: { of: 2, ...stages },
  deleverage: {
    newest: {
      at: at - 1_000,
      kind: 'refused',
      reason: 'nobody-can-take',
      detail: '1 position without enough counterparties',
      bankrupt: 2,
    },
    parts: [
      {
        key: 'a',
        at: at - 5_000,
        account: '0xanna',
        counterparty: '0xcarl',
        market: 'ETH-USD',
        state: 'booked',
        why: '',
        loss: '4916.23',
      },
    ],
  },
  tellsFund: true,
  fund: {
    balance: '258.34',
    block: 359,
    inToday: '12.50',
    outToday: '102702.00',
    inPerDay: '12.50',
    outPerDay: '102702.00',
    overDays: 1,
    lastsDays: 0,
  },
  today: {
    day: '2025-11-24',
    upTo: { unit: 'block', number: 347 },
    bookedAt: at - 15_000,
    won: 15,
    hitPermille: 681,
    penalty: '327.14',
    reward: '163.57',
    exchangeFees: '0.00',
    unmarked: 0,
    fees: '3.70',
    feesUnknown: 4,
    net: '159.87',
    noEffect: 7,
    failureCost: '0.13',
    missed: 3,
    missedReward: '41.00',
    missedWhy: [
      { why: 'raced', count: 2 },
      { why: 'no-positions', count: 1 },
    ],
    deleveraged: 12,
  },
}

export const aFunding: NetworkView['funding'][number] = {
  engine: 'evm',
  epochSeconds: 3_600,
  epoch: 490_000,
  nextAt: at + 600_000,
  settledAt: at - 3_000_000,
  onItsWay: false,
  newest: { at: at - 10_000, reason: 'nothing-due', detail: 'epoch 490000 is settled' },
  markets: [
    {
      market: 'BTC-USD',
      now: { rate: '-0.0000313', sampled: 48, slots: 50 },
      last: { epoch: 490_000, at: at - 3_000_000, rate: '0.0000125', paid: '0.000025' },
      owedSeconds: 1_800,
    },
    { market: 'ETH-USD', now: undefined, last: undefined, owedSeconds: 0 },
  ],
}

export const somePositions: NetworkView['positions'][number] = {
  engine: 'evm',
  seen: { at: at - 1_000, accounts: 2_600, block: 1_348, head: 1_350, reason: 'catching-up' },
  check: {
    slots: 60,
    compared: 2_600,
    allSince: at - 130_000,
    full: { at: at - 600_000, why: 'this process begins' },
    stopped: undefined,
  },
  apart: { count: 1, first: ['0xanna: collateral 1, not 2'] },
  doubts: 0,
}
