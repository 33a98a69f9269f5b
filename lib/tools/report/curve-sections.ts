import type { CurvePoint, TradeOffCurve } from '../../domain/backtest/backtest-result.ts'
import { type MeasureKind, measureKinds, measureText } from './measure-kinds.ts'
import { packed, packedExactly } from './packed.ts'
import type { Cell, Chart, Curve, Part, Section } from './parts.ts'
import { countText, numberText } from './words.ts'

/**
 * What other values of parameters would have come to: one section for all that was swept. `beside` are the curves of another run,
 * which is to have the same charts.
 */
export function curveSections(
  curves: readonly TradeOffCurve[],
  beside: readonly TradeOffCurve[],
): readonly Section[] {
  if (curves.length === 0) return []
  return [
    {
      key: 'curves',
      title: 'Trade-offs',
      note: 'The whole run once more for each value. The ring is this run.',
      parts: curves.flatMap((curve) =>
        curveParts(
          curve,
          beside.filter(({ paths }) => nameOf(paths) === nameOf(curve.paths)),
        ),
      ),
    },
  ]
}

function curveParts(curve: TradeOffCurve, beside: readonly TradeOffCurve[]): readonly Part[] {
  const name = nameOf(curve.paths)
  const moving = measureKinds.filter((kind) =>
    [curve, ...beside].some(({ points }) => isMoved(kind, points)),
  )
  const still = measureKinds.filter((kind) => !moving.includes(kind))
  const [first] = curve.points
  const same = first ? still.map((kind) => `${kind.name} ${measureText(kind, first.measures)}`) : []
  if (moving.length === 0)
    return [
      {
        key: `curve ${name}`,
        kind: 'words',
        text: `${name}: none of ${countText(curve.points.length, 'value')} changes anything in this run.`,
      },
    ]
  return [
    {
      key: `curve ${name}`,
      kind: 'charts',
      title: `${name} against what it does`,
      charts: moving.map((kind) => curveChart(curve, kind)),
      ...(same.length === 0 ? {} : { note: `The same with every value: ${same.join(', ')}.` }),
    },
    { key: `curve table ${name}`, kind: 'table', table: curveTable(curve, moving) },
  ]
}

function nameOf(paths: TradeOffCurve['paths']): string {
  return paths.join(' and ')
}

function isMoved({ key }: MeasureKind, points: readonly CurvePoint[]): boolean {
  return new Set(points.map(({ measures }) => String(measures[key]))).size > 1
}

/** Along the path that turns fastest; a curve for each value of the other one. */
function curveChart(curve: TradeOffCurve, kind: MeasureKind): Chart {
  const { paths, points } = curve
  const along = paths.length - 1
  const names = [...new Set(points.map(({ values }) => values[along] ?? ''))]
  const others = Map.groupBy(points, ({ values }) => values.slice(0, along).join(' '))
  const numbers = (of: readonly CurvePoint[]) =>
    packed(
      names.map((name) => {
        const point = of.find(({ values }) => values[along] === name)
        return point ? Number(point.measures[kind.key]) : null
      }),
    )
  const curves: readonly Curve[] = [...others].map(([value, of]): Curve => ({
    name: along === 0 ? kind.name : `${lastName(paths[0] ?? '')} ${valueText(curve, 0, value)}`,
    role: along === 0 ? 'main' : 'other',
    look: 'line',
    values: numbers(of),
  }))
  const own = points.filter(({ isRun }) => isRun)
  const ring: Curve = { name: 'this run', role: 'posted', look: 'ring', values: numbers(own) }
  const ends = [points[0], points.at(-1)].flatMap((point) => point ?? [])
  return {
    title: `${kind.name}${kind.unit === '' ? '' : `, ${kind.unit}`}`,
    summary: ends
      .map((point) => `${measureText(kind, point.measures)} with ${pointText(curve, point)}`)
      .join('; '),
    drawn: {
      kind: 'lines',
      x: { kind: 'names', names: names.map((value) => valueText(curve, along, value)) },
      at: packedExactly(names.map((_, place) => place)),
      scale: `curve ${paths.join(' ')} ${kind.key}`,
      unit: kind.unit,
      isLog: false,
      curves: own.length === 0 ? curves : [...curves, ring],
      limits: [],
      shades: [],
    },
  }
}

function curveTable(curve: TradeOffCurve, kinds: readonly MeasureKind[]) {
  const { paths, points } = curve
  return {
    title: `${nameOf(paths)}: ${countText(points.length, 'value')} in numbers`,
    columns: [
      ...paths.map((path) => ({ name: path })),
      ...kinds.map(({ name }) => ({ name, numeric: true })),
    ],
    rows: points.map((point): readonly Cell[] => [
      ...paths.map((_, place): Cell => {
        const text = valueText(curve, place, point.values[place] ?? '')
        return point.isRun && place === 0 ? { text: `${text} (this run)`, tone: 'ok' } : text
      }),
      ...kinds.map((kind) => measureText(kind, point.measures)),
    ]),
    folded: points.length > 12,
  }
}

function pointText(curve: TradeOffCurve, { values }: CurvePoint): string {
  return values.map((value, place) => valueText(curve, place, value)).join(' and ')
}

/** A value as people write it: JSON's quotes left out, with its unit. */
function valueText({ units }: TradeOffCurve, place: number, json: string): string {
  const text = json.startsWith('"') ? json.slice(1, -1) : json
  const unit = units[place] ?? ''
  const shown = /^\d{4,}$/.test(text) ? numberText(Number(text), 0) : text
  return unit === '' ? shown : `${shown} ${unit}`
}

/** `markets.BTC-USD.push.deviationBps` is deviationBps in short. */
function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}
