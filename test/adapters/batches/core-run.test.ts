import { describe, expect, test } from 'vitest'

import { coreRun } from '../../../lib/adapters/batches/core-run.ts'
import { parseProgramOutput } from '../../../lib/adapters/settlement/starknet-core/program-output.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import type { SettlementOutput } from '../../../lib/domain/proving/settlement-output.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { l1Cases, type L1Case, l1Recording, titledL1 } from '../settlement/l1-vectors.ts'

/** The batch that a recorded output is of, by the names that the recording gives its words. */
function batchOf({ words = [] }: L1Case): BatchContent {
  const told = (field: string) => BigInt(words.find((one) => one.field === field)?.value ?? '')
  const hex = (field: string): `0x${string}` => `0x${told(field).toString(16)}`
  return {
    name: 'blocks 1-70',
    previous: { number: Number(told('prevBlockNumber')), hash: hex('prevBlockHash') },
    last: { number: Number(told('newBlockNumber')), hash: hex('newBlockHash') },
    previousRoot: hex('prevRoot'),
    newRoot: hex('newRoot'),
    size: 1,
    closedAt: timestamp(0),
    closedBy: 'count',
  }
}

function outputOf({ words = [] }: L1Case): readonly bigint[] {
  return words.map(({ value }) => BigInt(value))
}

const calldata = { kind: 'calldata', hash: 1n, size: 1n } as const

async function ask(content: BatchContent, output: SettlementOutput) {
  const run = { pie: new Uint8Array(), steps: 1, programHash: '0x1', output } as const
  return await coreRun(
    { runs: { run: async () => Promise.resolve(run) }, readOutput: parseProgramOutput },
    content,
  )
}

describe.skipIf(l1Recording === undefined)(titledL1('a run, by the recorded layouts'), () => {
  const layouts = l1Cases('starknet.layout.', 'layout')
  const [first] = layouts
  const one = l1Cases('starknet.layout.kzg.ok-1', 'layout')[0]

  test.for(layouts.map((layout) => [layout.id, layout] as const))(
    '%s is that of its batch',
    async ([, layout]) => {
      const programOutput = outputOf(layout)
      const blobs = Number(
        layout.words?.find(({ field }) => field === 'kzg.nBlobs')?.value ?? Number.NaN,
      )
      const data = Number.isNaN(blobs)
        ? calldata
        : ({
            kind: 'blobs',
            blobs: Array.from({ length: blobs }, () => '0x00' as const),
            proofs: Array.from({ length: blobs }, () => '0x00' as const),
          } as const)
      expect(await ask(batchOf(layout), { programOutput, data })).toMatchObject({ steps: 1 })
    },
  )

  test.for([
    ['previous root', 0],
    ['new root', 1],
    ['previous block number', 2],
    ['new block number', 3],
    ['previous block hash', 4],
    ['new block hash', 5],
  ] as const)('that differs in its %s is refused, with both told', async ([word, index]) => {
    if (!first) throw new Error('there are layouts')
    const words = outputOf(first)
    const programOutput = words.with(index, (words[index] ?? 0n) + 1n)
    await expect(ask(batchOf(first), { programOutput, data: calldata })).rejects.toMatchObject({
      name: 'BatchInputError',
      batch: 'blocks 1-70',
      word,
      expected: written(word, words[index] ?? 0n),
      found: written(word, (words[index] ?? 0n) + 1n),
    })
  })

  test('whose data is not where its output says is refused', async () => {
    if (!first || !one) throw new Error('there are layouts')
    const wrong = [
      [first, undefined, 'data beside it'],
      [first, { kind: 'blobs', blobs: [], proofs: [] }, 'data beside it'],
      [one, calldata, 'data beside it'],
      [one, { kind: 'blobs', blobs: [], proofs: ['0x00'] }, 'number of blobs'],
      [one, { kind: 'blobs', blobs: ['0x00'], proofs: [] }, 'number of blob proofs'],
    ] as const
    for (const [layout, data, word] of wrong) {
      const output = { programOutput: outputOf(layout), ...(data && { data }) }
      await expect(ask(batchOf(layout), output)).rejects.toMatchObject({ word })
    }
  })

  test('that is no output at all is refused, in the words of the contract', async () => {
    if (!first) throw new Error('there are layouts')
    const short = { programOutput: outputOf(first).slice(0, 9), data: calldata }
    await expect(ask(batchOf(first), short)).rejects.toMatchObject({
      name: 'BatchInputError',
      word: 'output',
      found: expect.stringContaining('STARKNET_OUTPUT_TOO_SHORT') as string,
    })
  })
})

function written(word: string, value: bigint): string {
  return word.endsWith('number') ? String(value) : `0x${value.toString(16)}`
}
