import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))
const wrapper = fileURLToPath(new URL('../../lib/tools/starkeep.js', import.meta.url))

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

async function starkeep(args: readonly string[], file = cli): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(process.execPath, [file, ...args], { cwd: folder })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

/** A network of one market on a chain that nobody runs. */
function networkFile(name: string, change: (text: string) => string = (text) => text): string {
  const path = join(folder, name)
  const text = `network: test
store: { kind: memory }
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:9']
    chainId: 31337
    blockSeconds: 1
    finalityBlocks: 2
    account: { address: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a', key: file:keys/sender }
engines:
  evm: { kind: evm-engine, chain: l1, address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c24' }
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, bitstamp:BTC-USD]
    engines: { evm: {} }
oracles: []
jobs:
  push-prices: { everySeconds: 5 }
`
  writeFileSync(path, change(text))
  return path
}

function keyFile(mode: number): void {
  mkdirSync(join(folder, 'keys'), { recursive: true })
  const path = join(folder, 'keys', 'sender')
  rmSync(path, { force: true })
  writeFileSync(path, `0x${'11'.repeat(32)}\n`, { mode })
}

describe('the command line', () => {
  test('explains itself and every command', async () => {
    const [whole, local, job, status] = await Promise.all([
      starkeep(['--help']),
      starkeep(['local', '--help']),
      starkeep(['run', '--help']),
      starkeep(['status', '--help']),
    ])
    expect([whole, local, job, status].map(({ code }) => code)).toEqual([0, 0, 0, 0])
    for (const command of ['local', 'run', 'status', 'watch', 'doctor', 'runbook'])
      expect(whole.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    for (const option of ['for', 'market', 'from', 'speed', 'port', 'data', 'json'])
      expect(local.stdout).toContain(`--${option}`)
    for (const option of ['network', 'once', 'dry-run', 'json'])
      expect(job.stdout).toContain(`--${option}`)
    expect(status.stdout).toContain('--network')
  })

  test.each([
    [['run', 'mine-bitcoin', '--network', 'x.yml'], /no such job; expected all, publish-prices/],
    [['run', 'all'], /required option '--network <file>'/],
    [['fly'], /unknown command 'fly'/],
    [['local', '--sped', '3'], /unknown option '--sped'[\s\S]*--speed/],
    [['local', '--for', '60'], /"60" is not a length of time; expected such as 60s/],
    [['local', '--market', 'tape:x'], /Expected simulated, recorded:<file> or live/],
    [['local', '--speed', '60'], /--from and --speed are for a recording/],
    [['local', '--port', '70000'], /Expected a port from 0 to 65535/],
    [['local', '--market', 'recorded:x', '--from', 'noon'], /Expected a time in ISO 8601/],
  ])('%j ends with code 1 and what was expected', async (args, sentence) => {
    const { code, stdout, stderr } = await starkeep(args)
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  test('a network file that is not there is named', async () => {
    const { code, stderr } = await starkeep(['status', '--network', 'missing.yml'])
    expect(code).toBe(1)
    expect(stderr).toBe('starkeep: missing.yml:1: the file: expected a network file, found none.\n')
  })

  test('a wrong field is named with its line', async () => {
    const file = networkFile('wrong.yml', (text) => text.replace('chainId: 31337', 'chainId: no'))
    const { code, stderr } = await starkeep(['run', 'all', '--network', file])
    expect(code).toBe(1)
    expect(stderr).toBe(`starkeep: ${file}:7: chains.l1.chainId: expected a number, found text.\n`)
  })

  test('a port that is taken is named before anything is started', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { code, stdout, stderr } = await starkeep(['local', '--port', String(port)])
    server.close()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`127.0.0.1:${port}`)
    expect(stderr).toContain('--port')
  })

  test('a recording that is not there is named', async () => {
    const args = ['local', '--temporary', '--market', 'recorded:missing.csv']
    const { code, stderr } = await starkeep(args)
    expect(code).toBe(1)
    expect(stderr).toContain('missing.csv')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('any Node passes arguments, output and the exit code on to the pinned one', async () => {
    const [good, bad] = await Promise.all([
      starkeep(['--version'], wrapper),
      starkeep(['fly'], wrapper),
    ])
    expect([good.code, bad.code]).toEqual([0, 1])
    expect(good.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(bad.stderr).toContain("unknown command 'fly'")
  })
})

describe('a network that cannot be run', () => {
  test('names a key file that others may read, and never its text', async () => {
    keyFile(0o644)
    const file = networkFile('open-key.yml')
    const { code, stderr } = await starkeep(['run', 'all', '--network', file, '--once'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/file:keys\/sender cannot be used: .* chmod 600/)
    expect(stderr).not.toContain('1111')
  })

  test('names the chain and the address of a node that does not answer', async () => {
    keyFile(0o600)
    const file = networkFile('silent.yml')
    const { code, stdout, stderr } = await starkeep(['run', 'all', '--network', file, '--once'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('chains.l1.rpc')
    expect(stderr).toContain('127.0.0.1:9')
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
