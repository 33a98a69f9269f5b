import { existsSync, readFileSync } from 'node:fs'

import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'

const file = new URL('../../../../shared/vectors/keepers.json', import.meta.url)

const Family = z.looseObject({ cases: z.array(z.looseObject({})) })
const File = z.record(z.string(), z.looseObject({}))

const families = existsSync(file) ? File.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined

export const isThere = families !== undefined

/** The title of tests that need the file; it says why where they are skipped. */
export function titled(title: string): string {
  return isThere ? title : `${title} (skipped: the keepers' vectors are not there)`
}

/** One family's cases; the schema says what each must have. */
export function casesOf<T>(family: string, schema: z.ZodType<T>): readonly T[] {
  if (!families) return []
  return Family.parse(families[family]).cases.map((one) => schema.parse(one))
}

/** A number as the file writes it, plain or as text, in whole or as a fraction. */
export const Exact = z.union([z.string(), z.number()]).transform((text) => {
  const [over = '', under = '1'] = String(text).split('/')
  return new Decimal(over).div(under)
})
