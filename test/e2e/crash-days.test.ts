import { expect, test } from 'vitest'

import { hasCrashDays, playCrashDay } from './crash-days.ts'

if (!hasCrashDays) process.stdout.write('skipped: ../shared/data/prices is not there\n')

test.runIf(hasCrashDays)(
  'on 12 March 2020 people are liquidated, and our account grows by what the books say',
  async () => {
    // The crowd needs some hours of it to be there when the first fall comes.
    const { grown, booked, liquidations, leastFund } = await playCrashDay(
      '2020-03-12T00:00:00Z',
      100,
    )
    expect(liquidations).toBeGreaterThan(0)
    expect(grown).toBe(booked)
    expect(leastFund).toBeGreaterThanOrEqual(0n)
  },
  200_000,
)
