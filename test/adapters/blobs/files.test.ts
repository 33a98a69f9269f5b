import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { blobKeptMs, BlobsUnavailableError } from '../../../lib/adapters/blob-rules.ts'
import { filesBlobs } from '../../../lib/adapters/blobs/files.ts'
import { dayMs, steppedClock } from '../store/samples.ts'
import { blobsContract } from './contract.ts'

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'blobs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('blobs in a folder', () => {
  blobsContract(async () => filesBlobs({ folder: aFolder(), clock: steppedClock() }))

  test('are there for the next process', async () => {
    const folder = aFolder()
    const clock = steppedClock()
    await filesBlobs({ folder, clock }).put('reports/one', Buffer.from('one'))
    expect(readFileSync(join(folder, 'reports/one'), 'utf8')).toBe('one')
    const next = await filesBlobs({ folder, clock }).get('reports/one')
    expect(Buffer.from(next ?? '').toString()).toBe('one')
  })

  test('what is old is swept, an unfinished one too; what was put again is not old', async () => {
    const folder = aFolder()
    const clock = steppedClock()
    const blobs = filesBlobs({ folder, clock })
    const aged = (name: string, ageMs: number) => {
      const at = (clock.now() - ageMs) / 1_000
      utimesSync(join(folder, name), at, at)
    }
    for (const name of ['old', 'young', 'again']) await blobs.put(`r/${name}`, Buffer.from(name))
    writeFileSync(join(folder, 'r/.new-1'), 'ha')
    for (const name of ['r/old', 'r/again', 'r/.new-1']) aged(name, blobKeptMs + 1_000)
    aged('r/young', blobKeptMs - 1_000)
    await filesBlobs({ folder, clock }).put('r/again', Buffer.from('again'))
    expect(new Set(readdirSync(join(folder, 'r')))).toEqual(new Set(['again', 'young']))
  })

  test('slots are kept for a month, and files of them as long as is asked for', async () => {
    const folder = aFolder()
    const clock = steppedClock()
    const blobs = filesBlobs({ folder, clock, historyKeptMs: 100 * dayMs })
    const ages = { reports: 9, slot: 30, 'slot/old': 32, history: 99, 'history/push/core': 101 }
    for (const [name, days] of Object.entries(ages)) {
      await blobs.put(`${name}/one`, Buffer.from('one'))
      const at = (clock.now() - days * dayMs) / 1_000
      utimesSync(join(folder, name, 'one'), at, at)
    }
    await filesBlobs({ folder, clock, historyKeptMs: 100 * dayMs }).put('new', Buffer.from('new'))
    const there = Object.keys(ages).filter((name) => existsSync(join(folder, name, 'one')))
    expect(there).toEqual(['slot', 'history'])
  })

  test('a process that is killed while it writes leaves whole ones only', async () => {
    const folder = aFolder()
    const child = fork(new URL('busy-writer.ts', import.meta.url), [folder])
    await once(child, 'message')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const whole = Buffer.alloc(2_000_000, 'x')
    const names = readdirSync(folder).filter((name) => !name.startsWith('.new-'))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect(readFileSync(join(folder, name)).equals(whole)).toBe(true)
  })

  test('a folder that cannot be written to is unavailable', async () => {
    const file = join(aFolder(), 'a-file')
    writeFileSync(file, '')
    chmodSync(file, 0o400)
    const blobs = filesBlobs({ folder: file, clock: steppedClock() })
    await expect(blobs.put('r/one', Buffer.from('one'))).rejects.toThrow(BlobsUnavailableError)
    await expect(blobs.get('r/one')).rejects.toThrow(/get r\/one.*ENOTDIR/)
  })
})
