import type { GovernanceEvent } from '../domain/parameters/governance.ts'
import {
  type ParameterChange,
  type ParameterValue,
  setName,
} from '../domain/parameters/parameter-set.ts'
import type { Timestamp } from '../domain/time.ts'
import type { KnownParameter } from '../runtime/parameters/check-parameters.ts'
import type { GovernanceStanding } from '../runtime/parameters/desk.ts'
import { durationText } from './duration.ts'

/** Where the parameters stand, for a terminal. */
export function governanceLines(
  { stands, active, changes, events }: GovernanceStanding,
  against: string | undefined,
  now: Timestamp,
): readonly string[] {
  const { candidate, next, probation, emergency } = stands
  return [
    `active: ${setName(active)}`,
    ...(emergency ? [`emergency: ${setName(emergency.set)} until ${at(emergency.until)}`] : []),
    ...(probation
      ? [
          probation.until > now
            ? `on probation until ${at(probation.until)} (${durationText(probation.until - now)})`
            : `on probation until guards look next: its time was over at ${at(probation.until)}`,
        ]
      : []),
    ...(next ? [`from ${at(next.from)} on: ${setName(next.set)}`] : []),
    ...(candidate
      ? [
          `proposed: ${setName(candidate.set)} by ${candidate.by} ${at(candidate.at)}: ${candidate.why}`,
          candidate.shadowSince === undefined
            ? '  not in shadow yet'
            : `  in shadow since ${at(candidate.shadowSince)} (${durationText(now - candidate.shadowSince)})`,
          ...candidate.approvals.map(({ by, at: when }) => `  approved by ${by} ${at(when)}`),
          ...(against === undefined ? [] : [`  against it: ${against}`]),
        ]
      : []),
    ...changes.map((change) => `  ${changeText(change)}`),
    ...(events.length > 0 ? ['', 'steps, the newest first:'] : []),
    ...events.map((event) => `  ${stepLine(event)}`),
  ]
}

/** One step in one line. */
export function stepLine({ kind, at: when, by, why, set, from, until }: GovernanceEvent): string {
  const times = [
    ...(from === undefined ? [] : [`from ${at(from)}`]),
    ...(until === undefined ? [] : [`until ${at(until)}`]),
  ].join(' ')
  return `${at(when)} ${kind} ${setName(set)}${times === '' ? '' : ` ${times}`} by ${by}: ${why}`
}

/** Every parameter with what people must know of it. */
export function parameterLines(all: readonly KnownParameter[]): readonly string[] {
  return all.flatMap(({ path, value, unit, least, most, safer, reason }) => [
    `${path} = ${valueText(value)} ${unit}${least === undefined || most === undefined ? '' : ` (${least} to ${most})`}${safer === undefined ? '' : `, ${safer} is more careful`}`,
    `    ${reason}`,
  ])
}

function changeText({ path, from, to }: ParameterChange): string {
  return `${path}: ${valueText(from)} → ${valueText(to)}`
}

function valueText(value: ParameterValue | undefined): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value)
}

function at(when: Timestamp): string {
  return new Date(when).toISOString()
}
