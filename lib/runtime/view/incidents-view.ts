import * as z from 'zod'

import {
  type Acknowledgement,
  acknowledgementOf,
  type Attention,
  noAttention,
  type Silence,
  silenceOf,
} from '../../domain/attention.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Look } from './look.ts'

const time = z.int().min(0)

const incidentSchema = z.object({
  rule: z.string(),
  subject: z.string(),
  key: z.string(),
  state: z.enum(['pending', 'open', 'resolved']),
  severity: z.enum(['info', 'warning', 'critical']),
  summary: z.string(),
  since: time,
  openedAt: time.optional(),
  resolvedAt: time.optional(),
  symptoms: z
    .array(z.object({ rule: z.string(), subject: z.string(), summary: z.string() }))
    // Rows of before anything was told together.
    .default([]),
  // Likewise.
  timeline: z.array(z.object({ at: time, what: z.string() })).default([]),
  channels: z.record(z.string(), z.object({ told: z.string(), failures: z.int() })),
})

export type IncidentView = {
  readonly rule: string
  readonly subject: string
  readonly key: string
  readonly state: 'pending' | 'open' | 'resolved'
  readonly severity: 'info' | 'warning' | 'critical'
  readonly summary: string
  readonly since: number
  readonly openedAt: number | undefined
  readonly resolvedAt: number | undefined
  /** What it explains, and is told with it. */
  readonly symptoms: readonly {
    readonly rule: string
    readonly subject: string
    readonly summary: string
  }[]
  /** What happened, oldest first. */
  readonly timeline: readonly { readonly at: number; readonly what: string }[]
  /** Who has it in hand; undefined where nobody said so. */
  readonly acknowledged: Pick<Acknowledgement, 'by' | 'until' | 'note'> | undefined
  /** Who wants nobody told of it. */
  readonly silenced: Pick<Silence, 'by' | 'until' | 'reason'> | undefined
  /** What each channel certainly knows, and how often it failed since. */
  readonly channels: readonly {
    readonly channel: string
    readonly told: string
    readonly failures: number
  }[]
}

/** Enough for a shift's work on one screen. */
const recentLimit = 20

/** `open`: not resolved, the worst first. `recent`: resolved after somebody was told, newest first. */
export async function incidentsView({ store, problems, now }: Look): Promise<{
  readonly open: readonly IncidentView[]
  readonly recent: readonly IncidentView[]
}> {
  const [openOnes, recentOnes] = ['open incidents', 'recent incidents'] as const
  // All at once: a promise that is waited for later only brings the process down where another one fails before it.
  const [attention, openRows, recentRows] = await Promise.all([
    readAttention({ store, problems }),
    problems.attempt(openOnes, () => store.incidents.open(), []),
    problems.attempt(recentOnes, () => store.incidents.recent(recentLimit), []),
  ])
  const shown = async (where: string, rows: readonly Incident[]) => {
    const views = await Promise.all(
      rows.map((row, place) =>
        problems.attempt(
          `${where}, row ${place + 1}`,
          () => [incidentView(row, { attention, now })],
          [],
        ),
      ),
    )
    return views.flat()
  }
  const [unfinished, recent] = await Promise.all([
    shown(openOnes, openRows),
    shown(recentOnes, recentRows),
  ])
  return {
    open: unfinished
      .filter(({ state }) => state !== 'resolved')
      .toSorted((one, other) => rank(one) - rank(other) || other.since - one.since),
    recent: recent.filter(({ state, openedAt }) => state === 'resolved' && openedAt !== undefined),
  }
}

async function readAttention({
  store: { desk },
  problems,
}: Pick<Look, 'store' | 'problems'>): Promise<Attention> {
  return await problems.attempt(
    'what was said of alerts',
    async () => {
      const [silences, acknowledgements] = await Promise.all([
        desk.silences(),
        desk.acknowledgements(),
      ])
      return { silences, acknowledgements }
    },
    noAttention,
  )
}

function incidentView(
  row: Incident,
  { attention, now }: { readonly attention: Attention; readonly now: Timestamp },
): IncidentView {
  const { channels, openedAt, resolvedAt, ...incident } = incidentSchema.parse(row)
  const isOver = incident.state === 'resolved'
  const acknowledged = isOver ? undefined : acknowledgementOf(row, attention, now)
  const silenced = isOver ? undefined : silenceOf(row, attention, now)
  return {
    ...incident,
    openedAt,
    resolvedAt,
    acknowledged: acknowledged && {
      by: acknowledged.by,
      until: acknowledged.until,
      note: acknowledged.note,
    },
    silenced: silenced && { by: silenced.by, until: silenced.until, reason: silenced.reason },
    channels: Object.entries(channels).map(([channel, record]) => ({ channel, ...record })),
  }
}

function rank({ state, severity }: IncidentView): number {
  const bySeverity = ['critical', 'warning', 'info'].indexOf(severity)
  return state === 'open' ? bySeverity : bySeverity + 3
}
