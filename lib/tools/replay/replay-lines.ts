import { table } from '../pnl-lines.ts'
import type { ReplayCount, ReplayFault, ReplayTally } from './replay-tally.ts'

/** More lines than that nobody reads; `--json` has all. */
const mostFaults = 200

/** Longer values are cut; `--json` has them whole. */
const widestValue = 60
const lettersBefore = 20

/** What came of deciding again, for people. `code`: the version that decided now. */
export function replayLines({ counts, faults }: ReplayTally, code: string): readonly string[] {
  const differ = sum(counts, ({ differ: one }) => one)
  const undecidable = sum(counts, ({ undecidable: one }) => one)
  const all = sum(counts, ({ slots }) => slots)
  const told = faults.slice(0, mostFaults)
  return [
    ...countLines(counts),
    '',
    ...(differ === 0 && undecidable === 0
      ? [`${all} of ${all} slots replay byte for byte, by code ${code}.`]
      : [
          `${all - differ - undecidable} of ${all} slots replay byte for byte, by code ${code}; ` +
            `${differ} ${differ === 1 ? 'comes' : 'come'} out otherwise, ${undecidable} cannot be decided again.`,
          ...told.flatMap((fault) => faultLines(fault, code)),
          ...(faults.length > told.length
            ? [`… and ${faults.length - told.length} more; --json has all of them`]
            : []),
        ]),
  ]
}

const columns = ['job', 'subject', 'slots', 'same', 'differ', 'undecidable', 'failed', 'shadowed']

function countLines(counts: readonly ReplayCount[]): readonly string[] {
  return table([
    columns,
    ...counts.map((one) => [
      one.job,
      one.subject,
      ...[one.slots, one.same, one.differ, one.undecidable, one.failed, one.shadowed].map(String),
    ]),
  ])
}

function faultLines(fault: ReplayFault, code: string): readonly string[] {
  const { job, subject, slot, at, of } = fault
  const beside = of === 'shadow' ? ' (decided beside it)' : ''
  const name = `${job} ${subject} slot ${slot} of ${new Date(at).toISOString()}${beside}`
  if (fault.kind === 'undecidable') return [`${name}: ${fault.why}`]
  const then = fault.code === '' ? 'unknown code' : `code ${fault.code}`
  const set = fault.parameters.slice(0, 12)
  return [
    `${name}, set ${set}, decided by ${then}, now by ${code}:`,
    ...fault.differences.map(
      ({ path, was, is }) => `  ${path} was ${shown(was, is)}, is ${shown(is, was)}`,
    ),
  ]
}

/** Where it is long, from a little before it is otherwise than the other one. */
function shown(value: string | undefined, other = ''): string {
  if (value === undefined) return 'not there'
  if (value.length <= widestValue) return value
  let alike = 0
  while (alike < value.length && value[alike] === other[alike]) alike += 1
  const from = alike + lettersBefore < widestValue ? 0 : alike - lettersBefore
  const part = value.slice(from, from + widestValue - 2)
  return `${from > 0 ? '…' : ''}${part}${from + part.length < value.length ? '…' : ''}`
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((all, one) => all + of(one), 0)
}
