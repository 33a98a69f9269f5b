import type { ProofRequest, ProverJob } from '../../../lib/domain/proving/prover-job.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import { mixed } from '../plan.ts'
import type { VirtualTime } from '../virtual-time.ts'
import type { L1Truth } from './l1-truth.ts'
import type { Outcome, ProverPlan } from './plan.ts'
import { factOf } from './told.ts'

type Job = { readonly hash: string; readonly outcome: Outcome; readonly submittedAt: number }

/** One prover and every job that it has. */
export type ProverTruth = {
  find(key: string): ProverJob | undefined
  submit(request: Pick<ProofRequest, 'key' | 'pie'>): string
  /** Whether it ever said that this cannot be proved. */
  hasRejected(hash: string): boolean
}

export function proverTruth(of: {
  readonly plan: ProverPlan
  readonly seed: number
  readonly time: VirtualTime
  readonly l1: Pick<L1Truth, 'register'>
  readonly isTroubled: () => boolean
}): ProverTruth {
  const { plan, seed, time, l1, isTroubled } = of
  const dice = seeded(mixed(seed, 500))
  const jobs = new Map<string, Job>()
  const rejected = new Set<string>()

  function drawn(): Outcome {
    const at = dice.below(1_000)
    if (!isTroubled()) return 'done'
    let sum = 0
    for (const [outcome, share] of Object.entries(plan.outcomes)) {
      sum += share
      if (at < sum) return outcome as Outcome
    }
    return 'done'
  }

  return {
    hasRejected: (hash) => rejected.has(hash),

    find(key) {
      const job = jobs.get(key)
      if (!job) return undefined
      const passed = time.now() - job.submittedAt
      const { outcome, hash } = job
      if (outcome === 'forgotten' && passed > plan.proveMs / 2) return undefined
      if (passed < plan.proveMs || outcome === 'never') return told(key, 'running')
      if (outcome === 'unknown') return told(key, 'unknown')
      if (outcome === 'failed') return { ...told(key, 'failed'), reason: 'a machine was lost' }
      if (outcome === 'rejected') {
        rejected.add(hash)
        return { ...told(key, 'rejected'), reason: 'INVALID' }
      }
      const sharp = outcome === 'wrong' ? '0xbad' : factOf(hash)
      return { ...told(key, 'done'), facts: { sharp }, isMocked: outcome === 'mocked' }
    },

    submit({ key, pie }) {
      if (jobs.has(key)) return key
      const hash = Buffer.from(pie).toString('utf8')
      const outcome = drawn()
      jobs.set(key, { hash, outcome, submittedAt: time.now() })
      if (outcome === 'done' || outcome === 'weak')
        time.after(plan.proveMs + plan.registerMs, () => {
          l1.register(factOf(hash), outcome === 'weak' ? 'weak' : 'strong')
          return false
        })
      return key
    },
  }
}

function told(id: string, status: ProverJob['status']): ProverJob {
  return { id, status, facts: {}, isMocked: false }
}
