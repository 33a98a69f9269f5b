import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { localRpc } from '../../infra/local/local-rpc.ts'
import { hasRecording, playDepeg } from './depeg.ts'
import { moveAllPrices, sent } from './faults.ts'
import { accountsOf, disagreements } from './kept-network.ts'
import { killAndRestart } from './kill-and-restart.ts'
import { processesOf } from './processes.ts'
import { type Line, type RunningStarkeep, runStarkeep } from './running-starkeep.ts'

if (!hasRecording) process.stdout.write('skipped: ../shared/data/prices is not there\n')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-ends-'))
})
afterAll(async () => {
  for (let waited = 0; waited < 10_000 && processesOf(folder).length > 0; waited += 100)
    await sleep(100)
  rmSync(folder, { recursive: true, force: true })
})

/** Each has a network of its own, and most of their time is waiting for blocks. */
describe.concurrent('a network on this machine', () => {
  test('doubles and forgets nothing when it is killed again and again', async () => {
    const seed = Date.now() % 2 ** 31
    const dataDir = join(folder, 'killed')
    const report = await killAndRestart({
      dataDir,
      seed,
      kills: 2,
      starknet: 'box',
      tell: () => undefined,
    })
    expect(report, `seed ${seed}`).toMatchObject({ kills: 2, problems: [] })
  }, 200_000)

  test.runIf(existsSync('/proc'))(
    'ends with a sentence when a part of it is killed, and goes on at the next start',
    async () => {
      const dataDir = join(folder, 'in-parts')
      const args = ['local', '--data', dataDir, '--port', '0']
      for (const { name, command } of parts) {
        const run = runStarkeep(args)
        await run.ready()
        await run.waitFor('a round', ({ job }) => job === 'publish-prices')
        const [part] = processesOf(dataDir).filter((one) => one.command.includes(command))
        if (part === undefined) throw new Error(`${name} does not run`)
        process.kill(part.pid, 'SIGKILL')
        expect(await run.ended).toEqual({ code: 1, signal: null, stderr: '' })
        expect(run.lines.at(-1)).toMatchObject({ kind: 'summary', ok: false })
        const broken = JSON.stringify(run.lines.at(-1)?.['broken'])
        expect(broken).toContain(`${name} ended unexpectedly (signal 9)`)
        expect(processesOf(dataDir)).toEqual([])
      }
      const last = runStarkeep(args)
      await pushed(last)
      const accounts = await accountsOf(join(dataDir, 'network.yml'))
      last.signal('SIGINT')
      expect(await last.ended).toMatchObject({ code: 0 })
      expect(accounts.flatMap(disagreements)).toEqual([])
    },
    200_000,
  )

  test('ends at once while its chains stand still, and goes on with what is signed', async () => {
    const dataDir = join(folder, 'stopped')
    const args = ['local', '--data', dataDir, '--port', '0']
    const run = runStarkeep(args)
    const places = await run.ready()
    await pushed(run)
    await sent(`${places['starknet admin']}/faults`, 'POST', { fault: 'stall' })
    await localRpc(places['ethereum']?.split(' ')[0] ?? '')('evm_setIntervalMining', 0)
    await moveAllPrices(places['venues'] ?? '', '0.99')
    const after = run.lines.length
    const claims = await Promise.all(
      ['evm', 'starknet'].map(
        async (chain) =>
          isOut(run.lines, chain) ??
          (await run.waitFor(
            `a transaction on ${chain}`,
            (line) => line['chain'] === chain && line['state'] === 'claimed',
            { after },
          )),
      ),
    )
    const begun = performance.now()
    run.signal('SIGINT')
    await run.waitFor('its summary', ({ kind }) => kind === 'summary')
    expect(performance.now() - begun).toBeLessThan(2_500)
    expect(await run.ended).toEqual({ code: 0, signal: null, stderr: '' })
    expect(processesOf(dataDir)).toEqual([])

    const next = runStarkeep(args)
    await next.ready()
    for (const { intent } of claims)
      await next.waitFor(
        `the end of ${String(intent)}`,
        (line) =>
          line['intent'] === intent && ['settled', 'failed'].includes(String(line['state'])),
        { withinMs: 60_000 },
      )
    const accounts = await accountsOf(join(dataDir, 'network.yml'))
    next.signal('SIGINT')
    expect(await next.ended).toMatchObject({ code: 0 })
    expect(accounts.flatMap(disagreements)).toEqual([])
  }, 200_000)

  test.runIf(hasRecording)(
    'plays the weekend on which USDC lost its peg, and explains what it refuses',
    async () => {
      const report = await playDepeg('2023-03-11T08:00:00Z', 180, 2)
      expect(report).toMatchObject({ exitCode: 0, problems: [] })
      expect(report.priced).toBe(2)
      expect(report.usdc['agrees'] ?? 0).toBe(0)
    },
    250_000,
  )
})

/** A transaction that was out when its chain stopped: nothing else is signed behind it. */
function isOut(lines: readonly Line[], chain: string): Line | undefined {
  const newest = new Map<unknown, Line>()
  for (const line of lines)
    if (line.kind === 'transaction' && line['chain'] === chain) newest.set(line['intent'], line)
  return [...newest.values()].find((line) => line['state'] === 'claimed')
}

/** One that forgets the last seconds, and one without which nothing is known. */
const parts = [
  { name: 'the Ethereum node', command: '/bin/anvil' },
  { name: 'the store', command: '/dynoxide' },
]

/** Waits until both chains have been told a price that has moved. */
async function pushed(run: RunningStarkeep): Promise<void> {
  const { venues = '' } = await run.ready()
  await moveAllPrices(venues, '1.003')
  const after = run.lines.length
  for (const chain of ['evm', 'starknet'])
    await run.waitFor(
      `a transaction on ${chain}`,
      (line) => line['chain'] === chain && line['state'] === 'included',
      { after, withinMs: 60_000 },
    )
}
