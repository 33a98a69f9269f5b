import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type LocalNetwork, startLocalNetwork } from '../../../infra/local/local-network.ts'
import { checkWorld } from '../../../lib/runtime/check-world.ts'
import { compose } from '../../../lib/runtime/compose.ts'
import { wallClock } from '../../../lib/runtime/wall-clock.ts'
import { readNetwork } from '../../../lib/tools/read-network.ts'

let dataDir = ''
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'starkeep-local-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function start(): Promise<LocalNetwork & { readonly told: readonly string[] }> {
  const told: string[] = []
  const network = await startLocalNetwork({
    dataDir,
    market: { kind: 'simulated', seed: 'test' },
    starknet: 'box',
    clock: wallClock,
    onProgress: (message) => told.push(message),
  })
  return { ...network, told }
}

/** Ports may have been taken by another process in between. */
function withoutPorts({ file }: LocalNetwork): string {
  return readFileSync(file, 'utf8').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1')
}

/** What chains and contracts say against the network file. */
async function problems({ file }: LocalNetwork): Promise<readonly string[]> {
  const world = await compose({ ...(await readNetwork(file)), clock: wallClock })
  const found = await checkWorld(world)
  await world.close()
  return found
}

async function heads({ file }: LocalNetwork): Promise<readonly number[]> {
  const world = await compose({ ...(await readNetwork(file)), clock: wallClock })
  const { chains } = world.ports
  const blocks = await Promise.all(Object.values(chains).map(async (chain) => await chain.head()))
  await world.close()
  return blocks.map(({ number }) => number)
}

describe('a network on this machine', () => {
  test('is what its file says, and goes on where it was at the next start', async () => {
    const first = await start()
    const text = withoutPorts(first)
    expect(await problems(first)).toEqual([])
    expect(first.told).toContain('Deploying the EVM engine …')
    await expect(start()).rejects.toThrow(`in use by process ${process.pid}`)
    const before = await heads(first)
    await first.stop()
    await first.stop()

    const second = await start()
    expect(second.told).toEqual([])
    expect(await problems(second)).toEqual([])
    expect(withoutPorts(second)).toBe(text)
    for (const [at, head] of (await heads(second)).entries())
      expect(head).toBeGreaterThanOrEqual(before[at] ?? NaN)
    await second.stop()
  })

  test('begins its store anew where a chain did', async () => {
    rmSync(join(dataDir, 'ethereum.json'))
    const network = await start()
    expect(network.told).toEqual([
      'Deploying the EVM engine …',
      'A chain began anew, so the store does too.',
      'Deploying the uptime feed …',
      'Deploying the contracts that settle batches …',
    ])
    expect(await problems(network)).toEqual([])
    await network.stop()
  })

  test('keeps its secrets in files that only their owner can read', () => {
    const folder = join(dataDir, 'keys')
    const files = readdirSync(folder)
    expect(files).toContain('oracle-3-stark')
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  })

  test('stops what it has started where the start does not succeed', async () => {
    const gone = new AbortController()
    const told: string[] = []
    const starting = startLocalNetwork({
      dataDir: undefined,
      market: { kind: 'simulated', seed: 'test' },
      starknet: 'box',
      clock: wallClock,
      onProgress(message) {
        told.push(message)
        gone.abort(new Error('enough'))
      },
      signal: gone.signal,
    })
    await expect(starting).rejects.toThrow('enough')
    expect(told).toEqual(['Deploying the EVM engine …'])
  })
})
