import process from 'node:process'

import { crashDays, hasCrashDays, playCrashDay } from './crash-days.ts'

/**
 * `npm run crash-days`: recorded hours of two crashes, played as if they were now, with people who trade with leverage. Whoever falls
 * is liquidated; our account must have grown by what the books say, to the unit. Fails where that is not so.
 */
if (!hasCrashDays) {
  process.stdout.write('skipped: ../shared/data/prices is not there\n')
  process.exit()
}

let broken = 0
for (const { name, from } of crashDays) {
  const report = await playCrashDay(from, 120)
  const { liquidations, deleverages, noEffect, grown, booked, leastFund, problems } = report
  broken += problems.length
  const lines = [
    `${name}: ${liquidations} liquidations, ${deleverages} deleverages, ${noEffect} without effect`,
    `  our account grew by ${inUsd(grown)} USD, the books say ${inUsd(booked)}; the fund had ${inUsd(leastFund)} USD at least`,
    ...problems.map((problem) => `  BROKEN: ${problem}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
process.exitCode = broken > 0 ? 1 : 0

function inUsd(units: bigint): string {
  return (Number(units) / 1e6).toFixed(2)
}
