import { parseArgs } from 'node:util'

import type { Kept, MutantSeen } from './followed.ts'
import { replayedDay } from './replayed-day.ts'

/**
 * `npm run replay-day -- --seed 1 --hours 24`: so many hours of both oracle nodes, two exchanges, the watch, liquidations,
 * deleverages, batches, and all other jobs that there are in virtual time, at their own pace, with all that goes wrong. Every slot is
 * decided again from what was kept of it; then by rules that were changed on purpose, of which replay must name exactly those slots that they decide otherwise.
 * The exit code is 1 where any of that is not so.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '24' },
  },
})

process.exitCode = await run({
  seed: whole('seed', values.seed),
  hours: whole('hours', values.hours),
})

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`--${name} takes a whole number above zero, not ${text}`)
  return value
}

async function run(asked: { readonly seed: number; readonly hours: number }): Promise<number> {
  const begun = Date.now()
  const { book, prices, proving, accounts, upkeep } = await replayedDay({
    ...asked,
    onHour(world, hour) {
      if (Number.isInteger(hour))
        say(`${world}: hour ${hour} of ${asked.hours}, ${seconds(begun)} s`)
    },
  })
  const all = [...book.kept].toSorted(([one], [other]) => (one < other ? -1 : 1))
  say(`\nseed ${asked.seed}, ${asked.hours} virtual hours in ${seconds(begun)} s`)
  for (const [name, kept] of all) say(jobLines(name, kept))
  say(`\nchains, stores and processes: ${counted(prices.happened)}`)
  say(`proving: ${counted(proving.happened)}; batches: ${counted(proving.batches)}`)
  say(`accounts: what stood still: ${counted(accounts.faults)}`)
  say(`upkeep: ${counted(upkeep.happened)}`)
  say('')
  for (const mutant of book.mutants) say(mutantLines(mutant))
  const slots = all.reduce((sum, [, { kept }]) => sum + kept, 0)
  const differ = all.reduce((sum, [, one]) => sum + one.differ, 0)
  const broken = [prices.violation, proving.violation].flatMap((one) => one ?? [])
  for (const { rule, what } of broken) say(`a rule of the simulation is broken: ${rule}: ${what}`)
  const isExact = book.mutants.every(({ wrong, missed }) => wrong.length + missed.length === 0)
  say(
    differ === 0
      ? `\nAll ${slots} slots replay byte for byte.`
      : `\n${differ} of ${slots} slots do not replay.`,
  )
  say(
    isExact
      ? 'Of each changed rule replay names exactly the slots that it decides otherwise.'
      : 'Of a changed rule replay does not name exactly the slots that it decides otherwise.',
  )
  return differ === 0 && isExact && broken.length === 0 ? 0 : 1
}

function jobLines(name: string, kept: Kept): string {
  const { decided, unseen, holds, same, otherwise } = kept
  return [
    `${name}: ${kept.kept} slots kept of ${decided + unseen} looks, ${unseen} saw nothing, ${holds} with a hold; ${same} replay`,
    `  ${counted(kept.ends)}`,
    ...otherwise.map((one) => `  otherwise: ${one}`),
  ].join('\n')
}

function mutantLines({ name, job, expected, named, wrong, missed }: MutantSeen): string {
  return [
    `${job}, “${name}”: ${expected} slots are decided otherwise, replay names ${named}`,
    ...wrong.map((one) => `  named for nothing: ${one}`),
    ...missed.map((one) => `  not named: ${one}`),
  ].join('\n')
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function seconds(begun: number): string {
  return ((Date.now() - begun) / 1000).toFixed(1)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
