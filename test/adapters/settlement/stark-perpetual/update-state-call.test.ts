import { type AbiItem, toEventSelector, toFunctionSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { starkPerpetualAbi } from '../../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { parseApplicationData } from '../../../../lib/adapters/settlement/stark-perpetual/application-data.ts'
import { perpetualAbi } from '../../../../lib/adapters/settlement/stark-perpetual/perpetual-abi.ts'
import {
  readPerpetualLog,
  readUpdateStateCall,
  updateStateCalldata,
} from '../../../../lib/adapters/settlement/stark-perpetual/update-state-call.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'
import { recordedBatches, wellFormedBatches } from './recorded-batches.ts'

describe('what is called and read', () => {
  test('is the exchange as it stands', () => {
    const theirs = new Set(starkPerpetualAbi().map((item) => selector(item)))
    for (const item of perpetualAbi) expect(theirs).toContain(selector(item))
  })

  test('is nothing where it is of something else', () => {
    expect(readUpdateStateCall('0x33eeb147')).toBeUndefined()
    expect(readUpdateStateCall('0x')).toBeUndefined()
    expect(readPerpetualLog({ topics: [], data: '0x' })).toBeUndefined()
    expect(readPerpetualLog({ topics: [`0x${'1'.repeat(64)}`], data: '0x' })).toBeUndefined()
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('calls and events as recorded'), () => {
  const told = recordedBatches.filter(({ data, application }) => data && application.length === 3)
  test.for(told.map((batch) => [batch.one.id, batch] as const))(
    '%s is written as it was',
    ([, { words, application, data }]) => {
      const parsed = parseApplicationData(application)
      expect(parsed === undefined || updateStateCalldata(words, parsed)).toBe(
        parsed === undefined || data,
      )
    },
  )

  const settled = wellFormedBatches.filter(({ data, one }) => data && one.result?.status === 'ok')
  test.for(settled.map((batch) => [batch.one.id, batch] as const))(
    '%s is read as it was',
    ([, { words, application, data }]) => {
      const read = readUpdateStateCall(data ?? '0x')
      expect(read?.words).toEqual(words)
      expect(read?.application).toEqual(parseApplicationData(application))
    },
  )

  test('a served request is told by nothing but the call', () => {
    const served = settled.filter(({ one }) => one.id.startsWith('perpetual.update.forced'))
    expect(served.length).toBeGreaterThan(0)
    for (const { data, one } of served) {
      expect(readUpdateStateCall(data ?? '0x')?.output.forced.length).toBeGreaterThan(0)
      const names = one.result?.logs?.map(({ event }) => event)
      expect(names).toEqual(['LogStateTransitionFact', 'LogUpdateState'])
    }
  })

  const Args = z.record(z.string(), z.union([z.string(), z.boolean()]))
  const known = new Set(perpetualAbi.flatMap((item) => (item.type === 'event' ? [item.name] : [])))
  const logs = l1Cases('perpetual.', 'tx').flatMap(({ id, result }) =>
    (result?.logs ?? []).map((log) => [`${log.event} of ${id}`, log] as const),
  )
  test.for(logs)('%s', ([, log]) => {
    const event = readPerpetualLog(log)
    const isKnown = known.has(log.event as 'LogFrozen')
    expect(event?.eventName).toBe(isKnown ? log.event : undefined)
    const args = Args.parse(log['args'] ?? {})
    expect(isKnown ? plain(event?.args ?? {}) : {}).toEqual(isKnown ? plain(args) : {})
  })
})

/** Numbers as numbers, whichever way they are written. */
function plain(args: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? value : BigInt(z.coerce.string().parse(value)),
    ]),
  )
}

function selector(item: AbiItem): string {
  if (item.type === 'event') return toEventSelector(item)
  return item.type === 'function' ? toFunctionSelector(item) : item.type
}
