import { packedExactly } from './packed.ts'
import type { Lines, Part } from './parts.ts'

/** A chart over time as a part. Its scale is its key and what it is of, so that two runs have the same. */
export function timeChart({
  key,
  of,
  title,
  summary,
  note,
  at,
  unit,
  isLog = false,
  curves,
  limits = [],
  shades = [],
}: {
  readonly key: string
  /** A market, or the exchange. */
  readonly of: string
  readonly title: string
  readonly summary: string
  readonly note?: string
  readonly at: readonly number[]
} & Pick<Lines, 'unit' | 'curves'> &
  Partial<Pick<Lines, 'isLog' | 'limits' | 'shades'>>): Part {
  return {
    key,
    kind: 'chart',
    chart: {
      title,
      summary,
      ...(note === undefined ? {} : { note }),
      drawn: {
        kind: 'lines',
        x: { kind: 'time' },
        at: packedExactly(at),
        scale: `${key} ${of}`,
        unit,
        isLog,
        curves,
        limits,
        shades,
      },
    },
  }
}
