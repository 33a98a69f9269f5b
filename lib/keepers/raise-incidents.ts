import type { Action } from '../domain/action.ts'
import { isWorse } from '../domain/alert.ts'
import { advance, type Finding, type Incident } from '../domain/incident.ts'
import type { Messenger } from './deliver-alerts.ts'
import { eachKept } from './each-kept.ts'
import type { Notice } from './notice.ts'

/** Tries for a row that another worker changes at the same time. */
const maxTries = 5

/**
 * Carries every incident on by one look: those found, and those that are open, were looked for and not found. Each is a row
 * of its own: many are written at once, and where the store fails for one, the others are still brought to their end before
 * that is thrown. People hear of them in the order in which they were found, the worst first.
 */
export async function raiseIncidents(
  messenger: Messenger,
  { findings, unseen }: Pick<Extract<Action, { kind: 'report-findings' }>, 'findings' | 'unseen'>,
): Promise<void> {
  const open = await messenger.incidents.open()
  const found = new Map(findings.map((finding) => [keyOf(finding), finding]))
  const untouched = new Set([...found.keys(), ...unseen.map(keyOf)])
  const standing = open.filter((incident) => !untouched.has(keyOf(incident)))
  const known = new Map(open.map((incident) => [keyOf(incident), incident]))
  const looks: readonly Look[] = [
    // Where the slot ends in the midst of a storm, it is not what is critical that is left to the next one.
    ...[...found]
      .toSorted(([, one], [, other]) => worstFirst(one, other))
      .map(([key, finding]) => ({ of: finding, finding, known: known.get(key) })),
    ...standing.map((incident) => ({ of: incident, known: incident })),
  ]
  const troubles: unknown[] = []
  const notices = await eachKept(looks, troubles, async (look) => carryOn(messenger, look))
  for (const notice of notices) if (notice) messenger.notify(notice)
  if (troubles.length > 0) throw troubles[0]
}

/** What is looked at, and what was found of it; absent where that is nothing. */
type Look = {
  readonly of: { readonly rule: string; readonly subject: string }
  readonly finding?: Finding
  /** The row as it was read with all that are open; absent for one that is not. */
  readonly known: Incident | undefined
}

function worstFirst({ severity: one }: Finding, { severity: other }: Finding): number {
  return isWorse(one, other) ? -1 : Number(isWorse(other, one))
}

/** Answers what there is to tell of it. */
async function carryOn(
  { incidents, clock }: Messenger,
  { of: { rule, subject }, finding, known }: Look,
): Promise<Notice | undefined> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    // A storm that stands is read once, and not row by row.
    const before = (tries === 0 ? known : undefined) ?? (await incidents.read(rule, subject))
    const after = advance(before, finding, clock.now())
    if (!after || after === before) return undefined
    if ((await incidents.write(after)) === 'stale') continue
    const state = change(before, after)
    return state && { kind: 'incident', at: clock.now(), state, incident: after }
  }
  return undefined
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
