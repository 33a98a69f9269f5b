import { timestamp } from '../domain/time.ts'
import { lasting, utc } from '../domain/watch/words.ts'
import type { IncidentView } from '../runtime/view/incidents-view.ts'
import type {
  ChangeView,
  DeadlineView,
  LevelView,
  ProgressView,
  WatchedChainView,
  WatchedMarkView,
  WatchedView,
} from '../runtime/view/watched-view.ts'
import { foldedLevels } from './folded-levels.ts'

/** What a person reads of one watched system: a line for each thing that is looked at. */
export function watchedLines(
  view: WatchedView,
  { now, incidents }: { readonly now: number; readonly incidents: readonly IncidentView[] },
): readonly string[] {
  const { system, kind, lookedAt, current, finality, unseen } = view
  const seen =
    lookedAt === undefined
      ? 'not looked at yet'
      : `seen ${ago(now - lookedAt)}${current ? '' : ', too long ago to judge by'}`
  return [
    `${system} (${kind}), ${seen}`,
    ...[
      ...view.chains.flatMap(chainRows),
      ...view.progress.map(progressRow),
      ...levelRows(view.levels),
      ...nearestDeadline(view.deadlines),
      ...nearestChange(view.changes),
      ...view.changes.flatMap(differingChange),
      ...view.marks.map(markRow),
      ...(finality
        ? [
            row(
              'final',
              `in ${lasting(finality.finalMs)}, a withdrawal in ${lasting(finality.withdrawalMs)}, by ${finality.by}: ${finality.basis}`,
            ),
          ]
        : []),
      ...unexpectedSettings(view),
      ...unseenRows(unseen, now),
      ...incidentsOf(system, incidents).flatMap((one) => incidentRows(one, now)),
    ].map((line) => `  ${line}`),
  ]
}

/** Open alerts of a system: those of its own, and those of others that explain something of it. */
export function incidentsOf(
  system: string,
  incidents: readonly IncidentView[],
): readonly IncidentView[] {
  const isOwn = ({ subject }: { readonly subject: string }) => subject.startsWith(`${system}:`)
  return incidents.filter((one) => one.state === 'open' && (isOwn(one) || one.symptoms.some(isOwn)))
}

function chainRows({ chain, number, ageMs, usualMs, late, places }: WatchedChainView) {
  const usual = usualMs === undefined ? '' : `; a block every ${seconds(usualMs)}`
  const head =
    number === undefined || ageMs === undefined
      ? 'no block was seen yet'
      : `block ${number}, ${lasting(ageMs)} old${late ? ' (late)' : ''}${usual}`
  // One place is the chain itself, as long as it answers.
  const each = places.length > 1 || places.some(({ trouble }) => trouble !== undefined)
  return [row(chain, head), ...(each ? places.map((one) => row('', placeText(one))) : [])]
}

function placeText({ place, number, ageMs, trouble }: WatchedChainView['places'][number]): string {
  const head =
    number === undefined || ageMs === undefined ? '' : `block ${number}, ${lasting(ageMs)} old`
  const parts = [head, trouble === undefined ? '' : `no answer: ${trouble}`]
  return `${place}: ${parts.filter((part) => part !== '').join('; ')}`
}

function progressRow({ name, last, ageMs, usualMs, warnMs, pageMs, late }: ProgressView): string {
  const step =
    last === undefined ? `none was seen, waited for ${lasting(ageMs)}` : `${last}, ${ago(ageMs)}`
  const usual = usualMs === undefined ? 'nothing is usual yet' : `usual ${lasting(usualMs)}`
  const limit =
    warnMs === undefined || pageMs === undefined
      ? ''
      : `, told after ${lasting(warnMs)}, critical after ${lasting(pageMs)}`
  return row(name, `${step}${late ? ' (late)' : ''}; ${usual}${limit}`)
}

function levelRows(levels: readonly LevelView[]): readonly string[] {
  const { shown, folded } = foldedLevels(levels)
  return [
    ...shown.map(levelRow),
    ...folded.map(({ kind, count }) =>
      row(kind, `of ${count} markets, within bounds (all of them: --json)`),
    ),
  ]
}

function levelRow({ name, value, unit, floor, ceiling, out }: LevelView): string {
  const bounds = [
    floor === undefined ? '' : `at least ${floor}`,
    ceiling === undefined ? '' : `at most ${ceiling}`,
  ].filter((text) => text !== '')
  const amount = unit === 's' ? lasting(value * 1000) : `${value} ${unit}`
  const limits = bounds.length === 0 ? '' : ` (${bounds.join(', ')})`
  return row(name, `${amount}${limits}${out ? ', out of bounds' : ''}`)
}

function nearestDeadline([first, ...others]: readonly DeadlineView[]): readonly string[] {
  if (!first) return []
  const { name, text, leftMs, usedPercent } = first
  const left = leftMs > 0 ? `${lasting(leftMs)} left` : `over for ${lasting(-leftMs)}`
  const more = others.length === 0 ? '' : `; ${others.length} more`
  return [row('deadline', `${name}: ${text}; ${left}, ${usedPercent} % of its time is gone${more}`)]
}

function nearestChange(changes: readonly ChangeView[]): readonly string[] {
  const [first, ...others] = changes.filter(({ state }) => state !== 'done' && state !== 'dropped')
  if (!first) return []
  const { title, state, effectiveAt, leftMs, touches } = first
  const verb = state === 'decided' ? 'takes effect' : 'may take effect'
  const when =
    effectiveAt === undefined || leftMs === undefined
      ? 'at a time that nobody can tell yet'
      : leftMs > 0
        ? `in ${lasting(leftMs)}, at ${utc(timestamp(effectiveAt))}`
        : `at any time since ${utc(timestamp(effectiveAt))}`
  const what = touches.length === 0 ? '' : `; it touches ${touches.join(', ')}`
  const more = others.length === 0 ? '' : `; ${others.length} more`
  return [row('change', `“${title}” ${verb} ${when}${what}${more}`)]
}

function differingChange({ title, differs }: ChangeView): readonly string[] {
  return differs === undefined ? [] : [row('change', `“${title}” was not as announced: ${differs}`)]
}

function markRow(view: WatchedMarkView): string {
  const { market, mark, ours, others, bps, usualBps, fundingPerHour } = view
  const usual = usualBps === undefined ? '' : `, up to ${Math.round(usualBps)} are usual`
  const held =
    ours === undefined
      ? others && `the other exchanges' median ${others.median} (${others.of.join(', ')})`
      : `ours ${ours}`
  const beside = held === undefined ? '' : `, ${held}, ${Math.round(bps ?? 0)} bps apart${usual}`
  const funding = fundingPerHour === undefined ? '' : `; funding ${fundingPerHour} an hour`
  return row(market, `mark ${mark}${beside}${funding}`)
}

/** All settings are in `--json`: most never change. */
function unexpectedSettings({ settings }: WatchedView): readonly string[] {
  return settings.flatMap(({ name, value, expected }) =>
    expected === undefined || expected === value
      ? []
      : [row('setting', `${name} is ${value}, expected is ${expected}`)],
  )
}

/** What one reason hides is one line. */
function unseenRows(unseen: WatchedView['unseen'], now: number): readonly string[] {
  const groups = Map.groupBy(unseen, ({ reason, since }) => `${since} ${reason}`)
  return [...groups.values()].map((some) => {
    const [{ reason, since } = { reason: '', since: now }] = some
    const parts = some.map(({ part }) => part).join(', ')
    return row('not seen', `${parts}, for ${lasting(now - since)}: ${reason}`)
  })
}

function incidentRows(incident: IncidentView, now: number): readonly string[] {
  const { severity, rule, summary, since, symptoms } = incident
  return [
    row(severity, `${rule}: ${summary} (${ago(now - since)})`),
    ...symptoms.map((one) => row('', `with it ${one.rule}: ${one.summary}`)),
  ]
}

function row(name: string, text: string): string {
  return `${name.padEnd(16)} ${text}`.trimEnd()
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : lasting(ms)
}

function ago(ms: number): string {
  return `${lasting(ms)} ago`
}
