import { measure, type Measured, type Patience } from './measure.ts'
import { pipeline } from './pipeline.ts'
import { startBenchSimulators } from './simulators.ts'

export type BenchResult = Measured & { readonly markets: number }

/** One tick's stages for each number of markets. */
export async function runBench(
  counts: readonly number[],
  patience: Patience,
): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const markets of counts) {
    const simulators = await startBenchSimulators(markets)
    try {
      const measured = await measure(await pipeline(markets, simulators.url), patience)
      results.push(...measured.map((one) => ({ markets, ...one })))
    } finally {
      await simulators.close()
    }
  }
  return results
}
