import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { isFree, ownBlock } from '../../../infra/local/free-port.ts'
import { localPorts } from '../../../infra/local/local-ports.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-ports-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = () => join(folder, 'ports.json')

describe('the ports of a local network', () => {
  test('are all different', async () => {
    const ports = Object.values(await localPorts(file()))
    expect(new Set(ports).size).toBe(ports.length)
  })

  test('are none of those that the system gives to connections that go out', async () => {
    expect(Math.max(...Object.values(await localPorts(file())))).toBeLessThan(32_768)
  })

  test('are beside each other, in a block that no other process begins in at the same time', async () => {
    const ports = Object.values(await localPorts(file()))
    const [first, last] = [Math.min(...ports), Math.max(...ports)]
    expect(first).toBeGreaterThanOrEqual(ownBlock())
    // Some of a block may be somebody else's.
    expect(last - first).toBeLessThan(64)
    const others = [1, 2, 3, 17].map((more) => ownBlock(process.pid + more))
    expect(new Set([ownBlock(), ...others]).size).toBe(5)
  })

  test('are the same at the next start', async () => {
    const last = await localPorts(file())
    expect(await localPorts(file())).toEqual(last)
  })

  test('are others where somebody listens on them', async () => {
    const first = await localPorts(file())
    const other = createServer().listen(first.evm, '127.0.0.1')
    await once(other, 'listening')
    expect(await isFree(first.evm)).toBe(false)
    const second = await localPorts(file())
    other.close()
    expect(second.evm).not.toBe(first.evm)
  })

  test.each(['', '{"evm":', '{"evm":"x"}'])('are new where the file says %j', async (text) => {
    writeFileSync(file(), text)
    expect((await localPorts(file())).evm).toBeGreaterThan(0)
  })
})
