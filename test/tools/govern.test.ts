import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { InvalidArgumentError } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { assignment } from '../../lib/tools/govern.ts'
import { keyOf } from '../runtime/parameters/approver-keys.ts'

describe('a place and its value', () => {
  test('is a number, a text or a list, as in YAML', () => {
    expect(assignment('a.b=25')).toEqual({ 'a.b': 25 })
    expect(assignment(' a.b = -0.5 ')).toEqual({ 'a.b': -0.5 })
    expect(assignment('a.b=[kraken:BTC-USD, okx:BTC-USDT]')).toEqual({
      'a.b': ['kraken:BTC-USD', 'okx:BTC-USDT'],
    })
    expect(assignment('a.b=0x10', { c: 1 })).toEqual({ c: 1, 'a.b': '0x10' })
  })

  test('without one of the two, or twice, is a mistake', () => {
    for (const text of ['a.b', '=3', 'a.b=', '= '])
      expect(() => assignment(text)).toThrow(InvalidArgumentError)
    expect(() => assignment('a.b=2', { 'a.b': 1 })).toThrow('a.b is there twice')
  })
})

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

async function govern(...args: readonly string[]): Promise<Ended> {
  try {
    return { code: 0, ...(await run(process.execPath, [cli, 'govern', ...args])) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

describe('on the command line', () => {
  let folder = ''
  let at: readonly string[] = []
  const deviation = 'markets.BTC-USD.push.deviationBps'
  const said = ['--by', 'ann', '--why', 'fewer pushes'] as const

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starkeep-govern-'))
    const file = join(folder, 'network.yml')
    writeFileSync(
      file,
      `network: test
store: { kind: memory, file: rows }
chains: {}
engines: {}
markets:
  BTC-USD: {}
oracles: []
jobs: {}
parameters: { shadowSeconds: 0, leadSeconds: 5, approvals: 1, approvers: { ben: '${keyOf('ben').address}' } }
`,
    )
    const hex = Buffer.from('ben').toString('hex').padStart(64, '0')
    writeFileSync(join(folder, 'ben'), `0x${hex}`, { mode: 0o600 })
    at = ['--network', file]
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('a change goes through its phases, each step with a name and a reason', async () => {
    const proposed = await govern('propose', '--set', `${deviation}=25`, '--shadow', ...said, ...at)
    expect([proposed.code, proposed.stdout]).toEqual([
      0,
      expect.stringMatching(/ shadow set 1 .* by ann: fewer pushes\n$/),
    ])
    const early = await govern('activate', ...said, ...at)
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('0 of 1 approvals')])
    const key = ['--key', `file:${join(folder, 'ben')}`, '--by', 'ben', '--why', 'I looked at it']
    expect((await govern('approve', ...key, ...at)).stdout).toMatch(/ approve set 1 .* by ben/)
    const active = await govern('activate', '--in', '6s', ...said, ...at)
    expect([active.code, active.stdout]).toEqual([
      0,
      expect.stringMatching(/ activate set 1 .* from .* by ann/),
    ])
    const { stdout } = await govern('status', '--json', ...at)
    expect(JSON.parse(stdout)).toMatchObject({
      stands: { next: { how: 'activate', set: { number: 1 } } },
      changes: [{ path: deviation, from: 20, to: 25 }],
      events: [{ kind: 'activate' }, { kind: 'approve' }, { kind: 'shadow' }, { kind: 'propose' }],
    })
    const back = await govern('withdraw', '--by', 'ann', '--why', 'not today', ...at)
    expect(back.stdout).toMatch(/ withdraw set 1 .* by ann: not today\n$/)
    expect((await govern('status', ...at)).stdout).toMatch(/^active: the network file’s own set\n/)
  }, 120_000)

  test('what can be changed is listed with bounds, unit and reason', async () => {
    const { stdout } = await govern('parameters', '--match', 'push.deviation', ...at)
    expect(stdout).toMatch(
      /^markets\.BTC-USD\.push\.deviationBps = 20 bps \(0 to 10000\), lower is more careful\n {4}Push when /,
    )
  }, 60_000)

  test('every mistake is a sentence that says what was expected', async () => {
    for (const [args, sentence] of [
      [['propose', '--set', 'nothing', ...said, ...at], 'expected place=value'],
      [
        ['propose', '--set', `${deviation}=0`, ...said, ...at],
        `${deviation}: expected more than 0`,
      ],
      [['parameters', '--match', 'nosuch', ...at], 'no parameter has nosuch in its place'],
      [['propose', ...said, ...at], '--set'],
      [['propose', '--set', `${deviation}=25`, '--by', 'ann', ...at], '--why'],
      [['roll-back', ...said, ...at], 'there is no set before this one'],
      [['approve', '--key', '0x11', ...said, ...at], '--key: expected file:<path>'],
      [
        ['emergency', '--set', `${deviation}=30`, ...said, ...at],
        `${deviation}: expected lower than 20, found 30`,
      ],
    ] as const) {
      const { code, stderr } = await govern(...args)
      expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
    }
  }, 120_000)
})
