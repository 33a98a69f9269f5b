import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { storeContract } from './contract.ts'
import { aLane, anIntent, aReport, dayMs, settled, steppedClock } from './samples.ts'
import { slotsContract } from './slots-contract.ts'

describe('the store in memory', () => {
  storeContract({ make: async (clock) => memoryStore({ clock }), runs: 100 })
  slotsContract(async (clock) => memoryStore({ clock }))
})

describe('a saved store', () => {
  test('is there again after a restart, exactly', async () => {
    const file = await aFile()
    const clock = steppedClock()
    const before = memoryStore({ clock, file })
    await before.lanes.write(aLane(1))
    await before.intents.add(anIntent('one'))
    await before.reports.publish('alpha', 5, [aReport('alpha', 5)])
    await before.save()

    const after = memoryStore({ clock, file })
    expect(await after.lanes.read('evm/0xkeeper')).toEqual(aLane(1))
    expect(await after.intents.open('evm/0xkeeper')).toEqual([anIntent('one')])
    expect(await after.reports.publish('alpha', 5, [])).toBe('already-published')
    expect(await after.lanes.write(aLane(2))).toBe('written')
  })

  test('is there again after its process was killed, up to the last answer', async () => {
    const file = await aFile()
    const killed = memoryStore({ clock: steppedClock(), file })
    await killed.lanes.write(aLane(1))
    await killed.intents.add(anIntent('one'))
    await killed.intents.move('one', settled)
    // The last words of a process that was killed in the middle of them.
    await appendFile(`${file}.log`, '{"kind":"put","row":{"content":"{}","pk":"LANE#evm')

    const next = memoryStore({ clock: steppedClock(), file })
    expect(await next.lanes.read('evm/0xkeeper')).toEqual(aLane(1))
    expect(await next.intents.open('evm/0xkeeper')).toEqual([])
    expect(await next.lanes.write(aLane(2))).toBe('written')

    const after = memoryStore({ clock: steppedClock(), file })
    expect((await after.lanes.read('evm/0xkeeper'))?.version).toBe(2)
    expect((await after.intents.get('one'))?.state).toEqual(settled)
  })

  test('that somebody only reads stays as it is for the process that writes', async () => {
    const file = await aFile()
    const writer = memoryStore({ clock: steppedClock(), file })
    await writer.lanes.write(aLane(1))
    const reader = memoryStore({ clock: steppedClock(), file })
    await writer.lanes.write(aLane(2))
    await reader.save()
    expect((await reader.lanes.read('evm/0xkeeper'))?.version).toBe(1)
    const after = memoryStore({ clock: steppedClock(), file })
    expect((await after.lanes.read('evm/0xkeeper'))?.version).toBe(2)
  })

  test('holds the last of several saves, and leaves nothing beside its file', async () => {
    const file = await aFile()
    const store = memoryStore({ clock: steppedClock(), file })
    await store.lanes.write(aLane(1))
    const first = store.save()
    await store.lanes.write(aLane(2))
    await Promise.all([first, store.save()])
    expect(await readdir(join(file, '..'))).toEqual(['store.json'])
    const after = memoryStore({ clock: steppedClock(), file })
    expect((await after.lanes.read('evm/0xkeeper'))?.version).toBe(2)
  })

  test('forgets what expired long ago', async () => {
    const file = await aFile()
    const clock = steppedClock()
    const store = memoryStore({ clock, file })
    await store.intents.add(anIntent('one', { state: settled }))
    clock.pass(33 * dayMs)
    await store.save()
    expect(await memoryStore({ clock, file }).intents.add(anIntent('one'))).toBe('added')
  })

  test('does not begin from half a file', async () => {
    const file = await aFile()
    await writeFile(file, '[{"pk":"LANE')
    expect(() => memoryStore({ clock: steppedClock(), file })).toThrow(SyntaxError)
  })

  test('says so where it cannot save', async () => {
    const store = memoryStore({ clock: steppedClock() })
    await expect(store.save()).rejects.toThrow('no file')
    await expect(store.save('/nowhere/at/all.json')).rejects.toThrow('ENOENT')
    const file = await aFile()
    await store.save(file)
    expect(await readdir(join(file, '..'))).toEqual(['store.json'])
  })

  test('what is in it cannot be changed from outside', async () => {
    const store = memoryStore({ clock: steppedClock() })
    const lane = aLane(1)
    await store.lanes.write(lane)
    Object.assign(lane, { nextNonce: 99 })
    expect((await store.lanes.read(lane.id))?.nextNonce).toBe(5)
    Object.assign((await store.lanes.read(lane.id)) ?? {}, { nextNonce: 99 })
    expect((await store.lanes.read(lane.id))?.nextNonce).toBe(5)
  })
})

async function aFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  return join(folder, 'store.json')
}
