import type { Action } from '../domain/action.ts'
import { advance, type Finding, type Incident } from '../domain/incident.ts'
import type { Messenger } from './deliver-alerts.ts'

/** Tries for a row that another worker changes at the same time. */
const maxTries = 5

/** Carries every incident on by one look: those found, and those that are open, were looked for and not found. */
export async function raiseIncidents(
  messenger: Messenger,
  { findings, unseen }: Pick<Extract<Action, { kind: 'report-findings' }>, 'findings' | 'unseen'>,
): Promise<void> {
  const open = await messenger.incidents.open()
  const found = new Map(findings.map((finding) => [keyOf(finding), finding]))
  const untouched = new Set([...found.keys(), ...unseen.map(keyOf)])
  const standing = open.filter((incident) => !untouched.has(keyOf(incident)))
  for (const finding of found.values()) await carryOn(messenger, finding, finding)
  for (const incident of standing) await carryOn(messenger, incident, undefined)
}

async function carryOn(
  { incidents, clock, notify }: Messenger,
  { rule, subject }: { readonly rule: string; readonly subject: string },
  finding: Finding | undefined,
): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const before = await incidents.read(rule, subject)
    const after = advance(before, finding, clock.now())
    if (!after || after === before) return
    if ((await incidents.write(after)) === 'stale') continue
    const state = change(before, after)
    if (state) notify({ kind: 'incident', at: clock.now(), state, incident: after })
    return
  }
}

/** What people would call it; undefined where nobody needs to hear of it. */
function change(
  before: Incident | undefined,
  after: Incident,
): 'opened' | 'worsened' | 'resolved' | undefined {
  const known = before?.key === after.key ? before : undefined
  if (after.openedAt === undefined) return undefined
  if (known?.openedAt === undefined) return 'opened'
  if (after.state === 'resolved' && known.state !== 'resolved') return 'resolved'
  return after.worsenedAt === known.worsenedAt ? undefined : 'worsened'
}

function keyOf({ rule, subject }: { readonly rule: string; readonly subject: string }): string {
  return `${rule}\n${subject}`
}
