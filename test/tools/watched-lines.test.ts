import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { SystemMemory } from '../../lib/domain/watch/system-memory.ts'
import { parseNetwork } from '../../lib/runtime/network-file.ts'
import { networkView } from '../../lib/runtime/view/network-view.ts'
import { statusLines } from '../../lib/tools/status-lines.ts'
import { anIncident } from '../adapters/store/samples.ts'
import { aSystemAllWrong } from '../domain/watch/a-system-all-wrong.ts'

const now = timestamp(1_700_000_000_000)
const clock = { now: () => now, sleep: async () => undefined }

const network = parseNetwork(
  `network: watcher
store: { kind: memory }
chains: {}
engines: {}
markets: {}
watched:
  starknet:
    kind: starknet
    rpc: ['https://one.example', 'https://two.example']
    l1Rpc: ['https://three.example']
    core: '0xc662c410C0ECf747543f5bA90660f6ABeBD9C8c4'
    floors: { insurance-fund: 1000 }
    expect: { programHash: '0xa' }
  other:
    kind: starknet
    rpc: ['https://one.example']
    l1Rpc: ['https://three.example']
    core: '0xc662c410C0ECf747543f5bA90660f6ABeBD9C8c4'
jobs:
  watch-systems: { everySeconds: 30 }
`,
  'watcher.yml',
  { venueNames: [] },
)

async function status(ageMs = 0, more: Partial<SystemMemory> = {}): Promise<readonly string[]> {
  const store = memoryStore({ clock })
  await store.systems.write({ ...aSystemAllWrong(timestamp(now - ageMs)), ...more })
  const opened = { state: 'open', openedAt: now, since: now } as const
  await store.incidents.write({
    ...anIncident('starknet:l2', opened),
    rule: 'chain-stalled',
    severity: 'critical',
    summary: 'starknet:l2 has made no block since 1962873',
    symptoms: [
      {
        rule: 'progress-stalled',
        subject: 'starknet:state-update',
        severity: 'warning',
        summary: 'no state-update for 10 h',
        since: now,
      },
    ],
  })
  await store.incidents.write({ ...anIncident('okx', opened), rule: 'venue-down' })
  const view = await networkView({ network, store, now })
  expect(JSON.parse(JSON.stringify(view))).toEqual(view)
  return statusLines(view)
}

describe('status, of systems that are only watched', () => {
  test('shows blocks at each place, beside what is usual', async () => {
    const lines = await status()
    expect(lines).toContain('Watched')
    expect(lines).toContain('  starknet (starknet), seen 0 s ago')
    // Blocks 73 apart, 20 and 23 minutes old, as the sample has them.
    expect(lines).toContain(
      '    l2               block 1962873, 20 min old (late); a block every 2 s',
    )
    expect(lines).toContain('                     two.example: block 1962800, 23 min old')
    expect(lines).toContain(
      '                     three.example: no answer: one.example did not answer',
    )
  })

  test('shows steps with their age, what is usual and the limit', async () => {
    const line = (await status()).find((one) => one.includes('state-update  '))
    // Every two hours of late: 2.8 times that is told, twice of it would be critical, but the file says nothing here.
    expect(line).toMatch(
      /, 10 h ago \(late\); usual 2 h, told after 5 h 36 min, critical after 11 h 12 min$/,
    )
  })

  test('shows levels, the nearest deadline and change, finality, and what is not as it should be', async () => {
    const text = (await status()).join('\n')
    expect(text).toMatch(/^ {4}insurance-fund +900 USD \(at least 1000\), out of bounds$/m)
    expect(text).toMatch(
      /^ {4}deadline +forced-request:withdrawal:7: .*; 24 h left, 85 % of its time is gone$/m,
    )
    expect(text).toMatch(
      /^ {4}change +“upgrade to upgrade:0x3” may take effect in 30 min, .*; 2 more$/m,
    )
    expect(text).toMatch(
      /^ {4}change +“upgrade to upgrade:0x4” was not as announced: programHash is 0xb/m,
    )
    expect(text).toMatch(/^ {4}final +in 5 h, a withdrawal in 6 h, by validity proof: /m)
    expect(text).toMatch(/^ {4}setting +programHash is 0xb, expected is 0xa$/m)
    expect(text).toMatch(/^ {4}not seen +level:settled-age, for 60 min: no node has the block$/m)
    expect(text).toMatch(
      /^ {4}BTC-USD +mark 102000, ours 100000, 200 bps apart, up to 100 are usual; funding/m,
    )
  })

  test('says of a mark whose median it is held against where there is none of ours', async () => {
    const others = { median: '100000', of: ['dydx', 'extended', 'paradex'] }
    const last = { market: 'BTC-USD', mark: '102000', others }
    const marks = { 'BTC-USD': { last, at: now, bps: 200, apartSince: now, buckets: [] } }
    expect((await status(0, { marks })).join('\n')).toContain(
      "mark 102000, the other exchanges' median 100000 (dydx, extended, paradex), 200 bps apart, up to 100 are usual",
    )
  })

  test('shows many levels of one kind as one, but those out of bounds', async () => {
    const names = Array.from({ length: 90 }, (_, at) => `funding-index:M${at}`)
    const levels = Object.fromEntries(
      names.map((name, at) => {
        const last = { name, value: at, unit: 'USD', ...(at === 7 && { ceiling: 6 }) }
        return [name, { last, at: now, buckets: [] }] as const
      }),
    )
    const shown = (await status(0, { levels })).filter((line) => line.includes('funding-index'))
    expect(shown.map((line) => line.trim().replace(/ +/, ' '))).toEqual([
      'funding-index:M7 7 USD (at most 6), out of bounds',
      'funding-index of 89 markets, within bounds (all of them: --json)',
    ])
  })

  test('shows open alerts of the system with what they explain, and of nothing else', async () => {
    const lines = await status()
    const from = lines.indexOf('Watched')
    const section = lines.slice(from, lines.indexOf('', from)).join('\n')
    expect(section).toMatch(/^ {4}critical +chain-stalled: starknet:l2 has made no block/m)
    expect(section).toMatch(/^ {21}with it progress-stalled: no state-update for 10 h$/m)
    expect(section).not.toContain('venue-down')
  })

  test('says where nobody has looked, or not for too long', async () => {
    expect(await status()).toContain('  other (starknet), not looked at yet')
    // Five looks of half a minute may fail.
    expect(await status(150_000)).toContain('  starknet (starknet), seen 2 min ago')
    expect(await status(151_000)).toContain(
      '  starknet (starknet), seen 2 min ago, too long ago to judge by',
    )
  })
})
