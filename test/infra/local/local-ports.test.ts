import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { isFree, localPorts } from '../../../infra/local/local-ports.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-ports-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = () => join(folder, 'ports.json')

/** Whether they are; the machine may give one to somebody else meanwhile, so it is tried again. */
async function sameAgain(tries = 5): Promise<boolean> {
  const last = await localPorts(file())
  const again = await localPorts(file())
  const same = JSON.stringify(again) === JSON.stringify(last)
  return same || (tries > 1 && (await sameAgain(tries - 1)))
}

describe('the ports of a local network', () => {
  test('are all different', async () => {
    const ports = Object.values(await localPorts(file()))
    expect(new Set(ports).size).toBe(ports.length)
  })

  test('are the same at the next start', async () => {
    expect(await sameAgain()).toBe(true)
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
