import type { Abi, AbiItem } from 'viem'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { readCompiledL1 } from '../../../../infra/contracts/l1/compiled-l1.ts'
import { coreAbi } from '../../../../lib/adapters/settlement/starknet-core/core-abi.ts'
import {
  coreEventOf,
  type CoreEventName,
  coreTopic,
  stateUpdateCall,
} from '../../../../lib/adapters/settlement/starknet-core/state-update-call.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'
import { recordedUpdates } from './recorded-updates.ts'

/** From the contract's own ABI, as the reference lists them. */
const topics: Readonly<Record<CoreEventName, string>> = {
  LogStateUpdate: '0xd342ddf7a308dec111745b00315c14b7efb2bdae570a6856e088ed0c65a3576c',
  LogStateTransitionFact: '0x9866f8ddfe70bb512b2f2b28b49d4017c43f7ba775f1a20c61c13eea8cdac111',
  LogMessageToL1: '0x4264ac208b5fde633ccdd42e0f12c3d6d443a4f3779bbf886925b94665b63a22',
  LogMessageToL2: '0xdb80dd488acf86d17c747445b0eabb5d57c541d3bd7b6b87af987858e5066b2b',
  ConsumedMessageToL1: '0x7a06c571aa77f34d9706c51e5d8122b5595aebeaa34233bfe866f22befb973b1',
  ConsumedMessageToL2: '0x9592d37825c744e33fa80c469683bbd04d336241bb600b574758efd182abe26a',
  MessageToL2CancellationStarted:
    '0x2e00dccd686fd6823ec7dc3e125582aa82881b6ff5f6b5a73856e1ea8338a3be',
  MessageToL2Canceled: '0x8abd2ec2e0a10c82f5b60ea00455fa96c41fd144f225fcc52b8d83d94f803ed8',
  ProgramHashChanged: '0x600a61c1b32ac42fb2fe76e8fc7582a98106668fc16dcd85567cd3937363e49b',
  AggregatorProgramHashChanged:
    '0x07688623ef226ae0c2f88d3fdc7f6bb41427c804bcec3f36699b07148e3f5340',
  ConfigHashChanged: '0x393c6beb5756a944b2967f15f31ff671e312e945d7a84fd3bdcfd6b408b2dc79',
}

describe('the core as the adapter knows it', () => {
  test('has the events that logs are asked for by', () => {
    const own = Object.keys(topics).map((name) => [name, coreTopic(name as CoreEventName)])
    expect(Object.fromEntries(own)).toEqual(topics)
  })

  test('is a part of the stand-in’s interface', () => {
    const { abi } = readCompiledL1('starknet-core').contracts['Core'] ?? { abi: [] as Abi }
    const theirs = new Set(abi.map(shape))
    for (const item of coreAbi) expect(theirs).toContain(shape(item))
  })

  test('tells nothing from the log of another event', () => {
    const twoArguments = '0xe8012213bb931d3efa0a954cfb0d7b75f2a5e2358ba5f7d3edfb0154f6e7a568'
    expect(coreEventOf({ topics: [twoArguments], data: `0x${'00'.repeat(64)}` })).toBeUndefined()
    expect(coreEventOf({ topics: [], data: '0x' })).toBeUndefined()
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('an update as recorded'), () => {
  test('is called for with the recorded bytes', () => {
    expect(recordedUpdates.length).toBeGreaterThan(50)
    const own = recordedUpdates.map(({ one, programOutput, data }) => [
      one.id,
      stateUpdateCall(programOutput, data),
    ])
    expect(own).toEqual(recordedUpdates.map(({ one }) => [one.id, one.call?.data]))
  })

  test('tells its events as the recorder read them', () => {
    const logs = l1Cases('starknet.', 'tx').flatMap(({ result }) => result?.logs ?? [])
    const ofCore = logs.filter(({ event }) => event in topics)
    expect(new Set(ofCore.map(({ event }) => event)).size).toBeGreaterThanOrEqual(5)
    for (const log of ofCore) {
      const { eventName, args } = coreEventOf(log) ?? {}
      expect(eventName).toBe(log.event)
      const recorded = z.record(z.string(), z.unknown()).parse(log['args'])
      const names = Object.keys(recorded)
      const read = Object.fromEntries(
        Object.entries(args ?? {}).filter(([name]) => names.includes(name)),
      )
      expect(plain(read)).toEqual(plain(recorded))
      expect(names.length).toBeGreaterThan(0)
    }
  })
})

/** Numbers, addresses and lists of them in one way of writing. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  if (typeof value === 'string')
    return /^(?:0x[\da-f]+|-?\d+)$/i.test(value) ? `${BigInt(value)}` : value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plain(inner)] as const),
  )
}

/** Without what only the compiler says, and the names of parameters. */
function shape(item: AbiItem): string {
  if (item.type !== 'function' && item.type !== 'event') return item.type
  const answer = item.type === 'function' ? `${types(item.outputs)} ${item.stateMutability}` : ''
  return `${item.type} ${item.name}(${types(item.inputs)}) ${answer}`
}

function types(
  list: readonly { readonly type: string; readonly indexed?: boolean | undefined }[],
): string {
  return list.map(({ type, indexed = false }) => (indexed ? `${type} indexed` : type)).join()
}
