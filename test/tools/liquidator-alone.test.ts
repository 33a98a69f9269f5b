import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { keccak256, stringToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { actor, alice, bob } from '../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../infra/contracts/evm-engine/engine.ts'
import { deposit, e18, setPrice, trade, usd } from '../infra/contracts/evm-engine/moves.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

const liquidator = actor('liquidator')
let contract: Engine
let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-liquidator-'))
  const market = aMarket({
    initialMarginBps: 1_000,
    maintenanceMarginBps: 500,
    penaltyBps: 100,
    maxPriceAgeSeconds: 86_400,
  })
  contract = await startEngine({
    markets: { 'BTC-USD': market, 'ETH-USD': market },
    rules: someRules({ smallPosition: usd(100) }),
  })
  writeFileSync(join(folder, 'key'), keccak256(stringToHex('liquidator')), { mode: 0o600 })
  writeFileSync(join(folder, 'network.yml'), networkFile())
})
afterAll(async () => {
  await contract.node.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The README's own, for this chain; and whoever runs for one pass waits neither for a slot nor for the end of a grace. */
function networkFile(): string {
  const [, file = ''] = /```yaml\n(network: liquidator\n[^`]*)```/.exec(readme) ?? []
  return file
    .replace('https://…', contract.node.url)
    .replace('chainId: 11155111', 'chainId: 31337')
    .replace('finalityBlocks: 64', 'finalityBlocks: 2')
    .replace("address: '0x…', key", `address: '${liquidator.address}', key`)
    .replace("address: '0x…'", `address: '${contract.address}'`)
    .replace('keep-books: { everySeconds: 60 }', 'keep-books: { everySeconds: 1 }')
    .replace('leastRewardUsd: 1,', 'leastRewardUsd: 1, graceSeconds: 0, mostWaitSeconds: 0,')
}

async function starkeep(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> {
  const [command = '', ...rest] = args
  const all = [cli, ...command.split(' '), '--network', 'network.yml', ...rest]
  try {
    const { stdout } = await run(process.execPath, all, { cwd: folder })
    return { code: 0, said: stdout }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, said: stdout + stderr }
  }
}

test('a liquidator alone is told what is missing, liquidates with a key of its own, and sees what it brought', async () => {
  const poor = await starkeep('run liquidate', '--once', '--dry-run')
  expect(poor.code).toBe(1)
  expect(poor.said).toContain(`account ${liquidator.address} has nothing to pay fees with`)

  await contract.node.rpc('anvil_setBalance', liquidator.address, '0xde0b6b3a7640000')
  const bare = await starkeep('run liquidate', '--once', '--dry-run')
  expect(bare.code).toBe(1)
  expect(bare.said).toContain('has no collateral on the exchange')

  await setPrice(contract, 'BTC-USD', e18(100))
  await setPrice(contract, 'ETH-USD', e18(2_000))
  await deposit(contract, liquidator, usd(10_000))
  await deposit(contract, alice, usd(200))
  await deposit(contract, bob, usd(10_000))
  await trade(contract, { buyer: alice, seller: bob, size: e18(10), price: e18(100) })
  const calm = await starkeep('run liquidate', '--once', '--dry-run')
  expect(calm.said).toContain('nobody')
  expect(calm.code).toBe(0)

  // 1,000 USD of coins on 200 of one's own: at 84 there are 40 left of 840, and 42 are needed.
  await setPrice(contract, 'BTC-USD', e18(84))
  const dry = await starkeep('run liquidate', '--once', '--dry-run')
  expect(dry.said).toContain('liquidated: 1 of 1 below their margin')
  const before = (await contract.ask('accountOf', alice.address)) as readonly unknown[]
  const once = await starkeep('run liquidate', '--once')
  expect(once.said).toContain('1 liquidation in 0x')
  expect(await contract.ask('accountOf', alice.address)).not.toEqual(before)

  for (let block = 0; block < 3; block += 1) await contract.node.rpc('evm_mine')
  // Whoever liquidates keeps books too: those of this second may be looked at already.
  await sleep(1_000)
  const books = await starkeep('run keep-books', '--once')
  expect(books.said).toContain('1 rows')
  // The chain of this test is in 2027.
  const pnl = await starkeep('pnl', '--from', '2027-01-01', '--to', '2027-12-31')
  expect(pnl.said.split('\n')[2]).toMatch(/^2027-01-15 +1 +100 % +\d+\.\d\d/)
}, 300_000)
