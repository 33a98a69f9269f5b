import process from 'node:process'

import type { ParameterSet } from '../../domain/parameters/parameter-set.ts'
import type { Timestamp } from '../../domain/time.ts'
import { replaySlot } from '../../keepers/replay/replay-slot.ts'
import { wouldHave } from '../../keepers/replay/would-have.ts'
import type { HistorySubject, SlotRecord, Store } from '../../ports.ts'
import { codeVersion } from '../../runtime/code-version.ts'
import { compose, type World } from '../../runtime/compose.ts'
import { jobNames } from '../../runtime/network/job-names.ts'
import { type DeciderUnder, decidersOf } from '../../runtime/replay/deciders.ts'
import { wallClock } from '../../runtime/wall-clock.ts'
import { nearestNames } from '../nearest-names.ts'
import { readNetwork } from '../read-network.ts'
import type { ReplayOptions } from '../replay.ts'
import { fromStore } from '../silent-store.ts'
import { changesIn, valuesOfSet } from './asked-changes.ts'
import { resolved } from './moment.ts'
import { replayLines } from './replay-lines.ts'
import { replayTally } from './replay-tally.ts'
import { wouldLines } from './would-lines.ts'
import { wouldTally } from './would-tally.ts'

/** Whoever only looks needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

type Span = { readonly from: Timestamp; readonly to: Timestamp }

/** Prints how the slots of a time come out again, and answers the exit code. */
export async function showReplay(options: ReplayOptions): Promise<number> {
  const { network: file, json = false } = options
  const { network, directory } = await readNetwork(file)
  const span = spanOf(options)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    return await fromStore(world, file, async () => {
      const subjects = chosen(await world.ports.store.history.subjects(), options)
      const asked = { world, subjects, span, deciders: decidersOf(world), json }
      const changes = await changesOf(world, options)
      return changes ? await showOther(asked, changes) : await showAgain(asked)
    })
  } finally {
    await world.close()
  }
}

function spanOf({ from, to = { kind: 'ago', ms: 0 } }: ReplayOptions): Span {
  const now = wallClock.now()
  const span = { from: resolved(from, now), to: resolved(to, now) }
  if (span.from > span.to)
    throw new WrongSpanError(`--from ${iso(span.from)} is after --to ${iso(span.to)}`)
  return span
}

/** Undefined where nobody asks for another set. */
async function changesOf(
  { network, ports }: World,
  { with: texts, set }: ReplayOptions,
): Promise<ParameterSet['values'] | undefined> {
  if (set !== undefined) return await valuesOfSet(ports.store, set)
  return texts && changesIn(network, texts)
}

type Asked = {
  readonly world: World
  readonly subjects: readonly HistorySubject[]
  readonly span: Span
  readonly deciders: DeciderUnder
  readonly json: boolean
}

async function showAgain(asked: Asked): Promise<number> {
  const { deciders, json, span } = asked
  const tally = replayTally()
  for await (const record of recordsOf(asked))
    tally.add(record, await replaySlot(record, async (hash) => deciders(record, hash)))
  const [all, code] = [tally.sums(), await codeVersion()]
  print(json ? JSON.stringify({ ...span, code, ...all }) : replayLines(all, code).join('\n'))
  return all.faults.length > 0 ? 1 : 0
}

async function showOther(asked: Asked, changes: ParameterSet['values']): Promise<number> {
  const { deciders, json, span } = asked
  const tally = wouldTally()
  for await (const record of recordsOf(asked)) {
    const [own, other] = await Promise.all([
      deciders(record, record.parameters),
      deciders(record, record.parameters, changes),
    ])
    tally.add(record, wouldHave(record, own, other))
  }
  const all = tally.sums()
  print(json ? JSON.stringify({ ...span, changes, ...all }) : wouldLines(all).join('\n'))
  return 0
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** How often a terminal hears how far it is. */
const tellEveryMs = 200

/** All slots of that time, one job and subject after the other. Throws where there is none. */
async function* recordsOf({ world, subjects, span }: Asked): AsyncGenerator<SlotRecord> {
  const { history } = world.ports.store
  let [count, toldAt] = [0, 0]
  for (const { keeper, subject } of subjects)
    for await (const record of history.kept(keeper, subject, span.from, span.to)) {
      count += 1
      const now = wallClock.now()
      if (now - toldAt >= tellEveryMs) {
        toldAt = now
        tell(`${count} slots; ${keeper} ${subject} at ${iso(record.at)}`)
      }
      yield record
    }
  tell('')
  if (count === 0)
    throw new WrongSpanError(
      `no slot was kept from ${iso(span.from)} to ${iso(span.to)}; slots are kept while a network runs, and go after a time`,
    )
}

/** On a terminal alone, in one line that is written over and gone at the end. */
function tell(text: string): void {
  const { stderr } = process
  if (stderr.isTTY) stderr.write(`\r${text.slice(0, stderr.columns - 1)}\u001B[K`)
}

/** Throws where a name is of nothing that was ever kept. */
function chosen(
  all: Awaited<ReturnType<Store['history']['subjects']>>,
  { job, subject }: Pick<ReplayOptions, 'job' | 'subject'>,
): readonly HistorySubject[] {
  const names: readonly string[] = jobNames
  if (job !== undefined && !names.includes(job)) throw new UnknownNameError('job', job, names)
  const ofJob = all.filter(({ keeper }) => job === undefined || keeper === job)
  const subjects = [...new Set(ofJob.map((one) => one.subject))]
  if (subject !== undefined && !subjects.includes(subject))
    throw new UnknownNameError('subject', subject, subjects)
  return ofJob.filter((one) => subject === undefined || one.subject === subject)
}

function iso(at: Timestamp): string {
  return new Date(at).toISOString()
}

/** There is nothing in the time that was asked for. */
export class WrongSpanError extends Error {
  override readonly name = 'WrongSpanError'
}

/** `--job` or `--subject` names nothing that was ever kept. */
export class UnknownNameError extends Error {
  override readonly name = 'UnknownNameError'

  constructor(what: 'job' | 'subject', written: string, known: readonly string[]) {
    const nearest = nearestNames(written, known)
    const names = nearest.length > 0 ? nearest : known
    const there = names.length === 0 ? 'nothing was kept of it' : `there is ${names.join(', ')}`
    super(`--${what} ${written}: there is no such ${what} in history; ${there}`)
  }
}
