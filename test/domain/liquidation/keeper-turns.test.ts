import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type KeeperRules,
  keepersInTurn,
  type KeeperTurns,
  noTurns,
  othersTurn,
  turnsAfter,
} from '../../../lib/domain/liquidation/keeper-turns.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const begin = timestamp(1_764_000_000_000)
const after = (seconds: number) => timestamp(begin + seconds * 1_000)
const three = ['0xa1', '0xb2', '0xc3']
const accounts = Array.from({ length: 3_000 }, (_, at) => `0x${at.toString(16).padStart(40, '0')}`)

function rules(self: string, keepers: readonly string[] = three): KeeperRules {
  return { self, keepers, staggerSeconds: 10 }
}

/** An account in whose line these stand so. */
function accountOf(order: readonly string[]): string {
  const found = accounts.find((one) => keepersInTurn(one, three).join() === order.join())
  if (found === undefined) throw new RangeError('there is none')
  return found
}

const names = fc.uniqueArray(fc.stringMatching(/^0x[0-9a-f]{4,40}$/), {
  minLength: 1,
  maxLength: 8,
})
const account = fc.stringMatching(/^0x[0-9a-f]{1,40}$/)

describe('an account', () => {
  test('has exactly one first keeper, whoever asks and in whatever order they are named', () => {
    fc.assert(
      fc.property(names, account, (keepers, one) => {
        const inTurn = keepersInTurn(one, keepers)
        expect(inTurn.toSorted()).toEqual(keepers.toSorted())
        expect(keepersInTurn(one, keepers.toReversed())).toEqual(inTurn)
        const now = begin
        const turns = { since: { [one]: now }, left: {}, ours: [] }
        const free = keepers.filter((self) => {
          const mine = { self, keepers, staggerSeconds: 1 }
          return !othersTurn([one], { rules: mine, turns, now }).has(one)
        })
        expect(free).toEqual(inTurn.slice(0, 1))
      }),
    )
  })

  test('stays where it is when a keeper goes, unless it was that one’s', () => {
    fc.assert(
      fc.property(names, account, fc.nat(), (keepers, one, at) => {
        const gone = keepers[at % keepers.length]
        const before = keepersInTurn(one, keepers)
        const later = keepersInTurn(
          one,
          keepers.filter((keeper) => keeper !== gone),
        )
        expect(later).toEqual(before.filter((keeper) => keeper !== gone))
      }),
    )
  })

  test('is a third of the time each one’s of three, and what one leaves is shared by both others', () => {
    const firsts = accounts.map((one) => keepersInTurn(one, three))
    for (const keeper of three) {
      const theirs = firsts.filter(([first]) => first === keeper)
      // Four standard deviations of 3,000 throws at one in three, and of 1,000 at one in two.
      expect(Math.abs(theirs.length - 1_000)).toBeLessThan(104)
      const [, heir] = three.filter((other) => other !== keeper)
      const next = theirs.filter(([, second]) => second === heir)
      expect(Math.abs(next.length - theirs.length / 2)).toBeLessThan(70)
    }
  })
})

describe('the turn', () => {
  const [a = '', b = '', c = ''] = three
  const one = accountOf([a, b, c])
  const turns: KeeperTurns = { since: { [one]: begin }, left: {}, ours: [] }
  const isFree = (self: string, seconds: number, known = turns) =>
    !othersTurn([one], { rules: rules(self), turns: known, now: after(seconds) }).has(one)

  test('of the first is at once, of each other one a stagger later', () => {
    expect([isFree(a, 0), isFree(b, 0), isFree(c, 0)]).toEqual([true, false, false])
    expect([isFree(b, 9.999), isFree(b, 10)]).toEqual([false, true])
    expect([isFree(c, 19.999), isFree(c, 20)]).toEqual([false, true])
  })

  test('begins with the first look: what nobody saw before is not late', () => {
    expect(isFree(b, 100, noTurns)).toBe(false)
  })

  test('whoever is alone waits for nobody', () => {
    const alone = rules(c, [c])
    expect(othersTurn([one], { rules: alone, turns, now: begin }).size).toBe(0)
  })
})

describe('a keeper that leaves its accounts', () => {
  const [a = '', b = '', c = ''] = three
  const mine = rules(b)
  /** Each is seen, left for a stagger, taken by us, and gone. */
  const leftTimes = (times: number) => {
    let turns: KeeperTurns = noTurns
    for (let at = 0; at < times; at += 1) {
      const one = accountOf([a, b, c])
      turns = turnsAfter(turns, { rules: mine, now: after(at * 20), below: [one], taken: [] })
      turns = turnsAfter(turns, {
        rules: mine,
        now: after(at * 20 + 10),
        below: [one],
        taken: [one],
      })
      turns = turnsAfter(turns, { rules: mine, now: after(at * 20 + 11), below: [], taken: [] })
    }
    return turns
  }
  const waits = (turns: KeeperTurns, seconds: number) => {
    const one = accountOf([a, b, c])
    const known = { ...turns, since: { [one]: after(seconds) } }
    return othersTurn([one], { rules: mine, turns: known, now: after(seconds) }).has(one)
  }

  test('twice is still waited for, three times is not, for ten minutes', () => {
    expect(waits(leftTimes(2), 60)).toBe(true)
    const turns = leftTimes(3)
    expect([waits(turns, 60), waits(turns, 649), waits(turns, 650)]).toEqual([false, false, true])
  })

  test('and after that once more is enough', () => {
    const one = accountOf([a, b, c])
    let turns = leftTimes(3)
    turns = turnsAfter(turns, { rules: mine, now: after(700), below: [one], taken: [] })
    turns = turnsAfter(turns, { rules: mine, now: after(710), below: [one], taken: [one] })
    expect(waits(turns, 720)).toBe(false)
  })

  test('is counted once for an account, however many slots it takes us', () => {
    const one = accountOf([a, b, c])
    let turns = turnsAfter(noTurns, { rules: mine, now: begin, below: [one], taken: [] })
    for (const seconds of [10, 11, 12, 13])
      turns = turnsAfter(turns, { rules: mine, now: after(seconds), below: [one], taken: [one] })
    expect(turns.left).toEqual({ [a]: { times: 1, at: after(10) } })
  })

  test('is not late while everybody is held back after a stall', () => {
    const one = accountOf([a, b, c])
    let turns: KeeperTurns = noTurns
    for (const seconds of [0, 20, 40])
      turns = turnsAfter(turns, {
        rules: mine,
        now: after(seconds),
        below: [one],
        taken: [],
        isHeld: true,
      })
    const at = (seconds: number) =>
      othersTurn([one], { rules: mine, turns, now: after(seconds) }).has(one)
    expect([at(49), at(50)]).toEqual([true, false])
  })

  test('that is slow in a crash is there, as long as it has some of its accounts', () => {
    const one = accountOf([a, b, c])
    const turns = leftTimes(2)
    const busy = turnsAfter(turns, { rules: mine, now: after(100), below: [one], taken: [] })
    expect(turnsAfter(busy, { rules: mine, now: after(160), below: [], taken: [] }).left).toEqual(
      {},
    )
  })

  test('but had one of its accounts in its time is there again', () => {
    const one = accountOf([a, b, c])
    let turns = leftTimes(2)
    turns = turnsAfter(turns, { rules: mine, now: after(100), below: [one], taken: [] })
    turns = turnsAfter(turns, { rules: mine, now: after(105), below: [], taken: [] })
    expect(turns.left).toEqual({})
  })

  test('an account that we take for having less than nothing is nobody’s fault', () => {
    const one = accountOf([a, b, c])
    const turns = turnsAfter(noTurns, { rules: mine, now: begin, below: [one], taken: [one] })
    expect(turns.left).toEqual({})
  })
})
