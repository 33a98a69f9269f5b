import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runStarknetBox } from '../../../../infra/local/starknet-box/run-starknet-box.ts'
import { startStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { aCore } from './a-box.ts'
import { ask, nonceOf, startBox, statusOf, taken } from './box-rpc.ts'

let folder: string
let stateFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starknet-box-'))
  stateFile = join(folder, 'state')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function head(box: { readonly url: string }): Promise<number> {
  return Number((await ask(box, 'starknet_blockNumber')).result)
}

const newest = ['starknet_getBlockWithReceipts', ['latest']] as const

describe('a box goes on where it ended', () => {
  test('after a stop: blocks, receipts, pool and what is on L1', async () => {
    const { box, clock } = await startBox({ stateFile })
    const included = await taken(box, { nonce: 0, entrypoints: ['pause'] })
    box.makeBlock()
    box.acceptOnL1(0)
    box.makeBlock()
    const waiting = await taken(box, { nonce: 1 })
    const before = await ask(box, ...newest)
    await box.stop()
    const again = await startStarknetBox({ blocks: 'demand', core: aCore(), clock, stateFile })
    expect(await ask(again, ...newest)).toEqual(before)
    expect(await statusOf(again, included)).toBe('ACCEPTED_ON_L2')
    expect(await statusOf(again, waiting)).toBe('PRE_CONFIRMED')
    const { result } = await ask(again, 'starknet_getBlockWithTxHashes', ['l1_accepted'])
    expect(result).toMatchObject({ block_number: 0 })
    again.makeBlock()
    expect(await nonceOf(again, 'latest')).toBe(2)
    await again.stop()
  })

  test('without a stop: nothing that was told is lost, and a half written line is', async () => {
    const { box, clock } = await startBox({ stateFile })
    const lost = await taken(box, { nonce: 0 })
    box.makeBlock()
    box.faults.set({ fault: 'reorg', blocks: 1 })
    box.makeBlock()
    const waiting = await taken(box, { nonce: 1 })
    const evicted = await taken(box, { nonce: 0, account: 1 })
    box.faults.set({ fault: 'evict', hash: evicted })
    const before = await ask(box, ...newest)
    // As the process would leave it, killed in the middle of its next write.
    const copy = join(folder, 'copy')
    writeFileSync(copy, readFileSync(stateFile))
    appendFileSync(copy, '{"kind":"block","block":{"numb')
    await box.stop()
    const core = aCore()
    const again = await startStarknetBox({ blocks: 'demand', core, clock, stateFile: copy })
    expect(await ask(again, ...newest)).toEqual(before)
    expect(await statusOf(again, lost)).toBe('ACCEPTED_ON_L2')
    expect(await statusOf(again, waiting)).toBe('PRE_CONFIRMED')
    expect(await statusOf(again, evicted)).toBe('error 29')
    again.faults.set({ fault: 'reorg', blocks: 1, transactions: 'drop' })
    expect(await nonceOf(again, 'latest')).toBe(0)
    await again.stop()
  })

  test('a file of another chain, or of something else, is not gone on from', async () => {
    const { box } = await startBox({ stateFile })
    await box.stop()
    const options = { blocks: 'demand', core: aCore(), stateFile } as const
    await expect(startStarknetBox({ ...options, chainId: 'SN_MAIN' })).rejects.toThrow(
      /^line 1 of .*state cannot be used: it is of chain 0x534e5f5345504f4c4941 with the core/,
    )
    writeFileSync(stateFile, '{"chainId":7}\n')
    await expect(startStarknetBox(options)).rejects.toThrow(/it is not what a box writes/)
  })

  test('accounts that the stored chain does not have are not promised', async () => {
    const { box } = await startBox({ stateFile })
    await box.stop()
    const options = { blocks: 'demand', core: aCore(), stateFile, seed: 5 } as const
    await expect(startStarknetBox(options)).rejects.toThrow(/its chain has no account 0x/)
  })
})

describe('a box in a process of its own', () => {
  test('makes blocks by the clock, and loses nothing when it is killed', async () => {
    const options = { blocks: 0.2, core: aCore(), stateFile } as const
    const child = await runStarknetBox(options)
    await expect.poll(async () => head(child)).toBeGreaterThan(1)
    const seen = await head(child)
    process.kill(child.pid, 'SIGKILL')
    await child.exited
    const again = await runStarknetBox(options)
    expect(await head(again)).toBeGreaterThanOrEqual(seen)
    expect(again.coreAddress).toBe(child.coreAddress)
    expect(again.accounts).toEqual(child.accounts)
    await again.stop()
    expect(await again.exited).toBe(0)
    expect(readFileSync(stateFile, 'utf8').trimEnd().split('\n')).toHaveLength(1)
  })

  test('says what is wrong with its options', async () => {
    const options = { blocks: 'sometimes', core: aCore() } as never
    await expect(runStarknetBox(options)).rejects.toThrow(/blocks/)
  })
})
