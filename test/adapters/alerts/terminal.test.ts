import { expect, test } from 'vitest'

import { alertChannel } from '../../../lib/adapters/alerts/index.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aDigest, anAlert, clock, start } from './support.ts'

async function linesOf(...alerts: readonly ReturnType<typeof anAlert>[]) {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const terminal = alertChannel('screen', { kind: 'terminal' }, { clock, write })
  for (const alert of alerts) await terminal.deliver(alert)
  return lines
}

test('one line says what is wrong, where, since when and what to do', async () => {
  expect(await linesOf(anAlert())).toEqual([
    'CRITICAL price-late core:BTC-USD: core was last told a price of BTC-USD long ago ' +
      '(sepolia, since 2023-11-14 22:13:20 UTC; see infra/runbooks/price-late.md)',
  ])
})

const lasted = (ms: number) => anAlert({ state: 'resolved', at: timestamp(start + ms) })

test('the end says how long it was', async () => {
  const lines = await linesOf(lasted(9_000), lasted(69_000), lasted(0))
  expect(lines.map((line) => /\((\d[^()]*)\)/.exec(line)?.[1])).toEqual(['9 s', '1 min 9 s', '0 s'])
  expect(lines[0]).toMatch(/^RESOLVED /)
})

test('what a venue wrote cannot draw on the screen or begin a line of its own', async () => {
  const [line] = await linesOf(anAlert({ summary: 'a\u001B[2J\nb\u2028c\u202Ed' }))
  expect(line).toContain('a [2J b c d')
  expect(line).not.toMatch(/[\p{Cc}\u2028\u202E]/u)
})

test('many at once are one line, the worst first', async () => {
  const lines: string[] = []
  const world = { clock, write: (line: string) => void lines.push(line) }
  await alertChannel('screen', { kind: 'terminal' }, world).digest(aDigest())
  expect(lines).toEqual([
    'DIGEST of 57 alerts, the worst CRITICAL (sepolia, 2023-11-14 22:13:20 UTC: 2 critical, 1 info open, 54 warning over): ' +
      'CRITICAL price-late core:BTC-USD: core was last told a price of BTC-USD long ago | ' +
      'INFO price-late evm:ETH-USD: core was last told a price of BTC-USD long ago | and 55 more',
  ])
})
