import type { Finding } from './incident.ts'
import type { GovernanceEvent } from './parameters/governance.ts'
import { setName } from './parameters/parameter-set.ts'
import type { Timestamp } from './time.ts'

/** A set that is taken back is gone in a second; people should read of it within the hour. */
const toldMs = 60 * 60_000

/** A guard took a set of parameters back: what was to be better was worse. */
export function parametersTakenBack(
  { kind, by, at, set, why }: GovernanceEvent,
  now: Timestamp,
): Finding | undefined {
  if (kind !== 'roll-back' || by !== 'guard' || now - at > toldMs) return undefined
  return {
    rule: 'parameters-taken-back',
    subject: `set ${set?.number ?? 0}`,
    severity: 'warning',
    summary: `a guard took back ${setName(set)}: ${why}`,
    since: at,
    afterMs: 0,
  }
}

/** A file that is being deployed everywhere may be older in one place for so long. */
const apartMs = 60_000

/** The network file of this deployment does not come to what the active set says, so that it decides by something of its own. */
export function parametersApart(look: {
  /** How, in words. */
  readonly difference: string
  /** When the active set became so. */
  readonly since: Timestamp
}): Finding {
  const { difference, since } = look
  return {
    rule: 'parameters-apart',
    subject: 'network',
    severity: 'warning',
    summary: difference,
    since,
    afterMs: apartMs,
  }
}
