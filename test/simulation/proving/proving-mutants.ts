import type { Prover, ProvingParts } from '../../../lib/ports.ts'
import type { ProvingMutant } from './proving-mutant.ts'

/** Bugs that others have shipped, or that a careless change would bring: the rules must find each. */
export const provingMutants: readonly ProvingMutant[] = [
  {
    name: 'a prover that cannot be asked has no such job',
    parts: withProvers((prover) => ({
      ...prover,
      find: async (...asked) => prover.find(...asked).catch(() => undefined),
    })),
  },
  {
    name: 'what a prover calls impossible is tried again',
    parts: withProvers((prover) => ({
      ...prover,
      async find(...asked) {
        const job = await prover.find(...asked)
        return job?.status === 'rejected' ? { ...job, status: 'failed' } : job
      },
    })),
  },
  {
    name: 'a submission is named without its attempt',
    rules: (rules) => ({
      ...rules,
      digest: (text) => rules.digest(text.replace(/\/\d+$/, '')),
    }),
  },
  {
    name: 'a fact that is registered is strong enough',
    parts: (parts) => ({
      ...parts,
      settlement: {
        ...parts.settlement,
        async fact(fact) {
          const seen = await parts.settlement.fact(fact)
          return seen.kind === 'weak' ? { kind: 'strong' } : seen
        },
      },
    }),
  },
  {
    name: 'the newest block is as good as final',
    parts: (parts) => ({
      ...parts,
      settlement: {
        ...parts.settlement,
        async sight() {
          const sight = await parts.settlement.sight()
          return { ...sight, finalized: sight.latest }
        },
      },
    }),
  },
  {
    name: 'a chain that cannot be asked has lost the block',
    parts: (parts) => ({
      ...parts,
      source: {
        ...parts.source,
        has: async (block) => parts.source.has(block).catch(() => false),
      },
    }),
  },
  {
    name: 'nobody asks whether the blocks still stand',
    parts: (parts) => ({ ...parts, source: { ...parts.source, has: async () => true } }),
  },
  {
    name: 'nothing is ever too late',
    rules: (rules) => ({ ...rules, deadlineMs: { ...rules.deadlineMs, proving: 1e12 } }),
  },
  {
    name: 'nobody looks at the front of the line',
    store: (store) => ({
      ...store,
      batches: { ...store.batches, between: async () => [] },
    }),
  },
  {
    name: "a batch's row is written over whatever another worker wrote",
    store: (store) => ({
      ...store,
      batches: {
        ...store.batches,
        async write(batch) {
          const before = await store.batches.read(batch.lane, batch.number)
          return await store.batches.write({ ...batch, version: (before?.version ?? 0) + 1 })
        },
      },
    }),
  },
  {
    name: "a settling transaction's end is taken for that of the newest attempt",
    store: (store) => ({
      ...store,
      intents: {
        ...store.intents,
        get: async (id) => store.intents.get(id.replace(/\d+$/, '1')),
      },
    }),
  },
]

function withProvers(change: (prover: Prover) => Prover) {
  return (parts: ProvingParts): ProvingParts => ({
    ...parts,
    provers: Object.fromEntries(
      Object.entries(parts.provers).map(([name, prover]) => [name, change(prover)]),
    ),
  })
}
