import process from 'node:process'
import { parseArgs } from 'node:util'

import { bodyOf, parsedBody } from './one-body.ts'
import { hostileRounds, type Rounds } from './one-round.ts'

/**
 * `npm run fuzz:venues [-- --bodies 100000 --seed 1]`: gives hostile bodies to the venues' parsers, and after every
 * hundred of them one round of seven venues over a socket up to a feed's price. Prints what became of them, and ends
 * with 1 at the first that is read wrongly: `--bodies 1 --seed` and its number is that body again.
 */
const { values } = parseArgs({
  options: {
    bodies: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
})
const first = Number(values.seed)
const count = Number(values.bodies)

const counts = new Map<string, Map<string, number>>()
let bodies = 0

function tell(kind: string, outcome: string): void {
  const outcomes = counts.get(kind) ?? new Map<string, number>()
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  counts.set(kind, outcomes)
  bodies += 1
}

/** What must not have become of the body of that seed. */
async function troubleOf(rounds: Rounds, seed: number): Promise<string | undefined> {
  const body = bodyOf(seed)
  const { outcome, wrong } = parsedBody(body)
  tell(body.kind, outcome)
  if (wrong !== undefined) return `${body.sample.title}, ${body.kind}: ${wrong}`
  // A single one is somebody looking for what was wrong: both ways are played again.
  if (seed % 100 > 0 && count > 1) return undefined
  const round = await rounds.play(seed)
  for (const each of round.delivered) tell(each.kind, each.outcome)
  return round.wrong
}

/** Half of what a function has: the server and the second reading are in it too. */
const mostGrowthMb = 512

function peakMb(): number {
  return process.resourceUsage().maxRSS / 1024
}

const unhandled: unknown[] = []
process.on('unhandledRejection', (error) => unhandled.push(error))
process.on('uncaughtException', (error) => unhandled.push(error))

const startMb = peakMb()
const begun = performance.now()
const rounds = await hostileRounds()
let trouble: string | undefined
let seed = first
for (; seed < first + count; seed++) {
  trouble = await troubleOf(rounds, seed)
  if (unhandled.length > 0) trouble ??= `nobody handled ${String(unhandled[0])}`
  const growthMb = peakMb() - startMb
  if (growthMb > mostGrowthMb) trouble ??= `the process grew by ${growthMb.toFixed()} MB`
  if (trouble !== undefined) break
}
await rounds.close()

const seconds = (performance.now() - begun) / 1000
for (const [kind, outcomes] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const each = [...outcomes].map(([outcome, times]) => `${times} ${outcome}`)
  process.stdout.write(`${kind.padEnd(40)} ${each.join(', ')}\n`)
}
process.stdout.write(
  `${bodies} bodies in ${seconds.toFixed()} s, ${(bodies / seconds).toFixed()} a second; ` +
    `at most ${peakMb().toFixed()} MB, ${(peakMb() - startMb).toFixed()} MB more than at the start\n`,
)
if (trouble !== undefined) {
  process.stdout.write(`seed ${seed}: ${trouble}\n`)
  process.exitCode = 1
}
