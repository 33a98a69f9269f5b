import { type Acknowledgement, deadlinesIn, type Silence } from '../domain/attention.ts'
import type { Incident } from '../domain/incident.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import type { Store } from '../ports.ts'

/** Longer is no pause, but another network file. */
const mostMs = 30 * 24 * 60 * 60_000

type Word = { readonly by: string; readonly now: Timestamp; readonly forMs: number }

/** Nobody is told of what is meant, until it is over. Throws where nothing would be silenced. */
export async function addSilence(
  { desk }: Pick<Store, 'desk'>,
  {
    match,
    deadlines,
    reason,
    id,
    ...word
  }: Word & Pick<Silence, 'id' | 'match' | 'deadlines' | 'reason'>,
): Promise<Silence> {
  if (match.rule === undefined && match.subject === undefined)
    throw new AttentionError('say what is silenced with --rule, --subject or both')
  const left = deadlinesIn({ match, deadlines })
  if (match.rule !== undefined && left.includes(match.rule))
    throw new AttentionError(
      `${match.rule} counts down to a deadline that nobody can move; --deadlines silences it all the same`,
    )
  const silence = { id, match, until: untilOf(word), by: word.by, reason, deadlines }
  await desk.silence(silence)
  return silence
}

/** Ends it now. Throws where there is none. */
export async function endSilence(
  { desk }: Pick<Store, 'desk'>,
  id: string,
  now: Timestamp,
): Promise<Silence> {
  const silences = await desk.silences()
  const silence = silences.find((one) => one.id === id)
  if (!silence)
    throw new AttentionError(
      `there is no silence ${id}; ${silences.length === 0 ? 'there is none' : `there are ${silences.map((one) => one.id).join(', ')}`}`,
    )
  const ended = { ...silence, until: now }
  await desk.silence(ended)
  return ended
}

/** Takes what is open into one's hands. Throws where it is not open. */
export async function acknowledge(
  { desk, incidents }: Pick<Store, 'desk' | 'incidents'>,
  {
    rule,
    subject,
    note,
    ...word
  }: Word & { readonly rule: string; readonly subject: string; readonly note: string },
): Promise<Acknowledgement> {
  const incident = await incidents.read(rule, subject)
  if (!incident || incident.state !== 'open')
    throw new AttentionError(
      `${rule} of ${subject} is not open; ${openText(await incidents.open())}`,
    )
  const one = { rule, subject, key: incident.key, until: untilOf(word), by: word.by, note }
  await desk.acknowledge(one)
  return one
}

function openText(all: readonly Incident[]): string {
  const open = all.filter(({ state }) => state === 'open')
  if (open.length === 0) return 'nothing is'
  const some = open.slice(0, 5).map(({ rule, subject }) => `${rule} ${subject}`)
  return `open are ${some.join(', ')}${open.length > some.length ? ', …' : ''}`
}

function untilOf({ now, forMs }: Word): Timestamp {
  if (forMs > mostMs) throw new AttentionError('expected at most 30 days')
  return timestamp(now + forMs)
}

/** What was asked for makes no sense as things stand. */
export class AttentionError extends Error {
  override readonly name = 'AttentionError'
}
