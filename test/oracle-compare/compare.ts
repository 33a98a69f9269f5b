import process from 'node:process'
import { parseArgs } from 'node:util'

import { recordingTable, scenarioRows, scenarioTable, totalsTable } from './compare-report.ts'
import { loadRecording } from './load-recording.ts'
import { measureAll } from './measure.ts'
import type { Measure } from './measure.ts'
import { lackingIn, recordings, sharedRecordings } from './recordings.ts'
import { covers } from './rule.ts'
import { allRules } from './rules/all-rules.ts'
import { scenarios } from './scenarios.ts'
import { behindIn } from './standing.ts'

/**
 * `npm run oracle:compare [-- --recordings <folder>]`: how other networks' published rules and ours do in the failures that are known, and through
 * recordings of real venues. What the price was is read from the trades' own ranges (consensus.ts), which no rule sees.
 * Exit code 0 where ours is right in every scenario, and the best in every column or with a reason why not.
 */
const { values } = parseArgs({ options: { recordings: { type: 'string' } } })
const folder = values.recordings ?? sharedRecordings
const lacking = lackingIn(folder)

const rows = scenarioRows(allRules, scenarios)
say(scenarioTable(rows, scenarios))
const wrong = rows[0]?.verdicts.filter((verdict) => !verdict?.isRight).length ?? 0

const all: (readonly Measure[])[] = []
let unexplained = 0
/** How the table is to be read. */
const method = `Recordings of real venues. Every rule sees the same quotes in the same rounds and is asked for its price; when a
network would push it is left out for all. A venue goes on showing what it showed last. What the price was: the ranges of
the trades of each bar, widened by what sound venues may be apart; the point that most of them share says who is sound,
more than half of those that traded; an error is counted from all that the sound ones said outwards.`

if (lacking === '') await playAll()
else say(`The scenarios alone: recordings of real venues are not here. ${lacking}.`)
process.exitCode = wrong + unexplained === 0 ? 0 : 1

async function playAll(): Promise<void> {
  say(method)
  for (const recording of recordings) {
    const loaded = await loadRecording(recording, folder)
    const rules = allRules.filter((rule) => covers(rule, loaded.setup))
    const measures = measureAll(rules, loaded, recording)
    all.push(measures)
    unexplained += behindIn(measures, recording).filter(({ reason }) => !reason).length
    say(recordingTable(recording, measures))
  }
  say(totalsTable(all, rows))
}

function say(text: string): void {
  process.stdout.write(`${text}\n\n`)
}
