import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  follow,
  freeNonce,
  gap,
  blocksToAsk,
  doubtedBlocks,
  hashesToAsk,
  isBehind,
  lanePolicy,
  type LaneSight,
  newestInclusion,
  nextSendStep,
  settledIn,
} from '../../lib/domain/lane-follow.ts'
import type { Lane, LaneAttempt, LaneTransaction } from '../../lib/domain/lane.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { Block, TransactionStatus } from '../../lib/domain/transaction.ts'

const now = timestamp(1_764_000_000_000)

function ago(ms: number): Timestamp {
  return timestamp(now - ms)
}

function blockOf(number: number, fork = 0): Block {
  return { number, hash: `0xb${fork}${number}`, time: timestamp(now - 100_000 + number * 1_000) }
}

const stands = (block: Block) => ({ block, now: block })
const replacedBy = (block: Block) => ({ block, now: blockOf(block.number, 1) })

function anAttempt(hash: `0x${string}`, change: Partial<LaneAttempt> = {}): LaneAttempt {
  const fee = { kind: 'evm', gas: 1n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n } as const
  return { hash, bytes: hash, fee, signedAt: ago(60_000), sentAt: ago(1_000), ...change }
}

function aTransaction(nonce: number, change: Partial<LaneTransaction> = {}): LaneTransaction {
  return {
    nonce,
    sequence: undefined,
    intents: [`work ${nonce}`],
    attempts: [anAttempt(`0x${nonce}`)],
    state: 'sent',
    block: undefined,
    outcome: undefined,
    seenAt: undefined,
    lostSince: undefined,
    ...change,
  }
}

function inBlock(
  nonce: number,
  block: Block,
  change: Partial<LaneTransaction> = {},
): LaneTransaction {
  return aTransaction(nonce, {
    state: 'included',
    block,
    outcome: 'succeeded',
    seenAt: ago(5_000),
    ...change,
  })
}

function aLane(inFlight: readonly LaneTransaction[], nextNonce?: number): Lane {
  return { id: 'chain/0xaa', nextNonce, inFlight, version: 1 }
}

function aSight(change: Partial<LaneSight> = {}): LaneSight {
  return {
    now,
    head: blockOf(10),
    finalityBlocks: 3,
    latestNonce: 5,
    statuses: new Map(),
    doubted: new Set(),
    stalled: false,
    policy: lanePolicy,
    ...change,
  }
}

function statuses(of: Readonly<Record<string, TransactionStatus>>) {
  return new Map(Object.entries(of))
}

function doubtOf(number: number): ReadonlySet<string> {
  return new Set([blockOf(number).hash])
}

function landed(block: Block, final = false): TransactionStatus {
  return { kind: 'included', block, outcome: 'succeeded', reason: undefined, feePaid: 1n, final }
}

describe('what must be asked', () => {
  test("every attempt that is in no block, or in one that may not be the chain's", () => {
    const two = [anAttempt('0xa'), anAttempt('0xb')]
    const lane = aLane([inBlock(4, blockOf(8)), aTransaction(5, { attempts: two })])
    expect(hashesToAsk(lane, new Set())).toEqual(['0xa', '0xb'])
    expect(hashesToAsk(lane, doubtOf(8))).toEqual(['0x4', '0xa', '0xb'])
  })

  const two = aLane([inBlock(3, blockOf(9)), inBlock(4, blockOf(7)), aTransaction(5)])

  test('the newest block, and each that would settle something now', () => {
    expect(newestInclusion(aLane([aTransaction(5)]))).toBeUndefined()
    expect(newestInclusion(two)).toEqual(blockOf(9))
    const at = (head: number) => blocksToAsk(two, { head: blockOf(head), finalityBlocks: 3 })
    expect(at(9)).toEqual([blockOf(9)])
    expect(at(10)).toEqual([blockOf(9), blockOf(7)])
    expect(at(12)).toEqual([blockOf(9), blockOf(7)])
  })

  test('where the newest block is gone all others are doubted, else those that were asked for and are gone', () => {
    expect(doubtedBlocks(two, [stands(blockOf(9)), stands(blockOf(7))])).toEqual(new Set())
    expect(doubtedBlocks(two, [stands(blockOf(9)), replacedBy(blockOf(7))])).toEqual(doubtOf(7))
    const both = new Set([...doubtOf(9), ...doubtOf(7)])
    expect(doubtedBlocks(two, [replacedBy(blockOf(9))])).toEqual(both)
    expect(doubtedBlocks(two, [{ block: blockOf(9), now: undefined }])).toEqual(both)
  })
})

describe('a node that is behind', () => {
  const lane = aLane([inBlock(4, blockOf(8))])

  test('has not got the block that the lane is done with, nor a younger one', () => {
    const done = { ...aLane([]), settledIn: blockOf(8) }
    expect(isBehind(done, aSight({ head: blockOf(7) }))).toBe(true)
    expect(isBehind(done, aSight({ head: blockOf(8) }))).toBe(false)
    expect(isBehind(done, aSight({ head: { ...blockOf(2), time: now } }))).toBe(false)
    expect(settledIn(done, [blockOf(7), blockOf(9)])).toEqual(blockOf(9))
    expect(settledIn(done, [])).toEqual(blockOf(8))
  })

  test('has neither the block nor a younger one', () => {
    expect(isBehind(lane, aSight({ head: blockOf(7) }))).toBe(true)
    expect(isBehind(lane, aSight({ head: blockOf(8) }))).toBe(false)
  })

  test('is believed when it has a younger block with a lower number, for then the chain went back', () => {
    expect(isBehind(lane, aSight({ head: { ...blockOf(7), time: now } }))).toBe(false)
  })

  test('is believed when it stays behind', () => {
    const later = timestamp(now + lanePolicy.lostAfterMs)
    expect(isBehind(lane, aSight({ head: blockOf(7), now: later }))).toBe(false)
  })
})

describe('a transaction after a look', () => {
  test('in a block that stands is the very same, until it is deep enough', () => {
    const one = inBlock(4, blockOf(8))
    const open = follow(one, aSight())
    expect(open.kind).toBe('open')
    expect(open.transaction).toBe(one)
    expect(follow(one, aSight({ head: blockOf(11) })).kind).toBe('final')
  })

  test('that is seen in a block for the first time remembers when', () => {
    const seen = follow(
      aTransaction(5),
      aSight({ statuses: statuses({ '0x5': landed(blockOf(9)) }) }),
    )
    expect(seen).toMatchObject({
      kind: 'open',
      transaction: { state: 'included', block: blockOf(9), seenAt: now },
    })
  })

  test('that the chain itself calls final is final in any block', () => {
    const sight = aSight({ statuses: statuses({ '0x5': landed(blockOf(10), true) }) })
    expect(follow(aTransaction(5), sight).kind).toBe('final')
  })

  test('whose block is gone is in another one, or outside again', () => {
    const one = inBlock(4, blockOf(9))
    const moved = statuses({ '0x4': landed(blockOf(9, 1)) })
    expect(follow(one, aSight({ doubted: doubtOf(9), statuses: moved }))).toMatchObject({
      transaction: { state: 'included', block: blockOf(9, 1), seenAt: ago(5_000) },
    })
    const gone = follow(one, aSight({ doubted: doubtOf(9), latestNonce: 4 }))
    expect(gone.transaction).toEqual(aTransaction(4))
  })

  test('that is first seen in a deep block is not final before that block was asked for', () => {
    const seen = follow(
      aTransaction(5),
      aSight({ head: blockOf(20), statuses: statuses({ '0x5': landed(blockOf(9)) }) }),
    )
    expect(seen.kind).toBe('open')
    expect(follow(seen.transaction, aSight({ head: blockOf(20) })).kind).toBe('final')
    const doubted = aSight({ head: blockOf(20), doubted: doubtOf(9) })
    expect(follow(seen.transaction, doubted)).toMatchObject({ transaction: { state: 'sent' } })
  })

  test('in the same block where a newer one of the lane was lost is the very same', () => {
    const one = inBlock(4, blockOf(8))
    const sight = aSight({
      doubted: doubtOf(8),
      statuses: statuses({ '0x4': landed(blockOf(8)) }),
    })
    expect(follow(one, sight).transaction).toBe(one)
  })

  test('whose nonce others used is lost only when it stays so', () => {
    const used = aSight({ latestNonce: 6 })
    const suspected = follow(aTransaction(5), used)
    expect(suspected).toMatchObject({ kind: 'open', transaction: { lostSince: now } })
    const buried = blockOf(used.head.number + used.finalityBlocks)
    const later = { ...used, head: buried, now: timestamp(now + lanePolicy.lostAfterMs) }
    expect(follow(suspected.transaction, later).kind).toBe('lost')
    const shallow = { ...later, head: blockOf(buried.number - 1) }
    expect(follow(suspected.transaction, shallow).kind).toBe('open')
    expect(follow(suspected.transaction, { ...shallow, finalityBlocks: 99 }).kind).toBe('open')
    const deep = { ...later, finalityBlocks: 99, head: blockOf(used.head.number + 10) }
    expect(follow(suspected.transaction, deep).kind).toBe('lost')
    const pending = statuses({ '0x5': { kind: 'pending' } })
    expect(follow(suspected.transaction, { ...later, statuses: pending }).transaction).toEqual(
      aTransaction(5),
    )
    expect(follow(suspected.transaction, { ...later, latestNonce: 5 }).transaction).toEqual(
      aTransaction(5),
    )
  })
})

function sentAgo(ms: number): LaneTransaction {
  return aTransaction(5, { attempts: [anAttempt('0x5', { sentAt: ago(ms) })] })
}

describe('what to do with one that is in no block', () => {
  const known = aSight({ statuses: statuses({ '0x5': { kind: 'pending' } }) })

  test.for([
    [4_999, 'wait', 'wait'],
    [5_000, 'send', 'wait'],
    [29_999, 'send', 'wait'],
    [30_000, 'replace', 'replace'],
  ] as const)(
    '%i ms after it was sent: %s, and %s where a pool has it',
    ([ms, unknown, pooled]) => {
      expect(nextSendStep(sentAgo(ms), aSight())).toBe(unknown)
      expect(nextSendStep(sentAgo(ms), known)).toBe(pooled)
    },
  )

  test('what was never sent is sent first', () => {
    const attempts = [
      anAttempt('0x5', { sentAt: ago(90_000) }),
      anAttempt('0x6', { sentAt: undefined }),
    ]
    expect(nextSendStep(aTransaction(5, { attempts }), known)).toBe('send')
  })

  test('after the last attempt it is only sent again', () => {
    const attempts = Array.from({ length: lanePolicy.maxAttempts }, (_, at) =>
      anAttempt(`0x${at}`, { sentAt: ago(90_000) }),
    )
    expect(nextSendStep(aTransaction(5, { attempts }), aSight())).toBe('send')
  })

  const { replaceAfterMs } = lanePolicy
  test.for([
    ['before its deadline', { inMs: 1, sentMsAgo: undefined }, 'send'],
    ['at its deadline', { inMs: 0, sentMsAgo: undefined }, 'cancel'],
    ['out, while it may land', { inMs: 0, sentMsAgo: replaceAfterMs - 1 }, 'wait'],
    ['out, when that was long enough', { inMs: 0, sentMsAgo: replaceAfterMs }, 'cancel'],
    ['out, before its deadline', { inMs: 1, sentMsAgo: replaceAfterMs }, 'replace'],
  ] as const)('work that is %s', ([, { inMs, sentMsAgo }, step]) => {
    const sentAt = sentMsAgo === undefined ? undefined : ago(sentMsAgo)
    const deadline = timestamp(now + inMs)
    const late = aTransaction(5, { deadline, attempts: [anAttempt('0x5', { sentAt })] })
    expect(nextSendStep(late, known)).toBe(step)
    expect(nextSendStep(late, { ...known, stalled: true })).toBe(
      step === 'cancel' || step === 'replace' ? 'wait' : step,
    )
  })

  test('one with a blob is raised after five minutes only, since each time it is twice as dear', () => {
    const fee = {
      kind: 'evm',
      gas: 1n,
      maxFeePerGas: 1n,
      maxPriorityFeePerGas: 1n,
      blobs: { gas: 131_072n, maxFeePerGas: 1n },
    } as const
    const step = (sentMsAgo: number) =>
      nextSendStep(
        aTransaction(5, { attempts: [anAttempt('0x5', { fee, sentAt: ago(sentMsAgo) })] }),
        known,
      )
    expect([step(replaceAfterMs), step(299_999), step(300_000)]).toEqual([
      'wait',
      'wait',
      'replace',
    ])
  })

  test('what does nothing is never too late, and has attempts of its own', () => {
    const deadline = ago(1)
    const work = Array.from({ length: lanePolicy.maxAttempts }, () =>
      anAttempt('0x4', { sentAt: ago(90_000) }),
    )
    const unsent = anAttempt('0x5', { nothing: true, sentAt: undefined })
    const resting = anAttempt('0x5', { nothing: true, sentAt: ago(replaceAfterMs) })
    const step = (last: LaneAttempt) =>
      nextSendStep(aTransaction(5, { deadline, attempts: [...work, last] }), known)
    expect([step(unsent), step(resting)]).toEqual(['send', 'replace'])
  })

  test('one that may be lost, or is in a block, is left alone', () => {
    expect(nextSendStep({ ...sentAgo(90_000), lostSince: now }, aSight())).toBe('wait')
    expect(nextSendStep(inBlock(5, blockOf(9)), aSight())).toBe('wait')
  })
})

describe('nonces', () => {
  const chain = fc
    .tuple(fc.nat(20), fc.nat(5))
    .map(([latest, more]) => ({ latest, pending: latest + more }))
  const lanes = fc
    .tuple(fc.option(fc.nat(25), { nil: undefined }), fc.uniqueArray(fc.nat(24), { maxLength: 4 }))
    .map(([next, nonces]) =>
      aLane(
        nonces.map((nonce) => aTransaction(nonce)),
        nonces.length > 0 ? Math.max(next ?? 0, ...nonces.map((nonce) => nonce + 1)) : next,
      ),
    )

  test('a free nonce is used by nobody: not by a block, not in the pool, not in the lane', () => {
    fc.assert(
      fc.property(lanes, chain, (lane, seen) => {
        const free = freeNonce(lane, seen)
        expect(free).toBeGreaterThanOrEqual(Math.max(seen.latest, seen.pending))
        for (const { nonce } of lane.inFlight) expect(free).toBeGreaterThan(nonce)
      }),
    )
  })

  test("with nothing out it is the chain's next, so that nothing waits for a gap", () => {
    fc.assert(
      fc.property(fc.option(fc.nat(25), { nil: undefined }), chain, (next, seen) => {
        expect(freeNonce(aLane([], next), seen)).toBe(seen.pending)
      }),
    )
  })

  test('a gap is every nonce from the chain to the first that waits, but for our own', () => {
    fc.assert(
      fc.property(lanes, chain, (lane, seen) => {
        const first = Math.min(...lane.inFlight.map(({ nonce }) => nonce))
        const wanted = Array.from({ length: 25 }, (_, nonce) => nonce).filter(
          (nonce) => nonce >= seen.pending && nonce < first && Number.isFinite(first),
        )
        expect(gap(lane, seen, aSight())).toEqual(wanted)
      }),
    )
  })

  test('what was signed just now shows no gap yet: the node may only be behind', () => {
    const young = aTransaction(9, { attempts: [anAttempt('0x9', { signedAt: ago(29_999) })] })
    expect(gap(aLane([young], 10), { latest: 7, pending: 7 }, aSight())).toEqual([])
    const old = aTransaction(9, { attempts: [anAttempt('0x9', { signedAt: ago(30_000) })] })
    expect(gap(aLane([old], 10), { latest: 7, pending: 7 }, aSight())).toEqual([7, 8])
  })
})
