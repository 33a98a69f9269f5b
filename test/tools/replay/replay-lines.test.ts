import { expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { replayLines } from '../../../lib/tools/replay/replay-lines.ts'
import type { ReplayTally } from '../../../lib/tools/replay/replay-tally.ts'

function lineOf(was: string | undefined, is: string | undefined): string | undefined {
  const tally: ReplayTally = {
    counts: [
      {
        job: 'govern',
        subject: 'network',
        slots: 9,
        same: 8,
        differ: 1,
        undecidable: 0,
        failed: 0,
        shadowed: 0,
      },
    ],
    faults: [
      {
        kind: 'differs',
        of: 'own',
        job: 'govern',
        subject: 'network',
        slot: 7,
        at: timestamp(0),
        code: 'aaa',
        parameters: 'bbb',
        differences: [{ path: 'why', was, is }],
      },
    ],
  }
  return replayLines(tally, 'ccc').at(-1)
}

test('two long values are shown from a little before they are no longer alike', () => {
  const alike = 'what the exchange had of this market was up to 5.3 % further from its price '
  // Twenty letters of what is alike.
  expect(lineOf(`"${alike}in 1 slots"`, `"${alike}in one slot"`)).toBe(
    '  why was …r from its price in 1 slots", is …r from its price in one slot"',
  )
})

test('a value that differs at once, or is short, is shown from its beginning', () => {
  const long = 'x'.repeat(80)
  expect(lineOf(`a${long}`, 'b')).toBe(`  why was a${'x'.repeat(57)}…, is b`)
  expect(lineOf('short', undefined)).toBe('  why was short, is not there')
})
