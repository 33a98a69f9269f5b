import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { prepareAnvilState } from '../../../infra/local/anvil-state.ts'
import { startAnvil } from '../../../infra/local/anvil.ts'
import { localRpc } from '../../../infra/local/local-rpc.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-anvil-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Two of the accounts that anvil funds from the start. */
const from = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const to = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

/** A transaction in a block of its own: anvil answers before it has made one, and the next would share it. */
async function paid(rpc: ReturnType<typeof localRpc>): Promise<unknown> {
  const hash = await rpc('eth_sendTransaction', { from, to, value: '0x1' })
  await vi.waitUntil(async () => (await rpc('eth_getTransactionReceipt', hash)) !== null, 5_000)
  return hash
}

test('a node goes on from a state without its old blocks', async () => {
  const stateFile = join(folder, 'state.json')
  const first = await startAnvil({ stateFile })
  const rpc = localRpc(first.url)
  const hashes: unknown[] = []
  for (let count = 0; count < 10; count += 1) hashes.push(await paid(rpc))
  await first.stop()

  const before = readFileSync(stateFile).length
  expect(prepareAnvilState(stateFile, 4)).toBe('ready')
  expect(readFileSync(stateFile).length).toBeLessThan(before)

  const second = await startAnvil({ stateFile })
  const again = localRpc(second.url)
  expect(await again('eth_blockNumber')).toBe('0xa')
  expect(await again('eth_getTransactionCount', from, 'latest')).toBe('0xa')
  const receipt = async (hash: unknown) => await again('eth_getTransactionReceipt', hash)
  expect(await receipt(hashes.at(-1))).toMatchObject({ blockNumber: '0xa', status: '0x1' })
  expect(await receipt(hashes[0])).toBeNull()
  await paid(again)
  expect(await again('eth_blockNumber')).toBe('0xb')
  await second.stop()
})

test('a state that was cut off is set aside, and nothing is lost of it', () => {
  const file = join(folder, 'cut.json')
  writeFileSync(file, '{"best_block_number": "0x5", "blocks": [')
  expect(prepareAnvilState(file)).toBe('unreadable')
  expect(existsSync(file)).toBe(false)
  expect(readFileSync(`${file}.unreadable`, 'utf8')).toContain('0x5')
})

test('where there is no state there is nothing to do', () => {
  expect(prepareAnvilState(join(folder, 'none.json'))).toBe('ready')
})
