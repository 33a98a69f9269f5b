import { styleText } from 'node:util'

import { areas, type Area, type Diagnosis } from './diagnosis.ts'

const titles: Readonly<Record<Area, string>> = {
  keys: 'Keys',
  world: 'Chains, exchanges and contracts',
  nodes: 'Nodes',
  watched: 'Watched systems',
  clock: 'Clock',
  money: 'Money for fees',
  store: 'Store',
  queue: 'Queue',
  alerts: 'Alerts',
}

/** A longer subject moves its own line alone. */
const widest = 36

const tones = { ok: 'green', warning: 'yellow', fault: 'red', skipped: 'dim' } as const

/** A table of all findings, what to do below each that asks for it, and the sum. */
export function diagnosisLines(
  all: readonly Diagnosis[],
  { colour }: { readonly colour: boolean },
): readonly string[] {
  const width = Math.min(widest, Math.max(0, ...all.map(({ subject }) => subject.length)))
  const lines = areas.flatMap((area) => {
    const some = all.filter((one) => one.area === area)
    if (some.length === 0) return []
    return [titles[area], ...some.flatMap((one) => linesOf(one, { width, colour })), '']
  })
  return [...lines, sumOf(all)]
}

function linesOf(
  { state, subject, says, fix }: Diagnosis,
  { width, colour }: { readonly width: number; readonly colour: boolean },
): readonly string[] {
  const word = state.padEnd(7)
  const painted = colour ? styleText(tones[state], word, { validateStream: false }) : word
  const indent = ' '.repeat(2 + 7 + 2 + width + 2)
  return [
    `  ${painted}  ${subject.padEnd(width)}  ${says}`,
    ...(fix === undefined ? [] : [`${indent}do: ${fix}`]),
  ]
}

function sumOf(all: readonly Diagnosis[]): string {
  const count = (state: Diagnosis['state']) => all.filter((one) => one.state === state).length
  const [faults, warnings] = [count('fault'), count('warning')]
  if (faults === 0 && warnings === 0) return `${all.length} checked, all is well`
  const parts = [counted(faults, 'fault'), counted(warnings, 'warning')].filter(
    (text) => text !== '',
  )
  return `${all.length} checked: ${parts.join(', ')}`
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`
}
