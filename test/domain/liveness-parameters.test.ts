import { expect, test } from 'vitest'

import { parametersApart, parametersTakenBack } from '../../lib/domain/liveness-parameters.ts'
import type { GovernanceEvent } from '../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { pastRules } from '../../lib/domain/watch/past-rules.ts'

const at = timestamp(1_764_000_000_000)
const later = (ms: number) => timestamp(at + ms)
const back: GovernanceEvent = {
  kind: 'roll-back',
  at,
  by: 'guard',
  why: '6 of 100 prices were refused',
  set: { number: 3, hash: 'ab'.repeat(32) },
  version: 9,
}

test('what a guard took back is told for an hour, with what the guard saw', () => {
  expect(parametersTakenBack(back, at)).toEqual({
    rule: 'parameters-taken-back',
    subject: 'set 3',
    severity: 'warning',
    summary: 'a guard took back set 3 (abababababab): 6 of 100 prices were refused',
    since: at,
    afterMs: 0,
  })
  expect(parametersTakenBack(back, later(3_600_000))).toBeDefined()
  expect(parametersTakenBack(back, later(3_600_001))).toBeUndefined()
  expect(pastRules).toContain('parameters-taken-back')
})

test('what people take back, and any other step of a guard, is told nobody', () => {
  expect(parametersTakenBack({ ...back, by: 'ann' }, at)).toBeUndefined()
  expect(parametersTakenBack({ ...back, kind: 'withdraw' }, at)).toBeUndefined()
})

test('a file that makes something else of the active set is told after a minute, until it does not', () => {
  const difference = 'set 3 comes to cd here'
  expect(parametersApart({ difference, since: at })).toEqual({
    rule: 'parameters-apart',
    subject: 'network',
    severity: 'warning',
    summary: difference,
    since: at,
    afterMs: 60_000,
  })
  expect(pastRules).not.toContain('parameters-apart')
})
