import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { realClock } from '../adapters/watched/places.ts'
import { aSystemAllWrong } from '../domain/watch/a-system-all-wrong.ts'
import { aWatcher } from './a-watcher.ts'

let watcher: Awaited<ReturnType<typeof aWatcher>>

beforeAll(async () => {
  watcher = await aWatcher()
}, 60_000)
afterAll(async () => watcher.stop())
afterEach(() => {
  for (const node of [...watcher.world.l1, ...watcher.world.l2]) node.trouble = 'none'
})

const Look = z.looseObject({
  system: z.string(),
  lookedAt: z.number(),
  chains: z.array(z.looseObject({ chain: z.string(), number: z.number() })),
  incidents: z.array(z.looseObject({ rule: z.string(), severity: z.string() })),
  settings: z.array(z.looseObject({ name: z.string(), value: z.string() })),
})
const looksIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Look.parse(JSON.parse(line)))
const settingOf = (look: z.infer<typeof Look> | undefined, wanted: string) =>
  look?.settings.find(({ name }) => name === wanted)

describe('starkeep watch', () => {
  test('shows one look at everything without a key, and ends with 0 where nothing is critical', async () => {
    const { code, stdout, stderr } = await watcher.starkeep(
      'watch',
      watcher.file('calm.yml'),
      '--once',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const newest = watcher.world.newest()
    expect(stdout).toMatch(/watcher, looked at from here/)
    expect(stdout).toMatch(new RegExp(`^  l2 +block ${newest}, \\d+ \\S+ old`, 'm'))
    expect(stdout).toMatch(/^ {19}127\.0\.0\.1:\d+: block \d+, /m)
    expect(stdout).toMatch(
      new RegExp(`^  state-update +block ${newest}, \\d+ s ago; nothing is usual yet`, 'm'),
    )
    expect(stdout).toMatch(/^ {2}l1-lag +0 blocks/m)
  })

  test('ends with 1 where something critical is open, and says what', async () => {
    const file = watcher.file('expects.yml', { more: "    expect: { programHash: '0xdead' }" })
    const { code, stdout } = await watcher.starkeep('watch', '--network', file, '--once')
    expect(stdout).toMatch(/^ {2}setting +programHash is 0xb, expected is 0xdead/m)
    expect(stdout).toMatch(/^ {2}critical +setting-unexpected: .*programHash is 0xb/m)
    expect(code).toBe(1)
  })

  test('judges nothing where watch-liveness is not among the jobs', async () => {
    const file = watcher.file('unjudged.yml', {
      more: "    expect: { programHash: '0xdead' }",
      liveness: false,
    })
    const { code, stdout } = await watcher.starkeep('watch', file, '--once')
    expect(stdout).toContain('watch-liveness is not in jobs')
    expect(stdout).not.toMatch(/^ {2}critical/m)
    expect(code).toBe(0)
  })

  test('gives each look as a line of JSON, settings included', async () => {
    const { stdout } = await watcher.starkeep('watch', watcher.file('json.yml'), '--once', '--json')
    const [look, ...others] = looksIn(stdout)
    expect(others).toEqual([])
    expect(look).toMatchObject({
      system: 'starknet',
      kind: 'starknet',
      current: true,
    })
    expect(settingOf(look, 'programHash')).toMatchObject({ value: '0xb' })
  })

  test('looks again and again, until Ctrl-C, and tells when nodes stop answering', async () => {
    const running = watcher.begin('watch', watcher.file('on.yml'), '--json')
    await vi.waitFor(() => expect(looksIn(running.written()).length).toBeGreaterThan(0), 15_000)
    const before = looksIn(running.written()).length
    await watcher.world.settleNext()
    const newest = watcher.world.newest()
    const numbers = () =>
      looksIn(running.written()).map(
        ({ chains }) => chains.find(({ chain }) => chain === 'l2')?.number,
      )
    await vi.waitFor(() => expect(numbers().at(-1)).toBe(newest), 15_000)
    expect(looksIn(running.written()).length).toBeGreaterThan(before)
    expect(await running.stop()).toBe(0)
  })

  test('elsewhere than in a terminal each look is a line, with one for each alert', async () => {
    const file = watcher.file('lines.yml', { more: "    expect: { programHash: '0xdead' }" })
    const running = watcher.begin('watch', file)
    await vi.waitFor(
      () => expect(running.written().match(/state-update \d+ /g)?.length).toBeGreaterThan(1),
      15_000,
    )
    expect(await running.stop()).toBe(0)
    expect(running.written()).toMatch(
      /^\d\d:\d\d:\d\d {2}starknet +(l\d \d+ \d+ \S+ · )+state-update \d+ \S+ · l1-lag 0 blocks/m,
    )
    // Told once, however often it is found.
    expect(running.written().match(/critical +setting-unexpected/g)).toHaveLength(1)
    expect(running.written()).not.toContain('\u001B')
  })

  test('begins with what the store remembers, and writes nothing into it', async () => {
    const path = `${watcher.folder}/kept.json`
    const store = memoryStore({ clock: realClock, file: path })
    const longAgo = timestamp(Date.now() - 3_600_000)
    await store.systems.write({
      ...aSystemAllWrong(longAgo),
      settings: { programHash: { value: '0xa', since: longAgo } },
      cursor: {},
      chains: {},
    })
    await store.save()
    const file = watcher.file('kept.yml', { store: '{ kind: memory, file: kept.json }' })
    const { stdout } = await watcher.starkeep('watch', file, '--once', '--json')
    expect(settingOf(looksIn(stdout)[0], 'programHash')).toMatchObject({
      value: '0xb',
      before: '0xa',
    })
    const after = memoryStore({ clock: realClock, file: path })
    expect((await after.systems.read('starknet'))?.lookedAt).toBe(longAgo)
  })

  test('shows what a deployment sees where one looks already, and asks no node itself', async () => {
    const path = `${watcher.folder}/shared.json`
    const store = memoryStore({ clock: realClock, file: path })
    await store.systems.write(aSystemAllWrong(timestamp(Date.now())))
    await store.save()
    const asked = () => watcher.world.l2.reduce((sum, node) => sum + node.asked.length, 0)
    const before = asked()
    const file = watcher.file('shared.yml', {
      store: '{ kind: memory, file: shared.json }',
      everySeconds: 60,
    })
    const { stdout } = await watcher.starkeep('watch', file, '--once')
    expect(stdout).toContain('as a running deployment sees it')
    expect(stdout).toContain('block 1962873, 20 min old')
    expect(asked()).toBe(before)
  })

  test('follows a watcher that runs beside it, whose rows status shows too', async () => {
    const file = watcher.file('beside.yml', { store: '{ kind: memory, file: beside.json }' })
    const keeper = watcher.begin('run', 'all', '--network', file)
    const path = `${watcher.folder}/beside.json`
    const lookedAt = async () =>
      (await memoryStore({ clock: realClock, file: path }).systems.read('starknet'))?.lookedAt
    await vi.waitFor(async () => expect(await lookedAt()).toBeDefined(), 15_000)
    const follower = watcher.begin('watch', file, '--json')
    await vi.waitFor(() => expect(looksIn(follower.written()).length).toBeGreaterThan(2), 20_000)
    expect(await follower.stop()).toBe(0)
    expect(await keeper.stop()).toBe(0)
    // Each look that it tells of is another one, and none is its own.
    const times = looksIn(follower.written()).map((one) => one.lookedAt)
    expect(new Set(times).size).toBe(times.length)
    expect(await lookedAt()).toBeGreaterThanOrEqual(times.at(-1) ?? Infinity)
    const { code, stdout } = await watcher.starkeep('status', '--network', file)
    expect(stdout).toMatch(/^Watched\n {2}starknet \(starknet\), seen \d+ s ago$/m)
    expect(stdout).toMatch(/^ {4}l2 +block \d+, /m)
    expect(code).toBe(0)
  })

  test('looks itself where the table that the file names does not answer, and says so', async () => {
    const file = watcher.file('silent.yml', {
      store: `{ kind: dynamodb, table: none, endpoint: 'http://127.0.0.1:9', blobs: { kind: folder, folder: blobs } }`,
    })
    const { code, stdout } = await watcher.starkeep('watch', file, '--once')
    expect(stdout).toMatch(/looked at from here; the store cannot be read: .*unavailable/)
    expect(stdout).toMatch(/^ {2}l2 +block \d+/m)
    expect(code).toBe(0)
  })

  test('a node that does not answer is named beside those that do', async () => {
    watcher.world.l2[1].trouble = 'dead'
    const { stdout } = await watcher.starkeep('watch', watcher.file('half.yml'), '--once')
    expect(stdout).toMatch(/^ {2}l2 +block \d+/m)
    expect(stdout).toMatch(/^ {19}\S+: no answer: /m)
  })

  test('says what is missing in a file that watches nothing', async () => {
    const none = watcher.file('none.yml', { systems: false })
    const { code, stderr } = await watcher.starkeep('watch', none)
    expect(stderr).toMatch(/nothing under watched; infra\/networks\/watcher\.yml shows/)
    expect(code).toBe(1)
    const unnamed = await watcher.starkeep('watch')
    expect(unnamed.stderr).toMatch(/name a network file/)
  })
})
