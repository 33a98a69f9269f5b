import { Decimal } from '../decimal.ts'
import { tunableAt } from './catalogue.ts'
import { changesBetween, type ParameterSet, type ParameterValue } from './parameter-set.ts'

/** What of a set is not more careful than another one, one sentence each: an emergency may not bring that. */
export function notSafer(
  before: ParameterSet['values'],
  after: ParameterSet['values'],
): readonly string[] {
  return changesBetween(before, after).flatMap(({ path, from, to }) => {
    const safer = tunableAt(path)?.safer
    if (safer === undefined) return [`${path}: neither way is careful, so that it must be proposed`]
    if (from === undefined || to === undefined)
      return [`${path}: expected a value before and after`]
    return isSafer(from, to, safer)
      ? []
      : [`${path}: expected ${wordOf(safer)} than ${textOf(from)}, found ${textOf(to)}`]
  })
}

function isSafer(
  from: ParameterValue,
  to: ParameterValue,
  safer: 'lower' | 'higher' | 'fewer',
): boolean {
  if (safer === 'fewer')
    return (
      typeof from === 'object' && typeof to === 'object' && to.every((one) => from.includes(one))
    )
  if (typeof from === 'object' || typeof to === 'object') return false
  const [one, other] = [new Decimal(from), new Decimal(to)]
  return safer === 'lower' ? other.lt(one) : other.gt(one)
}

function wordOf(safer: 'lower' | 'higher' | 'fewer'): string {
  return safer === 'fewer' ? 'fewer of the same' : safer
}

function textOf(value: ParameterValue): string {
  return typeof value === 'object' ? value.join(', ') : String(value)
}
