import process from 'node:process'

import { lasting } from '../domain/watch/words.ts'
import type { IncidentView } from '../runtime/view/incidents-view.ts'
import type { WatchedView } from '../runtime/view/watched-view.ts'
import { foldedLevels } from './folded-levels.ts'
import { liveScreen } from './live-screen.ts'
import type { WatchedNow } from './show-watch.ts'
import type { WatchOptions } from './watch.ts'
import { incidentsOf, watchedLines } from './watched-lines.ts'
import type { WatchedSource } from './watched-source.ts'

/** What a person, or a program, is shown of watched systems. */
export type WatchDisplay = {
  /** Shown anew also where nobody has looked again. */
  readonly isLive: boolean
  show(now: WatchedNow): void
  close(): void
}

export function watchDisplay(
  { network, who }: Pick<WatchedSource, 'network' | 'who'>,
  { once, json }: WatchOptions,
): WatchDisplay {
  const { stdout, env } = process
  const { NO_COLOR: noColour = '' } = env
  const write = (line: string): void => void stdout.write(`${line}\n`)
  const table = (now: WatchedNow): readonly string[] =>
    tableLines(now, {
      title: `${network.network}, ${who}`,
      judged: network.jobs['watch-liveness'] !== undefined,
    })
  if (json) return lookByLook(write, jsonLines)
  if (once) return { isLive: false, show: (now) => table(now).forEach(write), close: nothing }
  if (!stdout.isTTY) return lookByLook(write, textLines())
  const screen = liveScreen(stdout, { colour: noColour === '' })
  let last: readonly string[] = []
  return {
    isLive: true,
    show(now) {
      last = table(now)
      screen.draw([...last, '', 'Ctrl-C ends it.'])
    },
    close() {
      screen.close()
      // What was seen last stays in the terminal.
      last.forEach(write)
    },
  }
}

function nothing(): void {}

function tableLines(
  { at, systems, incidents, troubles }: WatchedNow,
  { title, judged }: { readonly title: string; readonly judged: boolean },
): readonly string[] {
  return [
    `${clock(at)}  ${title}`,
    ...systems.flatMap((one) => ['', ...watchedLines(one, { now: at, incidents })]),
    ...(judged ? [] : ['', 'watch-liveness is not in jobs: nothing is judged']),
    ...(troubles.length === 0 ? [] : ['', ...troubles.map((trouble) => `trouble  ${trouble}`)]),
  ]
}

/** Says of each system what is new, and of one that nobody has looked at since nothing. */
function lookByLook(
  write: (line: string) => void,
  lines: (system: WatchedView, now: WatchedNow) => readonly string[],
): WatchDisplay {
  const shown = new Map<string, number | undefined>()
  let told: readonly string[] = []
  return {
    isLive: false,
    show(now) {
      for (const system of now.systems) {
        if (system.lookedAt === undefined || shown.get(system.system) === system.lookedAt) continue
        shown.set(system.system, system.lookedAt)
        lines(system, now).forEach(write)
      }
      const fresh = now.troubles.filter((trouble) => !told.includes(trouble))
      fresh.forEach((trouble) => void process.stderr.write(`starkeep: ${trouble}\n`))
      told = now.troubles
    },
    close: nothing,
  }
}

function jsonLines(system: WatchedView, { at, incidents }: WatchedNow): readonly string[] {
  return [JSON.stringify({ ...system, at, incidents: incidentsOf(system.system, incidents) })]
}

/** A line for each look, and one for each alert that came or went with it. */
function textLines(): (system: WatchedView, now: WatchedNow) => readonly string[] {
  const before = new Map<string, readonly IncidentView[]>()
  return (view, { at, incidents }) => {
    const { system } = view
    const open = incidentsOf(system, incidents)
    const known = before.get(system) ?? []
    before.set(system, open)
    const isNew = (one: IncidentView) =>
      known.every(({ key, severity }) => key !== one.key || severity !== one.severity)
    const over = known.filter((one) => open.every(({ key }) => key !== one.key))
    return [
      [clock(at), system.padEnd(15), summaryOf(view, open.length)].join('  '),
      ...open
        .filter(isNew)
        .map(({ severity, rule, summary }) =>
          [clock(at), severity.padEnd(15), `${rule}: ${summary}`].join('  '),
        ),
      ...over.map(({ rule, subject }) =>
        [clock(at), 'over'.padEnd(15), `${rule} ${subject}`].join('  '),
      ),
    ]
  }
}

function summaryOf({ chains, progress, levels, deadlines, unseen }: WatchedView, alerts: number) {
  const { shown, folded } = foldedLevels(levels)
  const parts = [
    ...chains.map(({ chain, number, ageMs, late }) =>
      number === undefined || ageMs === undefined
        ? `${chain} not seen`
        : `${chain} ${number} ${lasting(ageMs)}${late ? ' (late)' : ''}`,
    ),
    ...progress.map(({ name, ageMs, late }) => `${name} ${lasting(ageMs)}${late ? ' (late)' : ''}`),
    ...shown.map(({ name, value, unit, out }) => `${name} ${value} ${unit}${out ? ' (!)' : ''}`),
    ...folded.map(({ kind, count }) => `${kind} of ${count} markets`),
    ...deadlines
      .slice(0, 1)
      .map(({ name, leftMs }) => `${name} ${leftMs > 0 ? `${lasting(leftMs)} left` : 'is over'}`),
    ...(unseen.length === 0 ? [] : [`${unseen.length} not seen`]),
    ...(alerts === 0 ? [] : [`${alerts} alert${alerts === 1 ? '' : 's'}`]),
  ]
  return parts.join(' · ')
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}
