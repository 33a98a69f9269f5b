import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

import { minimise } from './minimise.ts'
import type { RunDone, RunPart } from './run-part.ts'
import { simulationName as nameOf, simulations } from './simulations.ts'
import { brokenWords } from './words.ts'

/**
 * `npm run simulate -- --schedules 1000000 --seed 1`: as many schedules from that number on, on all cores; of transaction
 * lanes, or with `--of proving` of batches on their way to proof and settlement. It ends at
 * the first that breaks a rule, with its number and the shortest story in which it does.
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    of: { type: 'string', default: 'lanes' },
  },
})

const simulateOne = simulations[nameOf(values.of)]

/** Small enough that all cores end together, large enough that nobody waits for the next part. */
const partSize = 500

/** How often the terminal hears how far it is. */
const tellEveryMs = 10_000

process.exitCode = await run({
  schedules: whole('schedules', values.schedules),
  first: whole('seed', values.seed),
  workers: whole('workers', values.workers),
})

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`--${name} takes a whole number above zero, not ${text}`)
  return value
}

async function run(asked: {
  readonly schedules: number
  readonly first: number
  readonly workers: number
}): Promise<number> {
  const { schedules, first } = asked
  const begun = Date.now()
  let [next, done, works, toldAt] = [first, 0, 0, begun]
  let broken: number | undefined

  function part(): RunPart | undefined {
    const count = Math.min(partSize, first + schedules - next)
    if (count <= 0 || broken !== undefined) return undefined
    next += count
    return { first: next - count, count }
  }

  function heard(end: RunDone): void {
    done += end.schedules
    works += end.works
    if (end.broken !== undefined) broken = Math.min(broken ?? Infinity, end.broken)
    if (Date.now() - toldAt < tellEveryMs) return
    toldAt = Date.now()
    say(`${done} schedules, ${rate(done, begun)} a second`)
  }

  await Promise.all(Array.from({ length: asked.workers }, async () => worked(part, heard)))
  say(
    `${done} schedules from ${first} on with ${works} works, in ${seconds(begun)} s on ${asked.workers} cores:` +
      ` ${rate(done, begun)} a second, ${processorMs(done)} ms of one core's time each`,
  )
  if (broken === undefined) {
    say('0 violations')
    return 0
  }
  say(brokenWords(await minimise(broken, simulateOne)))
  return 1
}

async function worked(
  part: () => RunPart | undefined,
  heard: (done: RunDone) => void,
): Promise<void> {
  const worker = new Worker(new URL('run-part.ts', import.meta.url), {
    workerData: { of: values.of },
    // Almost everything is garbage soon: a larger nursery saves a third of the time.
    resourceLimits: { maxYoungGenerationSizeMb: 192 },
  })
  await new Promise<void>((resolve, reject) => {
    const give = (): void => {
      const wanted = part()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
      if (wanted) worker.postMessage(wanted)
      else resolve()
    }
    worker.on('error', reject)
    worker.on('message', (done: RunDone) => {
      heard(done)
      give()
    })
    give()
  })
  await worker.terminate()
}

function rate(done: number, begun: number): number {
  return Math.round(done / Math.max(0.001, (Date.now() - begun) / 1000))
}

/** Of all threads: what a schedule costs whoever else is at work on the machine. */
function processorMs(done: number): string {
  const { user, system } = process.cpuUsage()
  return ((user + system) / 1000 / Math.max(1, done)).toFixed(2)
}

function seconds(begun: number): string {
  return ((Date.now() - begun) / 1000).toFixed(1)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
