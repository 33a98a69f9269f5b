import * as z from 'zod'

import { type Parameter, watchParameters } from '../../domain/watch/parameters.ts'
import { section } from './section.ts'

type Name = keyof typeof watchParameters

/** Kinds of which there are whole ones only. */
const whole: ReadonlySet<Parameter['unit']> = new Set([
  'ms',
  'samples',
  'looks',
  'blocks',
  'exchanges',
])

/** The numbers of the rules for watched systems, each as its own reason says it. */
export const watch = section(
  Object.fromEntries(
    Object.entries<Parameter>(watchParameters).map(([name, parameter]) => [
      name,
      numberOf(parameter),
    ]),
  ) as Record<Name, ReturnType<typeof numberOf>>,
)
  .prefault({})
  .describe('From when on what is seen of watched systems is told. Defaults are the reasons’ own.')

function numberOf({ value, least, most, unit, reason }: Parameter) {
  const number = whole.has(unit) ? z.int() : z.number()
  return number.min(least).max(most).default(value).describe(`${reason} Default ${value}.`)
}
