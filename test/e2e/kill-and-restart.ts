import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { isFinal } from '../../lib/domain/intent.ts'
import { moveAllPrices } from './faults.ts'
import { accountsOf, disagreements, lookInto } from './kept-network.ts'
import { type Line, type RunningStarkeep, runStarkeep } from './running-starkeep.ts'

export type KillReport = {
  readonly kills: number
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
 * Starts a network, kills its process after a random time, starts it again on the same directory, and so on; the last run
 * goes on until nothing is open. Chance comes from `seed` alone.
 */
export async function killAndRestart(options: {
  readonly dataDir: string
  readonly seed: number
  readonly kills: number
  readonly tell: (message: string) => void
}): Promise<KillReport> {
  const { dataDir, kills, tell } = options
  const random = mulberry32(options.seed)
  const told: Line[] = []
  const lives: number[] = []
  const args = ['local', '--data', dataDir, '--port', '0']
  for (let at = 0; at < kills; at += 1) {
    const run = runStarkeep(args)
    // Some die while they start, most at any moment of their first two slots.
    const whileStarting = random() < 0.2
    const lifeMs = Math.round(random() * (whileStarting ? 2_500 : 10_000))
    if (!whileStarting) await Promise.race([moved(run, at), run.ended])
    await Promise.race([sleep(lifeMs), run.ended])
    run.signal('SIGKILL')
    const { code, stderr } = await run.ended
    told.push(...run.lines)
    lives.push(lifeMs)
    tell(
      `kill ${at + 1} of ${kills} after ${lifeMs} ms: ${doing(run.lines)}${code === null ? '' : `; it had ended by itself with ${code}: ${stderr}`}`,
    )
    if (code !== null) return failed(lives, [`it ended by itself with code ${code}: ${stderr}`])
  }
  const last = runStarkeep(args)
  await last.ready()
  const file = join(dataDir, 'network.yml')
  const late = await untilFinal(last, file)
  const accounts = await accountsOf(file)
  last.signal('SIGINT')
  const end = await last.ended
  told.push(...last.lines)
  return {
    kills,
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
      ...unknownIntents(
        told,
        accounts.flatMap(({ intents }) => intents.map(({ id }) => id)),
      ),
      ...(end.code === 0
        ? []
        : [`the last run ended with code ${end.code}: ${JSON.stringify(last.lines.at(-1))}`]),
    ],
  }
}

/** Waits until the network is up, and moves all its prices, so that each life has something to push. */
async function moved(run: RunningStarkeep, life: number): Promise<void> {
  const { venues = '' } = await run.ready()
  await moveAllPrices(venues, life % 2 === 0 ? '1.003' : '0.997')
}

function failed(lives: readonly number[], problems: readonly string[]): KillReport {
  return { kills: lives.length, lives, chains: {}, problems }
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

/** Whatever a run told of must be in the store. */
function unknownIntents(told: readonly Line[], known: readonly string[]): readonly string[] {
  const ids = new Set(
    told.filter(({ kind }) => kind === 'transaction').map(({ intent }) => String(intent)),
  )
  return [...ids].filter((id) => !known.includes(id)).map((id) => `${id} is forgotten`)
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

/** A small generator of evenly spread numbers from 0 up to 1 (mulberry32 by Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = Math.trunc(state + 0x6d2b79f5)
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
