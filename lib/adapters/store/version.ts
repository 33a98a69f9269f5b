import { whole } from './item.ts'
import type { Condition } from './writes.ts'

/** Holds where the stored version is the one before `version`; version 1 comes after nothing. */
export function nextVersion(version: number): Condition {
  checkVersion(version)
  if (version === 1) return { expression: 'attribute_not_exists(pk)' }
  return {
    expression: '#version = :before',
    names: { '#version': 'version' },
    values: { ':before': whole(version - 1) },
  }
}

/** A version of 0 would follow nothing that was ever stored, and be refused for ever. */
export function checkVersion(version: number): void {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`${version} is not a version; the first is 1`)
}
