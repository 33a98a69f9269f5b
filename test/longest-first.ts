import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take longest, by the end of their path. Which do is otherwise known only where an earlier run has measured it,
 * and a run is as long as the file that begins too late. What computes and what waits take turns: beside two files that
 * wait, a core has nothing to do.
 */
const longest = [
  'domain/watch/cadence.test.ts',
  // Computes; waits; and again.
  'bench/bench.test.ts',
  'tools/report/report-browser.test.ts',
  'parameters/recorded.test.ts',
  'tools/watch.test.ts',
  'keepers/watch/watch-systems.test.ts',
  'runtime/studio/studio-browser.test.ts',
  'tools/doctor.test.ts',
  'infra/contracts/core.test.ts',
  'tools/backtest/backtest-cli.test.ts',
  'adapters/blobs/s3.test.ts',
  'simulation/recovery.test.ts',
  'simulation/simulation.test.ts',
  'adapters/provers/contract.test.ts',
  'oracle-compare/recordings.test.ts',
  'keepers/prove/prove-on-anvil.test.ts',
  'tools/watcher-alone.test.ts',
  'keepers/prove/prove-with-blobs.test.ts',
  'infra/local/starknet-box/closing-conformance.test.ts',
  'infra/cloud/bundles.test.ts',
  'keepers/lane/on-starkex.test.ts',
  'keepers/prove/prove-on-starknet.test.ts',
  'tools/batches-cli.test.ts',
  'tools/govern.test.ts',
  'adapters/store/dynamo.test.ts',
  'infra/local/starknet-box/check-order-conformance.test.ts',
  'simulation/mutants.test.ts',
  'adapters/watched/perpetual-core.test.ts',
  // Networks: most of it is the time of blocks.
  'e2e/local-run.test.ts',
  'e2e/starkex-run.test.ts',
  'e2e/crash-days.test.ts',
]

/** Begins with the longest files of each project. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = super.sort.bind(this)
    const sorted = await usual(files)
    const projects = [...new Set(sorted.map(({ project }) => project.name))]
    const place = ({ project, moduleId }: TestSpecification): number => {
      const found = longest.findIndex((end) => moduleId.endsWith(end))
      const within = found < 0 ? longest.length : found
      return projects.indexOf(project.name) * (longest.length + 1) + within
    }
    return sorted.toSorted((one, other) => place(one) - place(other))
  }
}
