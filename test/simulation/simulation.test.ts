import { describe, expect, test } from 'vitest'

import type { EvmFee, StarknetFee } from '../../lib/domain/fee.ts'
import { mayReplace } from './fees.ts'
import { minimise } from './minimise.ts'
import { mutants } from './mutants.ts'
import { planOf } from './plan.ts'
import { simulate } from './simulate.ts'
import { brokenWords } from './words.ts'

/** The suite's share; `npm run simulate` runs any number. */
const schedules = 3_000

describe('whatever happens to the network', () => {
  test('no rule of sending breaks', { timeout: 120_000 }, async () => {
    let works = 0
    let broken: number | undefined
    for (let seed = 1; seed <= schedules && broken === undefined; seed += 1) {
      const ended = await simulate(seed)
      works += ended.works
      if (ended.violation) broken = seed
    }
    expect(broken && brokenWords(await minimise(broken, simulate))).toBeUndefined()
    expect(works).toBeGreaterThan(schedules)
  })
})

describe('a schedule', () => {
  test('is its number: the same one happens the same way again', async () => {
    for (const seed of [3, 554, 961]) {
      const [one, other]: [string[], string[]] = [[], []]
      const first = await simulate(seed, { trace: (line) => one.push(line) })
      expect(await simulate(seed, { trace: (line) => other.push(line) })).toEqual(first)
      expect(one.length).toBeGreaterThan(20)
      expect(other).toEqual(one)
    }
  })

  test('may meet every trouble there is', async () => {
    const met = new Set<string>()
    for (let seed = 1; seed <= 400; seed += 1)
      for (const happened of (await simulate(seed)).happened)
        met.add(
          happened
            .replace(/^.*: ([a-z-]+) [\d.]+$/, '$1')
            .replace(/^event \d+: ([a-z-]+) of .*$/, '$1')
            .replace(/^.* (is lost|is late|comes twice)$/, '$1'),
        )
    expect([...met].toSorted()).toEqual([
      'answer-lost',
      'comes twice',
      'condition',
      'crash-after',
      'crash-before',
      'evict',
      'foreign-block',
      'foreign-pool',
      'forged-report',
      'freeze-after',
      'freeze-before',
      'halt',
      'is late',
      'is lost',
      'lag',
      'late',
      'lie',
      'missing-report',
      'no-funds',
      'outage',
      'race',
      'refusal',
      'refused',
      'reorg',
      'revert',
      'slander',
      'spike',
      'stale-list',
      'stall',
    ])
  })

  test('comes in every shape: either chain or both, one deployment or two, with one table or two', () => {
    const shapes = new Set(
      Array.from({ length: 300 }, (_, seed) => {
        const { chains, deployments, tables } = planOf(seed)
        return `${chains.length === 2 ? 'both' : chains[0]?.kind} ${deployments} ${tables}`
      }),
    )
    expect(shapes.size).toBe(9)
  })

  test('comes with one market or more, one account or two, oracle nodes of its own, and rounds after the end', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => planOf(seed))
    const chains = plans.flatMap((plan) => plan.chains)
    expect(new Set(chains.map(({ markets }) => markets))).toEqual(new Set([1, 2, 3, 4]))
    expect(new Set(chains.map(({ accounts }) => accounts))).toEqual(new Set([1, 2]))
    for (const kind of ['publishing', 'epilogue'] as const)
      expect(new Set(plans.map((plan) => plan[kind]))).toEqual(new Set([true, false]))
  })

  test('that breaks a rule is told by its number and the least that must go wrong', async () => {
    const mutant = mutants.find(({ name }) => name.startsWith('an answer that is lost'))
    // It shows in one schedule of some hundreds, and number 730 was the first of them.
    let whole = await simulate(730, { mutant })
    while (!whole.violation || whole.happened.length < 8)
      whole = await simulate(whole.seed + 1, { mutant })
    const { seed } = whole
    const least = await minimise(seed, async (one, only) => simulate(one, { ...only, mutant }))
    expect(least.ended.violation?.rule).toBe(whole.violation?.rule)
    expect(least.needed.length).toBeLessThan(whole.happened.length)
    for (const one of least.needed) {
      const only = new Set(least.needed.filter((other) => other !== one))
      expect((await simulate(seed, { mutant, only })).violation?.rule).not.toBe(
        whole.violation?.rule,
      )
    }
    const words = brokenWords(least)
    expect(words).toContain(`schedule ${seed} breaks a rule: failed and took effect`)
    for (const one of least.needed) expect(words).toContain(`\n  ${one}\n`)
  })
})

describe("a pool's rule for replacements", () => {
  // The sequencer's own cases (apollo_mempool, fee escalation).
  test.for([
    { from: [100n, 100n], to: [109n, 110n], taken: false },
    { from: [100n, 100n], to: [110n, 109n], taken: false },
    { from: [100n, 100n], to: [110n, 110n], taken: true },
    { from: [1n, 1n], to: [1n, 2n], taken: false },
    { from: [1n, 1n], to: [2n, 2n], taken: true },
  ] as const)('of Starknet: $from to $to', ({ from, to, taken }) => {
    expect(mayReplace(starknet(from), starknet(to))).toBe(taken)
  })

  test.for([
    { from: [80n, 8n], to: [90n, 9n], taken: true },
    { from: [80n, 8n], to: [89n, 9n], taken: false },
    { from: [80n, 8n], to: [90n, 8n], taken: false },
  ] as const)('of the EVM: $from to $to', ({ from, to, taken }) => {
    expect(mayReplace(evm(from), evm(to))).toBe(taken)
  })
})

function starknet([tip, price]: readonly [bigint, bigint]): StarknetFee {
  const l2Gas = { maxAmount: 1n, maxPricePerUnit: price }
  const other = { maxAmount: 1n, maxPricePerUnit: 1n }
  return { kind: 'starknet', tip, l1Gas: other, l2Gas, l1DataGas: other }
}

function evm([maxFeePerGas, maxPriorityFeePerGas]: readonly [bigint, bigint]): EvmFee {
  return { kind: 'evm', gas: 1n, maxFeePerGas, maxPriorityFeePerGas }
}
