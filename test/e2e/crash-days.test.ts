import { expect, test } from 'vitest'

import { hasCrashDays, playCrashDay } from './crash-days.ts'

if (!hasCrashDays) process.stdout.write('skipped: ../shared/data/prices is not there\n')

test.runIf(hasCrashDays)(
  'on 12 March 2020 people are liquidated, and our account grows by what the books say',
  async () => {
    // The first fall comes after 10:00, when the crowd must be there: an hour takes three seconds.
    const { grown, booked, liquidations, leastFund } = await playCrashDay(
      '2020-03-12T07:00:00Z',
      120,
      10,
    )
    expect(liquidations).toBeGreaterThan(0)
    expect(grown).toBe(booked)
    expect(leastFund).toBeGreaterThanOrEqual(0n)
  },
  200_000,
)
