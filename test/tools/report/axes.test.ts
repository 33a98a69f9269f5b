import { expect, test } from 'vitest'

/** Scripts of the page, as a browser has them: no compiler makes types of them for this side. */
const client = '../../../lib/tools/report/client'
const { rangeOf } = (await import(`${client}/range.js`)) as {
  readonly rangeOf: (charts: readonly unknown[], from: number, to: number) => readonly number[]
}
const { valueText } = (await import(`${client}/axes.js`)) as {
  readonly valueText: (value: number, unit: string) => string
}

test('what is nothing all the time has an axis that people can read', () => {
  expect(rangeOf([aChart([0, 0, 0])], 1, 3)).toEqual([0, 1])
})

test('what is not nothing has an axis of its own size', () => {
  const [low = 0, high = 0] = rangeOf([aChart([-0.002, 0, 0.001])], 1, 3)
  expect(low).toBeLessThan(-0.002)
  expect(low).toBeGreaterThan(-0.004)
  expect(high).toBeGreaterThan(0.001)
  expect(high).toBeLessThan(0.003)
})

test.each([
  [-0.001, 'bps', '0 bps'],
  [-0.01, 'bps', '−0.01 bps'],
  [-10, 'bps', '−10 bps'],
  [-0.5, '', '−0.5'],
  [0, 'USD', '0 USD'],
])('%d in %s is %s in the legend: nothing has no sign', (value, unit, expected) => {
  expect(valueText(value, unit)).toBe(expected)
})

function aChart(values: readonly number[]) {
  const at = values.map((_, place) => place + 1)
  const curve = { role: 'main', look: 'line', low: values, high: values, isShown: true }
  return { at, curves: [curve], limits: [], isLog: false }
}
