import { exec } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import * as z from 'zod'

import { loadNetwork } from '../../lib/runtime/network-file.ts'
import { aWatcher } from './a-watcher.ts'

const run = promisify(exec)
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))
const file = fileURLToPath(new URL('../../infra/networks/watcher.yml', import.meta.url))

let watcher: Awaited<ReturnType<typeof aWatcher>>

beforeAll(async () => {
  watcher = await aWatcher()
  mkdirSync(join(watcher.folder, 'infra/networks'), { recursive: true })
  cpSync(file, join(watcher.folder, 'infra/networks/watcher.yml'))
}, 60_000)
afterAll(async () => watcher.stop())

/** The README's commands for a watcher, in their order, without what is said beside them. */
function commands(): readonly string[] {
  const [, block = ''] = /### A watcher in five minutes[^]*?```sh\n([^]*?)```/.exec(readme) ?? []
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +#.*$/, ''))
}

async function tried(command: string, more = '') {
  const line = command.replaceAll('npx starkeep', `'${process.execPath}' '${cli}'`)
  const { stdout } = await run(`${line} ${more}`, { cwd: watcher.folder })
  return stdout
}

const File = z.looseObject({ watched: z.record(z.string(), z.looseObject({ kind: z.string() })) })

/** As a person fills it in: hosts that are there. What is asked in the internet is left out. */
function filledIn(text: string): string {
  const { world } = watcher
  const hosts = text
    .replaceAll(/https:\/\/starknet-(?:one|two)\.example\/rpc\/v0_9/g, world.box.url)
    .replaceAll(/https:\/\/ethereum-(?:one|two)\.example/g, world.l1[0].url)
    .replace('0xc662c410C0ECf747543f5bA90660f6ABeBD9C8c4', world.core.core)
    .replace(/0x062DA0780FAE\w+/, world.box.coreAddress)
    // A test has no half minute for each look.
    .replaceAll(/everySeconds: \d+/g, 'everySeconds: 2')
  const { watched, ...rest } = File.parse(parse(hosts))
  const here = Object.entries(watched).filter(([, { kind }]) => kind !== 'exchange-marks')
  return stringify({ ...rest, watched: Object.fromEntries(here) })
}

test('the file for watchers is one, and names no key', async () => {
  const network = await loadNetwork(file, { venueNames: [] })
  expect(Object.keys(network.watched)).toEqual([
    'starknet',
    'extended',
    'extended-marks',
    'paradex-marks',
    'hyperliquid-marks',
    'dydx-marks',
  ])
  expect(network.oracles).toEqual([])
  expect(network.chains).toEqual({})
})

test('what the file leaves to be filled in is right as soon as it is', async () => {
  const text = readFileSync(file, 'utf8')
  // Keys of systems that are commented out, and the address that stands for one's own.
  const all = text
    .replaceAll(/^ {2}# ( *[a-z][\w-]*:.*)$/gm, '  $1')
    .replaceAll("'0x…'", `'0x${'1'.repeat(40)}'`)
  const path = join(watcher.folder, 'whole.yml')
  writeFileSync(path, all)
  const { watched } = await loadNetwork(path, { venueNames: [] })
  expect(Object.values(watched).map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([
      'dydx-v4',
      'arbitrum',
      'op-stack',
      'stark-perpetual',
      'piltover',
      'starkeep',
    ]),
  )
})

test('every command that the README has for a watcher works, in that order', async () => {
  const [copy = '', doctor = '', watch = '', all = '', page = '', ...others] = commands()
  expect(others).toEqual([])
  await tried(copy)
  const network = join(watcher.folder, 'watcher/network.yml')
  writeFileSync(network, filledIn(readFileSync(network, 'utf8')))
  expect(await tried(doctor)).toMatch(/^\d+ checked, all is well$/m)
  const seen = await tried(watch, '--once')
  expect(seen).toMatch(new RegExp(`^ {2}l2 +block ${watcher.world.newest()}, `, 'm'))
  expect(seen).toMatch(/^extended \(perpetual-core\), seen /m)
  expect(await tried(all, '--for 5s --json')).toContain('"kind":"summary","ok":true')
  // What was seen is kept for the next start.
  expect(readFileSync(join(watcher.folder, 'watcher/state.json'), 'utf8')).toContain('starknet')
  expect(await tried(page)).toMatch(/^progress-stalled\n\nA watched system has not taken a step/)
}, 120_000)
