import { dollars } from '../domain/pnl/row-usd.ts'
import type { StressResult } from '../domain/stress/stress.ts'
import { packed, packedExactly } from './report/packed.ts'
import type { Curve, Part, Section } from './report/parts.ts'
import { reportPage } from './report/report-page.ts'
import { countText, usdText } from './report/words.ts'
import type { EngineStress } from './show-stress.ts'
import { dragLines, jumpRows, sizingRows, sizingTitle } from './stress-lines.ts'

/** One page that needs nothing else: for each exchange a plot of what jumps of all markets cost, and all numbers below. */
export function stressPage(all: readonly EngineStress[]): string {
  return reportPage({
    kind: 'Stress',
    name: all.map(({ engine }) => engine).join(', '),
    about: ['What jumps of prices would do now, in USD.'],
    sides: [],
    sections: all.map(section),
    from: 0,
    to: 0,
  })
}

function section(one: EngineStress): Section {
  const { engine, accounts, block, insuranceFund, decimals } = one
  const fund = usdText(dollars(insuranceFund, decimals).toFixed())
  return {
    key: engine,
    title: engine,
    note: `${countText(accounts, 'account')} at block ${block}, insurance fund ${fund}`,
    parts: [
      jointChart(one),
      tablePart('jumps', 'Every jump', jumpRows(one)),
      ...dragLines(one).map((text, place): Part => ({ key: `drag ${place}`, kind: 'words', text })),
      tablePart('sizing', sizingTitle(one), sizingRows(one)),
    ],
  }
}

/** All markets jump together. */
function jointChart({ engine, results, decimals }: EngineStress): Part {
  const joint = results.filter(({ shock }) => shock.asset === undefined)
  const usd = (of: (result: StressResult) => bigint) =>
    packed(joint.map((result) => dollars(of(result), decimals).toNumber()))
  const curves: readonly Curve[] = [
    {
      name: 'notional that falls',
      role: 'main',
      look: 'line',
      values: usd(({ notional }) => notional),
    },
    { name: 'the fund pays', role: 'warning', look: 'line', values: usd(({ fundOut }) => fundOut) },
    { name: 'unpaid', role: 'bad', look: 'line', values: usd(({ shortfall }) => shortfall) },
  ]
  return {
    key: 'joint',
    kind: 'chart',
    chart: {
      title: 'All markets jump, USD',
      summary: `${countText(joint.length, 'jump')}, each in the table below`,
      drawn: {
        kind: 'lines',
        x: { kind: 'names', names: joint.map(({ shock }) => percent(shock)) },
        at: packedExactly(joint.map((_, place) => place)),
        scale: `joint ${engine}`,
        unit: 'USD',
        isLog: false,
        curves,
        limits: [],
        shades: [],
      },
    },
  }
}

function percent({ permille }: StressResult['shock']): string {
  return `${permille > 0 ? '+' : ''}${permille / 10} %`
}

function tablePart(key: string, title: string, rows: readonly (readonly string[])[]): Part {
  const [names = [], ...others] = rows
  const columns = names.map((name, place) => ({ name, numeric: place > 0 }))
  return { key, kind: 'table', table: { title, columns, rows: others } }
}
