import type { Simulation } from './calls.ts'
import type { ChainTruth } from './chain-truth.ts'
import { usualPrice } from './fees.ts'
import { markets } from './markets.ts'
import type { PlannedEvent } from './plan.ts'

/** Something that happens to a chain, a table or the reports, whoever is awaiting what. */
export function happen(sim: Simulation, truth: ChainTruth, event: PlannedEvent): void {
  const { time } = sim
  const { size, other } = event
  switch (event.kind) {
    case 'reorg':
      return truth.reorganise(1 + Math.floor(size * 7), fateOf(other))
    case 'evict':
      return truth.evict()
    case 'race':
      truth.race = true
      return undefined
    case 'stall':
      truth.stalled = true
      return later(lengthOf(size), () => {
        truth.stalled = false
      })
    case 'halt':
      truth.halted = true
      return later(lengthOf(size), () => {
        truth.halted = false
      })
    case 'foreign-block':
      return truth.foreignBlock(accountOf(other))
    case 'foreign-pool':
      return truth.foreignInPool(accountOf(size), other < 0.5)
    case 'spike':
      truth.price = (usualPrice * BigInt(Math.ceil(100 + size * 900))) / 100n
      return later(lengthOf(other), () => {
        truth.price = usualPrice + (usualPrice * BigInt(Math.floor(size * 100))) / 100n
      })
    case 'outage': {
      const what = other < 0.3 ? truth.kind : other < 0.6 ? 'table 1' : 'table 0'
      sim.out.add(what)
      return later(lengthOf(size), () => {
        sim.out.delete(what)
      })
    }
    case 'no-funds':
      truth.funds = false
      return later(lengthOf(size), () => {
        truth.funds = true
      })
    case 'revert': {
      const last = Math.floor(size * 10)
      const { reverts } = truth
      truth.reverts = (work) => (work.includes(`${last}@`) ? 'the market is closed' : reverts(work))
      return undefined
    }
    case 'refusal': {
      const market = markets[Math.floor(size * truth.plan.markets)]
      if (!market) return undefined
      // One that no simulation sees ends with the troubles: nothing at all goes through beside it.
      truth.refused.set(market, other < 0.3 ? 'unseen' : 'seen')
      if (other >= 0.6) return undefined
      return later(lengthOf(other), () => {
        truth.refused.delete(market)
      })
    }
    case 'slander':
      truth.slander = other < 0.5 ? 'taken' : 'not-taken'
      return later(lengthOf(size), () => {
        truth.slander = undefined
      })
    // Decided by whoever publishes.
    case 'forged-report':
    case 'missing-report':
      return undefined
  }

  function accountOf(part: number): number {
    return Math.floor(part * truth.plan.accounts)
  }

  function later(ms: number, act: () => void): void {
    time.after(ms, () => {
      act()
      return false
    })
  }
}

/** Where the transactions of a lost block are then: the other branch may have taken what they had replaced. */
function fateOf(other: number): 'pool' | 'dropped' | 'rivals' {
  if (other < 0.4) return 'pool'
  return other < 0.7 ? 'dropped' : 'rivals'
}

/** Mostly short, sometimes longer than anything waits. */
function lengthOf(size: number): number {
  return 1_000 + size ** 3 * 160_000
}
