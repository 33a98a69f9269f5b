import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { Cycles } from './cycles.ts'
import { median } from './measure.ts'
import { type BenchSimulators, startBenchSimulators } from './simulators.ts'

/** Medians over whole cycles, each in a process of its own program. */
export type CycleResult = {
  readonly who: string
  readonly markets: number
  /** Undefined for a program that only answers others. */
  readonly cycleMs: number | undefined
  /** From the moment that the last venue's answer is out. */
  readonly afterLastAnswerMs: number | undefined
  /** Of all the process's threads. */
  readonly cpuMs: number
  readonly peakMib: number
  /** Pieces of work that failed, of all cycles together. */
  readonly failed: number
}

/** Whole ticks of one node, all twenty venues over HTTP. */
export async function benchCycle(markets: number, cycles: number): Promise<CycleResult> {
  const simulators = await startBenchSimulators(markets)
  try {
    const args = [simulators.url, String(markets), String(cycles)]
    return await cyclesOf(
      { who: 'starkeep', markets, script: new URL('./cycle-process.ts', import.meta.url), args },
      simulators,
    )
  } finally {
    await simulators.close()
  }
}

/** Runs a script that ends with `tellCycles`, and sets its cycles against the simulators' answers. */
export async function cyclesOf(
  of: {
    readonly who: string
    readonly markets: number
    readonly script: URL
    readonly args: readonly string[]
    readonly env?: Readonly<Record<string, string>>
  },
  simulators: BenchSimulators,
): Promise<CycleResult> {
  const script = fileURLToPath(of.script)
  const env = { ...process.env, ...of.env }
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...of.args], { env })
  const { cycles, failed, peakMib } = Cycles.parse(JSON.parse(stdout))
  const answered = await simulators.answered()
  const after = cycles.map(({ begunAt, doneAt }) => {
    const during = answered.filter((at) => at >= begunAt && at <= doneAt)
    return doneAt - Math.max(...during)
  })
  return {
    who: of.who,
    markets: of.markets,
    cycleMs: median(cycles.map(({ begunAt, doneAt }) => doneAt - begunAt)),
    afterLastAnswerMs: median(after),
    cpuMs: median(cycles.map(({ cpuMs }) => cpuMs)),
    peakMib,
    failed,
  }
}
