import { performance } from 'node:perf_hooks'
import process from 'node:process'

export type Stage = {
  readonly name: string
  readonly run: () => unknown
  /** The stages that it is compared with. */
  readonly peers?: readonly string[]
}

export type Measured = {
  readonly stage: string
  /** Medians of one run, in milliseconds: of this thread's processor, which neighbours cannot lengthen, and of the wall. */
  readonly cpuMs: number
  readonly wallMs: number
  /** How many times as fast as each of its peers, measured round by round beside it. */
  readonly timesPeers: Readonly<Record<string, number>>
}

export type Patience = {
  readonly rounds: number
  /** The system counts processor time in steps of some milliseconds: a round is repeated until it is long against them. */
  readonly leastRoundMs: number
}

/** Runs all stages in turn, round by round, so that a slow minute of the machine is everybody's. */
export async function measure(
  stages: readonly Stage[],
  { rounds, leastRoundMs }: Patience,
): Promise<readonly Measured[]> {
  const runs = new Map<Stage, Sample[]>(stages.map((stage) => [stage, []]))
  // The first time everything is compiled.
  for (const stage of stages) await sample(stage, leastRoundMs)
  for (let round = 0; round < rounds; round++)
    for (const [stage, samples] of runs) samples.push(await sample(stage, leastRoundMs))
  return [...runs].map(([{ name, peers = [] }, samples]) => ({
    stage: name,
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    wallMs: median(samples.map(({ wallMs }) => wallMs)),
    timesPeers: Object.fromEntries(
      [...runs]
        .filter(([other]) => peers.includes(other.name))
        .map(([other, theirs]) => [other.name, median(ratios(theirs, samples))]),
    ),
  }))
}

function ratios(theirs: readonly Sample[], ours: readonly Sample[]): readonly number[] {
  return ours.map((one, at) => (theirs[at]?.cpuMs ?? 0) / one.cpuMs)
}

type Sample = { readonly cpuMs: number; readonly wallMs: number }

async function sample({ run }: Stage, leastMs: number): Promise<Sample> {
  const begun = performance.now()
  const cpu = process.threadCpuUsage()
  let times = 0
  do {
    await run()
    times += 1
  } while (performance.now() - begun < leastMs)
  const { user, system } = process.threadCpuUsage(cpu)
  return { cpuMs: (user + system) / 1_000 / times, wallMs: (performance.now() - begun) / times }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  const high = sorted[sorted.length >> 1] ?? Number.NaN
  return (low + high) / 2
}

/** The nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
