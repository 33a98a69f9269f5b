import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { LockedError, takeLock } from '../../../infra/local/lock-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = () => join(folder, 'lock')

describe('a lock file', () => {
  test('keeps a second user out, naming the first one', () => {
    takeLock(file(), 'the directory')
    expect(() => takeLock(file(), 'the directory')).toThrow(LockedError)
    expect(() => takeLock(file(), 'the directory')).toThrow(
      `the directory is in use by process ${process.pid}`,
    )
  })

  test('is free again once released', () => {
    const release = takeLock(file(), 'the directory')
    release()
    expect(existsSync(file())).toBe(false)
    takeLock(file(), 'the directory')()
  })

  test('of a dead process is taken over', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(child, 'exit')
    writeFileSync(file(), JSON.stringify({ pid: child.pid, began: '1' }))
    takeLock(file(), 'the directory')
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ pid: process.pid })
  })

  test.runIf(process.platform === 'linux')(
    'of a dead process is taken over also where its number is used again',
    () => {
      writeFileSync(file(), JSON.stringify({ pid: process.ppid, began: '1' }))
      takeLock(file(), 'the directory')
      expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ pid: process.pid })
    },
  )

  test.each(['', '{', '"x"', '{"pid":-1,"began":""}'])('that says %j is nobody’s', (text) => {
    writeFileSync(file(), text)
    expect(() => takeLock(file(), 'the directory')).not.toThrow()
  })

  test('that somebody else took over is left alone at the end', () => {
    const release = takeLock(file(), 'the directory')
    writeFileSync(file(), JSON.stringify({ pid: process.ppid, began: '' }))
    release()
    expect(existsSync(file())).toBe(true)
  })
})
