import { setTimeout as sleep } from 'node:timers/promises'

import * as z from 'zod'

import { isFinal } from '../../lib/domain/intent.ts'
import { seeded } from '../keepers/lane/workers.ts'
import { moveAllPrices } from './faults.ts'
import { lookInto } from './kept-network.ts'
import { type Line, type RunningStarkeep, runStarkeep } from './running-starkeep.ts'

/** One operator's processes that stand in for each other, each with a network file. */
export type Deployment = {
  readonly name: string
  readonly file: string
  /** All that its processes told. */
  readonly lines: readonly Line[]
  readonly kills: number
}

/**
 * Runs a deployment per file for `runMs`, ends the process of one of them by SIGKILL every 5 to 15 s and starts it again at once,
 * and then lets them finish what is open. When and whom is `seed`'s choice alone. Answers what was not as promised beside.
 */
export async function runUnderKills(options: {
  readonly files: Readonly<Record<string, string>>
  /** Where the simulated venues are. */
  readonly venues: string
  readonly seed: number
  readonly runMs: number
  readonly tell: (message: string) => void
}): Promise<{ readonly deployments: readonly Deployment[]; readonly problems: readonly string[] }> {
  const crew = Object.entries(options.files).map(([name, file]) => aDeployment(name, file))
  try {
    await killInTurn({ ...options, crew })
    options.tell('no more kills: what is open is finished')
    const ends = await Promise.all(crew.map(async (one) => await one.stop()))
    return {
      deployments: crew,
      problems: [...ends.flat(), ...(await finishOpen(crew))],
    }
  } finally {
    for (const one of crew) one.end()
  }
}

/** Two looks of the watch: what was missed while one was down must be found to be over, or the run tells of it. */
const quietMs = 30_000

async function killInTurn(all: {
  readonly crew: readonly Killable[]
  readonly venues: string
  readonly seed: number
  readonly runMs: number
  readonly tell: (message: string) => void
}): Promise<void> {
  const { crew, tell } = all
  const chance = seeded(all.seed)
  const until = performance.now() + all.runMs
  const moving = movePrices(all.venues, until + quietMs)
  for (let kill = 1; ; kill += 1) {
    const lifeMs = 5_000 + chance.below(10_000)
    const victim = crew[chance.below(crew.length)]
    const leftMs = until - performance.now()
    await sleep(Math.min(lifeMs, Math.max(0, leftMs)))
    if (leftMs < lifeMs || !victim) break
    const { code, stderr, doing } = await victim.kill()
    tell(`kill ${kill} after ${lifeMs} ms: ${victim.name}, ${doing}`)
    if (code !== null)
      throw new EndedItselfError(victim.name, `code ${code}, before kill ${kill}: ${stderr}`)
  }
  await moving
}

type Killable = Deployment & {
  kill(): Promise<{ readonly code: number | null; readonly stderr: string; readonly doing: string }>
  /** Lets it end in its own time. */
  stop(): Promise<readonly string[]>
  /** At once, whatever it does. */
  end(): void
}

function aDeployment(name: string, file: string): Killable {
  const start = (): RunningStarkeep => runStarkeep(['run', 'all', '--network', file])
  const lines: Line[] = []
  let run = start()
  let kills = 0
  return {
    name,
    file,
    lines,
    get kills() {
      return kills
    },
    async kill() {
      run.signal('SIGKILL')
      const { code, stderr } = await run.ended
      const doing = lastWord(run.lines)
      lines.push(...run.lines)
      kills += 1
      run = start()
      return { code, stderr, doing }
    },
    async stop() {
      run.signal('SIGINT')
      const { code, stderr } = await run.ended
      lines.push(...run.lines)
      if (code === 0 || (await isExplained(file, run.lines.at(-1)))) return []
      return [`${name} ended with code ${code}: ${stderr}${JSON.stringify(run.lines.at(-1))}`]
    },
    end: () => run.signal('SIGKILL'),
  }
}

/**
 * Whether all that a run says is broken is that nothing of its own was included on a chain where somebody else has used its nonce:
 * it waits two minutes for that to be certain, longer than a run may live here.
 */
async function isExplained(file: string, last: Line | undefined): Promise<boolean> {
  const broken = z.array(z.string()).safeParse(last?.['broken'])
  if (!broken.success) return false
  const open = await lookInto(file, async (store) => await store.incidents.open())
  const waits = open.filter(({ rule, state }) => rule === 'nonce-taken' && state !== 'resolved')
  const chains = waits.map(({ subject }) => subject.split('/')[0])
  return broken.data.every((sentence) =>
    chains.some((chain) => sentence.startsWith(`nothing was included on ${chain},`)),
  )
}

/** All prices jump with every slot, so that there is always something on its way. */
async function movePrices(venues: string, until: number): Promise<void> {
  for (let at = 0; performance.now() < until; at += 1) {
    await moveAllPrices(venues, at % 2 === 0 ? '1.003' : '0.997')
    await sleep(5_000)
  }
}

/** Deadlines are a minute, finality ten blocks, and a nonce counts as taken after two minutes. */
const finishMs = 200_000

/** Decides nothing new: the deployments' sweepers take up what is left. */
async function finishOpen(crew: readonly Deployment[]): Promise<readonly string[]> {
  const runs = crew.map(({ file }) => runStarkeep(['run', 'deliver-outbox', '--network', file]))
  const until = performance.now() + finishMs
  while (performance.now() < until && (await openOf(crew)) > 0) await sleep(1_000)
  for (const run of runs) run.signal('SIGINT')
  const ends = await Promise.all(runs.map(async (run) => await run.ended))
  return ends.flatMap(({ code, signal, stderr }, at) =>
    code === null || stderr !== ''
      ? [`the sweeper of ${crew[at]?.name} ended with ${signal ?? code}: ${stderr}`]
      : [],
  )
}

async function openOf(crew: readonly Deployment[]): Promise<number> {
  const counts = [...new Set(crew.map(({ file }) => file))].map(
    async (file) =>
      await lookInto(file, async (store, { chains }) => {
        const lanes = Object.entries(chains).map(
          async ([chain, { account }]) => await store.intents.open(`${chain}/${account?.address}`),
        )
        return (await Promise.all(lanes)).flat().filter(({ state }) => !isFinal(state)).length
      }),
  )
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

function lastWord(lines: readonly Line[]): string {
  const last = lines.findLast(({ kind }) => kind === 'transaction')
  return last
    ? `whose last word was ${String(last['state'])} of ${String(last['intent'])}`
    : 'which had told of no work yet'
}

/** A deployment ended that nobody had killed: whatever comes after tells nothing. */
class EndedItselfError extends Error {
  override readonly name = 'EndedItselfError'

  constructor(deployment: string, how: string) {
    super(`${deployment} ended by itself with ${how}`)
  }
}
