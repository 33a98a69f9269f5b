import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import type { Clock, Store } from '../../lib/ports.ts'
import { emulator, noEmulator } from '../adapters/store/emulator.ts'
import { aBatch, aProvingLane } from '../adapters/store/samples.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))

const clock: Clock = { now: () => timestamp(Date.now()), sleep: async () => {} }

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

async function starkeep(...args: readonly string[]): Promise<Ended> {
  try {
    return { code: 0, ...(await run(process.execPath, [cli, ...args])) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

function lane(name: string): string {
  return `  ${name}:
    source: { kind: own-engine, engine: evm, runs: 'http://127.0.0.1:9' }
    provers: [{ name: sharp, kind: sharp, baseUrl: 'http://127.0.0.1:9/v1/gateway', customerId: us }]
    settlement:
      kind: starknet-core
      chain: l1
      address: '0x2222222222222222222222222222222222222222'
      registry: '0x3333333333333333333333333333333333333333'
`
}

function networkText(store: string, lanes: readonly string[]): string {
  return `network: test
store: ${store}
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:9']
    chainId: 31337
    blockSeconds: 1
    finalityBlocks: 2
engines:
  evm: { kind: evm-engine, chain: l1, address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c24' }
markets: {}
oracles: []
jobs:
  deliver-outbox: { everySeconds: 15 }
${lanes.length === 0 ? '' : `proving:\n${lanes.map(lane).join('')}`}`
}

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-batches-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function networkFile(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('without a table that others write', () => {
  test('every mistake is a sentence that says what was expected', async () => {
    const file = networkFile('two.yml', networkText('{ kind: memory }', ['one', 'two']))
    const none = networkFile('none.yml', networkText('{ kind: memory }', []))
    const at = ['--network', file] as const
    const because = ['--reason', 'a test'] as const
    for (const [args, sentence] of [
      [['batch', '1', ...at], 'say which lane with --lane; there are one, two'],
      [['batches', 'hold', ...at, ...because], 'say which lane with --lane; there are one, two'],
      [['batches', ...at, '--lane', 'three'], 'no proving lane three; there are one, two'],
      [['batch', '1', ...at, '--lane', 'one'], 'there is no batch 1 in the lane one'],
      [['batch', '1', 'hold', ...at], '--reason is required'],
      [['batch', '1', 'hold', ...at, '--anew', ...because], '--anew goes with retry'],
      [['batch', 'one', ...at], 'expected 1, 2, 3'],
      [['batch', '1', 'burn', ...at], 'Allowed choices are retry, hold, release'],
      [['batch', '1', ...at.slice(0, 1), none], 'the network file has no proving lane'],
    ] as const) {
      const { code, stdout, stderr } = await starkeep(...args)
      expect(stderr).toContain(sentence)
      expect(stderr).not.toMatch(/^\s+at /m)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    }
    expect((await starkeep('batches', '--network', none)).stdout).toBe(
      'The network file has no proving lane.\n',
    )
    const both = await starkeep('batches', ...at)
    expect(both.stdout).toBe('one: no batch was closed yet\n\ntwo: no batch was closed yet\n')
  }, 240_000)
})

describe.skipIf(noEmulator !== undefined)('on a table that others write too', () => {
  const dynamo = emulator()
  let store: Store
  let file: readonly string[] = []

  beforeAll(async () => {
    store = await dynamo.freshStore(clock)
    const at = `{ kind: dynamodb, table: table-1, region: eu-west-1, endpoint: '${dynamo.endpoint()}', blobs: { kind: folder, folder: blobs } }`
    file = ['--network', networkFile('table.yml', networkText(at, ['appchain']))]
    await store.batches.writeLane(aProvingLane({ newest: 3, settled: 1, finalized: 1 }))
    await store.batches.write(aBatch(1, { state: { kind: 'finalized' } }))
    const why = { why: 'prover-failed', reason: 'out of memory', back: 'ready' } as const
    await store.batches.write(aBatch(2, { state: { kind: 'needs-human', ...why } }))
    await store.batches.write(aBatch(3, { state: { kind: 'proving' } }))
  })

  test('batches are listed, and a human’s word is in the row with who and why', async () => {
    const all = await starkeep('batches', ...file)
    expect([all.code, all.stderr]).toEqual([0, ''])
    expect(all.stdout).toMatch(/ 2 {2}blocks 21-30 {2}needs-human .*prover-failed: out of memory\n/)
    const order = [...all.stdout.matchAll(/^ +(\d) {2}blocks/gm)].map(([, number]) => number)
    expect(order).toEqual(['2', '3', '1'])

    const by = ['--by', 'ann', '--reason', 'it has more memory now'] as const
    const done = await starkeep('batch', '2', 'retry', ...file, ...by)
    expect(done).toEqual({ code: 0, stdout: 'batch 2 of appchain is ready\n', stderr: '' })
    const row = await store.batches.read('appchain', 2)
    expect(row?.history.at(-1)).toMatchObject({ to: 'retry', note: 'ann: it has more memory now' })
    const again = await starkeep('batch', '2', 'retry', ...file, ...by)
    expect([again.code, again.stderr]).toEqual([
      1,
      'starkeep: batch 2 is ready: nothing waits for a human there\n',
    ])
    const one = await starkeep('batch', '2', ...file)
    expect(one.stdout).toMatch(/retry \(ann: it has more memory now\)\n$/)
    const json: unknown = JSON.parse((await starkeep('batch', '2', ...file, '--json')).stdout)
    expect(json).toMatchObject({ batch: { number: 2, state: { kind: 'ready' } } })
  }, 240_000)

  test('a lane is held and released, and by whom is seen with each of its batches', async () => {
    const hold = await starkeep('batches', 'hold', ...file, '--by', 'ann', '--reason', 'an upgrade')
    expect(hold.stdout).toBe('the lane appchain is held by ann\n')
    expect((await store.batches.lane('appchain'))?.hold).toMatchObject({ by: 'ann' })
    const held = await starkeep('batches', ...file)
    expect(held.stdout).toMatch(
      /the lane is held by ann for .*: an upgrade\n.*hold \(ann: an upgrade\)\n/,
    )
    const release = await starkeep('batches', 'release', ...file, '--reason', 'it is done')
    expect(release.stdout).toBe('the lane appchain is released\n')
    const { stdout } = await starkeep('batch', '3', ...file)
    expect(stdout).toMatch(/The lane\n.*release \(.+: it is done\)\n.*hold \(ann: an upgrade\)\n$/)
  }, 240_000)
})
