import { describe, expect, test } from 'vitest'

import { type ChainRow, remembered, rowsText } from '../../../lib/adapters/watched/remembered.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const aRow = (position: number, name = 'update', index = 0): ChainRow => ({
  position,
  index,
  at: timestamp(position * 12_000),
  name,
  values: [`block ${position}`],
})
const many = () => 100
const twoUpdates = (name: string) => (name === 'update' ? 2 : 1)

describe('what a chain told before', () => {
  test('stays where it was not read again, and is in the order of the chain', () => {
    const before = rowsText([aRow(3), aRow(8)])
    const rows = remembered(
      before,
      { ranges: [{ from: 5, through: 9 }], rows: [aRow(9), aRow(5)] },
      many,
    )
    expect(rows).toEqual([aRow(3), aRow(5), aRow(9)])
  })

  test('is gone where its blocks were read again without it', () => {
    const before = rowsText([aRow(3), aRow(8)])
    const ranges = [
      { from: 7, through: 9 },
      { from: 1, through: 3 },
    ]
    expect(remembered(before, { ranges, rows: [] }, many)).toEqual([])
  })

  test('is kept of each kind up to a number, the newest', () => {
    const rows = [aRow(1, 'change'), aRow(2), aRow(3), aRow(4, 'change'), aRow(5)]
    const left = remembered(undefined, { ranges: [], rows }, twoUpdates)
    expect(left.map(({ position }) => position)).toEqual([3, 4, 5])
  })

  test('two of one block are told in their order', () => {
    const rows = [aRow(4, 'update', 7), aRow(4, 'change', 2)]
    const left = remembered(undefined, { ranges: [], rows }, many)
    expect(left.map(({ index }) => index)).toEqual([2, 7])
  })

  test.each([undefined, '', 'yesterday', '{}', '[[1]]', '[["1",0,0,"a"]]'])(
    'is nothing where the text is not ours: %s',
    (text) => {
      expect(remembered(text, { ranges: [], rows: [aRow(1)] }, many)).toEqual([aRow(1)])
    },
  )
})
