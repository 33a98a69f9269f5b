import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Clock } from '../../lib/ports.ts'
import { acknowledge, addSilence, endSilence } from '../../lib/tools/attend.ts'
import { incidentLines, silenceLines } from '../../lib/tools/attention-lines.ts'
import { anIncident, heardOpen, start, steppedClock } from '../adapters/store/samples.ts'

const word = { by: 'ann', now: start, forMs: 3_600_000 }

function aStore() {
  return memoryStore({ clock: steppedClock() })
}

describe('silencing', () => {
  test('keeps what is meant, by whom, why and until when', async () => {
    const store = aStore()
    const match = { rule: 'venue-*', subject: '*kraken*' }
    await addSilence(store, { ...word, id: 'k3f', match, deadlines: false, reason: 'theirs' })
    expect(await store.desk.silences()).toEqual([
      { id: 'k3f', match, until: start + 3_600_000, by: 'ann', reason: 'theirs', deadlines: false },
    ])
    await endSilence(store, 'k3f', start)
    expect(await store.desk.silences()).toEqual([])
  })

  test('needs something that is meant, an end in sight, and a word where it is a deadline', async () => {
    const store = aStore()
    const silence = { ...word, id: 'k', match: {}, deadlines: false, reason: 'r' }
    await expect(addSilence(store, silence)).rejects.toThrow('--rule, --subject or both')
    const deadline = { ...silence, match: { rule: 'funding-late' } }
    await expect(addSilence(store, deadline)).rejects.toThrow(
      'funding-late counts down to a deadline that nobody can move; --deadlines silences it',
    )
    await addSilence(store, { ...deadline, deadlines: true })
    const long = { ...silence, match: { rule: 'no-*' }, forMs: 31 * 86_400_000 }
    await expect(addSilence(store, long)).rejects.toThrow('at most 30 days')
    await expect(endSilence(store, 'x', start)).rejects.toThrow('no silence x; there are k')
  })
})

describe('acknowledging', () => {
  test('means the occurrence that is open now', async () => {
    const store = aStore()
    const open = anIncident('BTC-USD', { state: 'open', openedAt: start })
    await store.incidents.write(open)
    const what = { rule: 'price-late', subject: 'BTC-USD', note: 'on it' }
    expect(await acknowledge(store, { ...word, ...what })).toMatchObject({ key: open.key })
    expect(await store.desk.acknowledgements()).toMatchObject([{ by: 'ann', note: 'on it' }])
  })

  test('of what is not open says what is', async () => {
    const store = aStore()
    const what = { rule: 'price-late', subject: 'ETH-USD', note: '' }
    await expect(acknowledge(store, { ...word, ...what })).rejects.toThrow(
      'price-late of ETH-USD is not open; nothing is',
    )
    await store.incidents.write(anIncident('BTC-USD', { state: 'open', openedAt: start }))
    await expect(acknowledge(store, { ...word, ...what })).rejects.toThrow(
      'open are price-late BTC-USD',
    )
  })
})

test('a table shows what is wrong, who was told, who has it in hand and what is silenced', () => {
  const silence = {
    id: 'k3f',
    match: { rule: 'venue-*' },
    until: timestamp(start + 1_800_000),
    by: 'ben',
    reason: 'their maintenance',
    deadlines: true,
  }
  const mine = { rule: 'r', subject: 's', key: 'k', until: timestamp(start + 60_000 * 90) }
  const lines = incidentLines(
    [
      {
        rule: 'price-late',
        subject: 'core:BTC-USD',
        severity: 'critical',
        state: 'open',
        summary: 'no price for long',
        since: start - 120_000,
        told: ['team', 'pager'],
        acknowledgement: { ...mine, by: 'ann', note: '' },
        silence: undefined,
      },
      {
        rule: 'venue-down',
        subject: 'kraken',
        severity: 'warning',
        state: 'pending',
        summary: 'brought nothing',
        since: start - 5_000,
        told: [],
        acknowledgement: undefined,
        silence,
      },
    ],
    [silence],
    start,
  )
  expect(lines).toEqual([
    'severity  state    for    rule        subject       told         in hand',
    'critical  open     2 min  price-late  core:BTC-USD  team, pager  ann, 90 min more',
    '  no price for long',
    'warning   pending  5 s    venue-down  kraken        -            silence k3f',
    '  brought nothing',
    '',
    'silence k3f: venue-* of anything, deadlines too, for 30 min more, by ben: their maintenance',
  ])
  expect(silenceLines([], start)).toEqual(['Nothing is silenced.'])
  expect(incidentLines([], [], start)).toEqual(['Nothing is open.'])
})

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

async function starkeep(...args: readonly string[]): Promise<Ended> {
  try {
    return { code: 0, ...(await run(process.execPath, [cli, ...args])) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

describe('on the command line', () => {
  let folder = ''
  let file = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'starkeep-attention-'))
    file = join(folder, 'network.yml')
    writeFileSync(
      file,
      'network: test\nstore: { kind: memory, file: rows }\nchains: {}\nengines: {}\nmarkets: {}\noracles: []\njobs: {}\n',
    )
    const clock: Clock = { now: () => timestamp(Date.now()), sleep: async () => Promise.resolve() }
    const store = memoryStore({ clock, file: join(folder, 'rows') })
    const seenAt = clock.now()
    await store.incidents.write(
      anIncident('core:BTC-USD', { seenAt, since: seenAt, channels: { team: heardOpen } }),
    )
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('what is open is shown, acknowledged and silenced, and a silence ends', async () => {
    const at = ['--network', file] as const
    const ack = await starkeep(
      'ack',
      'price-late',
      'core:BTC-USD',
      '--for',
      '2h',
      '--by',
      'ann',
      ...at,
    )
    expect(ack).toMatchObject({ code: 0, stdout: "price-late of core:BTC-USD is ann's for 2 h\n" })
    const rule = ['--rule', '*-late', '--for', '1h', '--reason', 'a test', '--by', 'ann'] as const
    const silenced = await starkeep('silence', ...rule, '--json', ...at)
    const { id, stillTold } = JSON.parse(silenced.stdout) as { id: string; stillTold: string[] }
    expect(stillTold).toEqual(['exchange-time-late', 'funding-late'])
    const shown = await starkeep('incidents', ...at)
    expect(shown.stdout).toMatch(/price-late +core:BTC-USD +team +ann, .* more; silence /)
    const all = JSON.parse((await starkeep('incidents', '--json', ...at)).stdout) as object
    expect(all).toMatchObject({
      incidents: [{ rule: 'price-late', acknowledgement: { by: 'ann' }, silence: { id } }],
      silences: [{ id, reason: 'a test' }],
    })
    expect((await starkeep('silence', 'end', id, ...at)).stdout).toBe(`silence ${id} is over\n`)
    expect((await starkeep('silence', ...at)).stdout).toBe('Nothing is silenced.\n')
  }, 60_000)

  test('every mistake is a sentence that says what was expected', async () => {
    const at = ['--network', file] as const
    for (const [args, sentence] of [
      [['silence', '--rule', 'x', '--reason', 'r', ...at], '--for is required'],
      [['silence', '--rule', 'x', '--for', '1h', ...at], '--reason is required'],
      [['silence', '--rule', 'x', '--for', 'long', '--reason', 'r', ...at], 'not a length of time'],
      [['silence', 'end', ...at], 'say which silence ends'],
      [['silence', 'end', 'nope', ...at], 'there is no silence nope'],
      [['ack', 'no-price', 'BTC-USD', ...at], 'no-price of BTC-USD is not open'],
      [['incidents', '--limit', '0', ...at], 'expected 1, 2, 3'],
    ] as const) {
      const { code, stderr } = await starkeep(...args)
      expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
    }
  }, 60_000)
})
