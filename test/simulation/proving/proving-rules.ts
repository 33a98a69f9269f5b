import type { Intent } from '../../../lib/domain/intent.ts'
import { isFinal } from '../../../lib/domain/intent.ts'
import { type Batch, isBehindUs, isFinished } from '../../../lib/domain/proving/batch.ts'
import type { Broken } from '../simulate.ts'
import type { L1Truth, Strength } from './l1-truth.ts'
import type { L2Truth } from './l2-truth.ts'
import type { ProverTruth } from './prover-truth.ts'

/** Two processes' clocks are that far apart at most. */
const skewMs = 6_000

/** What must hold after each write, each submission and each block. */
export type ProvingWatch = {
  violation(): Broken | undefined
  broken(rule: string, what: string): void
  wrote(batch: Batch, byHand?: true): void
  added(intent: Intent): void
  moved(id: string, state: Intent['state']): void
  looked(process: string, key: string, found: boolean): void
  submitted(
    process: string,
    prover: ProverTruth,
    told: { readonly key: string; readonly hash: string },
  ): void
  took(number: number, strength: Strength | undefined): void
  rows(): readonly Batch[]
}

export function provingWatch(truths: {
  readonly l2: () => L2Truth
  readonly l1: () => L1Truth
}): ProvingWatch {
  const rows = new Map<number, Batch>()
  const open = new Map<string, number>()
  const looks = new Map<string, boolean>()
  const contents = new Map<string, string>()
  const retried = new Set<string>()
  let first: Broken | undefined

  const broken = (rule: string, what: string): void => {
    first ??= { rule, what }
  }

  return {
    broken,
    violation: () => first,
    rows: () => [...rows.values()],

    wrote(batch, byHand) {
      const { number, state, content } = batch
      const before = rows.get(number)
      rows.set(number, batch)
      const at = `batch ${number}, ${before?.state.kind ?? 'nothing'} → ${state.kind}`
      if (batch.version !== (before?.version ?? 0) + 1) broken('a row was written over another', at)
      if (before && batch.fence < before.fence) broken('an old lease wrote', at)
      if (before && isFinished(before)) broken('a final state was left', at)
      if (!isFinished(batch) && !(batch.deadlineAt > batch.stateSince))
        broken('a state has no deadline', at)
      if (!isFinished(batch) && !(batch.nextActionAt >= batch.stateSince - skewMs))
        broken('a state has no owner', at)
      if (state.kind === 'needs-human' && state.reason === '') broken('nobody knows why', at)
      if (state.kind === 'superseded' && !truths.l2().everLost(content.last.hash))
        broken('a batch was given up whose blocks stand', at)
      if (isBehindUs(batch) && state.kind !== 'superseded' && !truths.l1().everSettled(content))
        broken('a batch is called settled that never was', at)
      const twin = [...rows.values()].find(
        (one) =>
          one.number !== number &&
          one.state.kind !== 'superseded' &&
          state.kind !== 'superseded' &&
          one.content.last.hash === content.last.hash,
      )
      if (twin) broken('two rows stand for one batch', `${at} and ${twin.number}`)
      const was = before?.state
      if (was?.kind === 'needs-human' && !byHand) {
        const left =
          state.kind !== 'needs-human' && state.kind !== 'superseded' && !isBehindUs(batch)
        const waits = ['deadline', 'weak-fact', 'foreign-state'].includes(was.why)
        if (left && !waits) broken('what a human had to decide went on by itself', at)
      }
      if (byHand) retried.add(content.last.hash)
    },

    added({ id, action, state }) {
      // It can never be sent.
      if (isFinal(state)) return
      const { round } = action
      for (const [other, number] of open)
        if (number === round)
          broken('two transactions for one batch at once', `${id} beside ${other}`)
      for (const row of rows.values())
        if (row.number < round && !isBehindUs(row))
          broken('a batch was sent out of order', `${id} before ${row.number} (${row.state.kind})`)
      open.set(id, round)
    },

    moved(id, state) {
      if (isFinal(state)) open.delete(id)
    },

    looked: (process, key, found) => void looks.set(`${process} ${key}`, found),

    submitted(process, prover, { key, hash }) {
      const asked = `${process} ${key}`
      const found = looks.get(asked)
      if (found === undefined) broken('a key was not looked up before it was used', asked)
      if (found === true) broken('a batch was submitted twice under one key', asked)
      looks.delete(asked)
      const known = contents.get(key)
      if (known !== undefined && known !== hash)
        broken('one key stands for two batches', `${key}: ${known}, ${hash}`)
      contents.set(key, hash)
      if (prover.hasRejected(hash) && !retried.has(hash))
        broken('what cannot be proved was submitted again', `${key}: ${hash}`)
    },

    took(number, strength) {
      if (strength !== 'strong')
        broken(
          'a batch was settled on a fact that is not strong enough',
          `block ${number}: ${strength ?? 'none'}`,
        )
    },
  }
}
