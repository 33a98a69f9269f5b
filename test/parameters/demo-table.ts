import type { Course } from './play-scene.ts'

/** One line for each course, and what was the end of it. */
export function demoTable(courses: readonly Course[]): string {
  const rows = [
    [
      'recording',
      'proposal',
      'proposed',
      'refused',
      'active',
      'taken back',
      'confirmed',
      'worst told',
      'worst by itself',
      'why',
    ],
    ...courses.map(rowOf),
  ]
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function rowOf(course: Course): readonly string[] {
  const { scene, events, refused, told, against } = course
  const timeOf = (kind: string) => events.find((event) => event.kind === kind)?.recordedAt
  const back = events.find(({ kind, by }) => kind === 'roll-back' && by === 'guard')
  return [
    scene.market.name,
    scene.proposal.name,
    timeText(timeOf('propose')),
    timeText(refused === undefined ? undefined : course.askedAt),
    timeText(timeOf('activated')),
    timeText(back?.recordedAt),
    timeText(timeOf('confirmed')),
    bpsText(told.map(({ bps }) => bps ?? Infinity)),
    bpsText(course.minutes.flatMap(ownBps)),
    back?.why ?? against ?? '',
  ]
}

/** Of what the new set would make of the quotes, had nobody looked. */
function ownBps({ before, candidate }: Course['minutes'][number]): readonly number[] {
  return before === undefined || candidate === undefined
    ? []
    : [Math.abs(candidate / before - 1) * 10_000]
}

function bpsText(all: readonly number[]): string {
  return `${Math.max(0, ...all).toFixed(0)} bps`
}

function timeText(at: number | undefined): string {
  return at === undefined ? '-' : new Date(at).toISOString().slice(5, 16).replace('T', ' ')
}
