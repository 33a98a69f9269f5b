import { describe, expect, test } from 'vitest'

import { memorySlotRows } from '../../../lib/adapters/store/memory-history.ts'
import { memoryRows } from '../../../lib/adapters/store/memory-rows.ts'
import { BrokenSlotFileError } from '../../../lib/adapters/store/slot-file.ts'
import { slotHistory } from '../../../lib/adapters/store/slot-history.ts'
import type { SlotRows } from '../../../lib/adapters/store/slot-rows.ts'
import type { SlotRecord } from '../../../lib/ports.ts'
import { aRecord, at, dayMs, steppedClock } from './samples.ts'

const steps = ['putContent', 'putFile', 'movePacked', 'letGo'] as const

/** Three hours of a slot a minute, and another process's store over the same rows, which ends as `end` says. */
async function aPacker(end: (rows: SlotRows) => Partial<SlotRows> = () => ({})) {
  const clock = steppedClock()
  const rows = memorySlotRows(memoryRows(clock, []), clock)
  const history = slotHistory(rows, clock)
  const records = Array.from({ length: 180 }, (_, minute) =>
    aRecord(minute, { at: at(minute * 60_000), view: `{"a":${minute}}` }),
  )
  for (const record of records) {
    await history.keep(record)
    clock.pass(60_000)
  }
  clock.pass(60 * 60_000)
  const dying = slotHistory({ ...rows, ...end(rows) }, clock)
  const kept = async (): Promise<readonly SlotRecord[]> => {
    const found: SlotRecord[] = []
    for await (const one of history.kept('push-prices', 'core', at(0), at(dayMs))) found.push(one)
    return found
  }
  return { clock, rows, history, records, dying, kept }
}

class KilledError extends Error {
  override readonly name = 'KilledError'
}

const killed = async (): Promise<never> => {
  throw new KilledError('killed')
}

describe('whoever packs and is killed', () => {
  test.each(steps)('before %s has lost nothing, and the next one goes on', async (step) => {
    const { history, records, dying, kept } = await aPacker(() => ({ [step]: killed }))
    await expect(dying.pack('push-prices', 'core')).rejects.toThrow(KilledError)
    expect(await kept()).toEqual(records)
    while (await history.pack('push-prices', 'core'));
    expect(await kept()).toEqual(records)
    const files = await history.files('push-prices', 'core', at(0), at(dayMs))
    expect(files.map(({ slots }) => slots)).toEqual([60, 60, 60])
  })

  test.each(steps)('after %s has lost nothing, and the next one goes on', async (step) => {
    const { history, records, dying, kept } = await aPacker((rows) => ({
      async [step](...given: never[]) {
        await (rows[step] as (...all: never[]) => Promise<unknown>)(...given)
        return await killed()
      },
    }))
    await expect(dying.pack('push-prices', 'core')).rejects.toThrow(KilledError)
    expect(await kept()).toEqual(records)
    while (await history.pack('push-prices', 'core'));
    expect(await kept()).toEqual(records)
    const files = await history.files('push-prices', 'core', at(0), at(dayMs))
    expect(files.map(({ slots }) => slots)).toEqual([60, 60, 60])
  })

  test('and was slow meanwhile writes nothing that another one has written differently', async () => {
    const { history, records, dying, kept, rows } = await aPacker((inner) => ({
      // Everybody else packs all, while this one is about to say how far it is.
      async movePacked(of, packed) {
        while (await history.pack('push-prices', 'core'));
        return await inner.movePacked(of, packed)
      },
    }))
    await dying.pack('push-prices', 'core')
    const packed = await rows.packed({ keeper: 'push-prices', subject: 'core' })
    expect(packed).toEqual({ through: at(180 * 60_000), version: 3 })
    expect(await kept()).toEqual(records)
  })
})

describe('an hour that is in two files', () => {
  test('as of two versions of the code that packed it, is read once', async () => {
    const { history, records, rows, kept } = await aPacker()
    while (await history.pack('push-prices', 'core'));
    const of = { keeper: 'push-prices', subject: 'core' }
    const [first] = await history.files('push-prices', 'core', at(0), at(dayMs))
    const content = first && (await rows.content(first.name))
    const other = first?.name.replace('/1764', '/copy-1764') ?? ''
    await rows.putContent(other, content ?? new Uint8Array())
    if (first) await rows.putFile(of, { ...first, name: other })
    expect(await kept()).toEqual(records)
  })
})

describe('a file of slots', () => {
  test('that is not there any more is named', async () => {
    const { dying, history } = await aPacker(() => ({ content: async () => undefined }))
    while (await history.pack('push-prices', 'core'));
    const read = async () => {
      for await (const one of dying.kept('push-prices', 'core', at(0), at(dayMs))) void one
    }
    await expect(read).rejects.toThrow(
      /^the history file history\/push-prices\/core\/.* cannot be read: it is not there; bring it back/,
    )
  })

  test('that somebody put another one in place of is refused', async () => {
    const { dying, history, rows } = await aPacker((inner) => ({
      async content(name) {
        const files = await inner.files(
          { keeper: 'push-prices', subject: 'core' },
          at(0),
          at(dayMs),
        )
        const other = files.find((file) => file.name !== name)
        return other && (await rows.content(other.name))
      },
    }))
    while (await history.pack('push-prices', 'core'));
    const read = async () => {
      for await (const one of dying.kept('push-prices', 'core', at(0), at(dayMs))) void one
    }
    await expect(read).rejects.toThrow(BrokenSlotFileError)
    await expect(read).rejects.toThrow('it holds other bytes than were packed into it')
  })
})
