import { setTimeout as sleep } from 'node:timers/promises'

import { isFinal } from '../../lib/domain/intent.ts'
import { seeded } from '../keepers/lane/workers.ts'
import { moveAllPrices } from './faults.ts'
import { accountsOf, disagreements, lookInto } from './kept-network.ts'
import { openStage, type Stage } from './killed-stage.ts'
import type { Line, RunningStarkeep } from './running-starkeep.ts'
import type { WhichStarknet } from './which-starknet.ts'

export type KillReport = {
  readonly kills: number
  /** How often a chain could not be read any more: what the network knew of it is gone on purpose. */
  readonly begunAnew: number
  /** How long each run was let live, in milliseconds. */
  readonly lives: readonly number[]
  /** Per chain, at the end. */
  readonly chains: Readonly<
    Record<string, { readonly transactions: number; readonly intents: Record<string, number> }>
  >
  /** What was not as promised; empty where all is well. */
  readonly problems: readonly string[]
}

/**
 * Starts a network, kills a process of it after a random time, starts it again on the same directory, and so on; the last
 * run goes on until nothing is open. Chance comes from `seed` alone.
 */
export async function killAndRestart(options: {
  readonly dataDir: string
  readonly seed: number
  readonly kills: number
  readonly starknet: WhichStarknet
  readonly tell: (message: string) => void
}): Promise<KillReport> {
  const stage = await openStage(options)
  try {
    return await killedOn(stage, options)
  } finally {
    await stage.close()
  }
}

type Plan = {
  readonly seed: number
  readonly kills: number
  readonly tell: (message: string) => void
}

async function killedOn(stage: Stage, { seed, kills, tell }: Plan): Promise<KillReport> {
  const chance = seeded(seed)
  const told: Line[] = []
  const lives: number[] = []
  let begunAnew = 0
  for (let at = 0; at < kills; at += 1) {
    const life = await oneLife(stage, { chance, at })
    if (life.lines.some(beginsAnew)) {
      begunAnew += 1
      told.length = 0
    }
    told.push(...life.lines)
    lives.push(life.ms)
    tell(`kill ${at + 1} of ${kills} after ${life.ms} ms: ${life.victim}; ${doing(life.lines)}`)
    if (life.problem !== undefined) return failed(lives, [life.problem])
  }
  const last = stage.start()
  await stage.venues(last)
  const late = await untilFinal(last, stage.file)
  // What is told while the store is read may be newer than what is read.
  const toldBefore = [...told, ...last.lines]
  const accounts = await accountsOf(stage.file, stage.firstNonces)
  const forgotten = await unknownIntents(stage.file, toldBefore)
  last.signal('SIGINT')
  const end = await last.ended
  told.push(...last.lines)
  return {
    kills,
    begunAnew,
    lives,
    chains: Object.fromEntries(
      accounts.map(({ chain, landed, intents }) => [
        chain,
        {
          transactions: landed.length,
          intents: counted(intents.map(({ state }) => state.kind)),
        },
      ]),
    ),
    problems: [
      ...late,
      ...accounts.flatMap(disagreements),
      ...accounts.flatMap(({ chain, landed }) =>
        landed
          .filter(({ reverted }) => reverted)
          .map(({ hash }) => `${chain}: ${hash} was reverted`),
      ),
      ...pushedTwice(told),
      ...forgotten,
      ...(end.code === 0
        ? []
        : [`the last run ended with code ${end.code}: ${JSON.stringify(last.lines.at(-1))}`]),
    ],
  }
}

function beginsAnew({ kind, message }: Line): boolean {
  return kind === 'progress' && String(message).includes('began anew')
}

type Life = {
  readonly ms: number
  readonly victim: string
  readonly lines: readonly Line[]
  /** That it did not end as it should. */
  readonly problem?: string
}

async function oneLife(
  stage: Stage,
  { chance, at }: { readonly chance: ReturnType<typeof seeded>; readonly at: number },
): Promise<Life> {
  const run = stage.start()
  // Some die while they start, most at any moment of their first two slots.
  const whileStarting = chance.chance(0.2)
  const ms = chance.below(whileStarting ? 2_500 : 10_000)
  const part = chance.chance(0.25) ? stage.parts[chance.below(stage.parts.length)] : undefined
  if (!whileStarting) await Promise.race([moved(stage, run, at), run.ended])
  await Promise.race([sleep(ms), run.ended])
  const isPart = !whileStarting && part?.kill() === true
  if (!isPart) run.signal('SIGKILL')
  const { code, stderr } = await run.ended
  const life = { ms, victim: isPart ? part.name : 'Starkeep', lines: run.lines }
  const broken = JSON.stringify(run.lines.at(-1)?.['broken'] ?? [])
  const isTold = isPart && code === 1 && broken.includes(`${part.name} ended unexpectedly`)
  if (isPart ? isTold : code === null) return life
  return { ...life, problem: `it ended with code ${code}: ${stderr}${broken}` }
}

/** Waits until the network is up, and moves all its prices, so that each life has something to push. */
async function moved(stage: Stage, run: RunningStarkeep, life: number): Promise<void> {
  await moveAllPrices(await stage.venues(run), life % 2 === 0 ? '1.003' : '0.997')
}

function failed(lives: readonly number[], problems: readonly string[]): KillReport {
  return { kills: lives.length, begunAnew: 0, lives, chains: {}, problems }
}

/** Work from before the last start must come to an end by itself; what is newer may be under way. */
async function untilFinal(run: RunningStarkeep, file: string): Promise<readonly string[]> {
  const startedAt = Date.now()
  // Deadlines are a minute, finality ten blocks.
  const until = startedAt + 120_000
  for (;;) {
    const open = await lookInto(file, async (store, { chains }) => {
      const lanes = Object.entries(chains).map(
        ([name, { account }]) => `${name}/${account?.address}`,
      )
      const all = await Promise.all(lanes.map(async (lane) => await store.intents.open(lane)))
      return all.flat().filter(({ createdAt, state }) => createdAt < startedAt && !isFinal(state))
    })
    const included = run.lines.filter(
      ({ kind, state }) => kind === 'transaction' && state === 'included',
    )
    const both = new Set(included.map(({ chain }) => chain)).size === 2
    if (open.length === 0 && both) return []
    if (Date.now() > until)
      return [
        ...open.map(({ id, state }) => `${id} is still ${state.kind}`),
        ...(both ? [] : ['the last run pushed nothing to one of the chains']),
      ]
    await sleep(500)
  }
}

function pushedTwice(told: readonly Line[]): readonly string[] {
  const slots = told
    .filter(
      ({ kind, job, reason }) => kind === 'tick' && job === 'push-prices' && reason === 'pushed',
    )
    .map(({ subject, slot }) => `${String(subject)} slot ${String(slot)}`)
  return [...new Set(slots.filter((slot, at) => slots.indexOf(slot) !== at))].map(
    (slot) => `${slot} was pushed twice`,
  )
}

/** Whatever a run told of must be in the store, of whichever account it is: batches and uptime are sent from others. */
async function unknownIntents(file: string, told: readonly Line[]): Promise<readonly string[]> {
  const ids = new Set(
    told.filter(({ kind }) => kind === 'transaction').map(({ intent }) => String(intent)),
  )
  return await lookInto(file, async ({ intents }) => {
    const kept = await Promise.all([...ids].map(async (id) => await intents.get(id)))
    return [...ids].filter((_, at) => kept[at] === undefined).map((id) => `${id} is forgotten`)
  })
}

function doing(lines: readonly Line[]): string {
  const last = lines.findLast(({ kind }) => kind === 'transaction')
  if (last) return `the last word was ${String(last['state'])} of ${String(last['intent'])}`
  return lines.some(({ kind }) => kind === 'ready') ? 'up, nothing pushed' : 'while it started'
}

function counted(all: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1
  return counts
}
