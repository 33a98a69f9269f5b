import * as z from 'zod'

import { catalogue, tunableAt, type Tunable } from '../../domain/parameters/catalogue.ts'
import type { ParameterValue } from '../../domain/parameters/parameter-set.ts'
import { crossChecks } from '../network/cross-checks.ts'
import type { Known } from '../network/known.ts'
import { findings, pathName } from '../network/problem.ts'
import { type Network, networkSchema } from '../network/schema.ts'
import { descriptionOf, leafSchema } from './leaf-schema.ts'
import { parametersOf, underParameters } from './parameters-of.ts'

/** One parameter of a network, with all that people must know of it. */
export type KnownParameter = Tunable & {
  readonly value: ParameterValue
  /** Absent where it is a list. */
  readonly least?: number
  readonly most?: number
  readonly reason: string
}

/** Every parameter that the network has, by its place. */
export function knownParameters(network: Network): readonly KnownParameter[] {
  return Object.entries(parametersOf(network)).map(([path, value]) => {
    const tunable = tunableAt(path)
    const schema = leafSchema(networkSchema, path.split('.'), network)
    if (!tunable || !schema) throw new TypeError(`${path} is not in the network's schema`)
    return { ...tunable, path, value, ...boundsOf(schema), reason: descriptionOf(schema) }
  })
}

/** What is wrong with a proposal, one sentence each; empty where it may be tried. */
export function parameterProblems(
  network: Network,
  values: Readonly<Record<string, unknown>>,
  known: Known,
): readonly string[] {
  const entries = Object.entries(values)
  if (entries.length === 0) return ['nothing is proposed; name a parameter and its value']
  const wrong = entries.flatMap(([path, value]) => problemsOf(network, path, value))
  if (wrong.length > 0) return wrong
  const under = underParameters(network, values as Readonly<Record<string, ParameterValue>>)
  const before = new Set(crossChecks(network, known).map(sentence))
  return crossChecks(under, known)
    .map(sentence)
    .filter((one) => !before.has(one))
}

function problemsOf(network: Network, path: string, value: unknown): readonly string[] {
  if (!tunableAt(path))
    return [`${path}: expected a parameter that changes in phases${nearest(path)}`]
  const parts = path.split('.')
  const schema = leafSchema(networkSchema, parts, network)
  if (!schema || !isThere(network, parts.slice(0, -1)))
    return [`${path}: expected a place that the network file has`]
  if (value === undefined || value === null) return [`${path}: expected a value, found nothing`]
  const parsed = z.safeParse(schema, value, { reportInput: true })
  if (parsed.success) return []
  return parsed.error.issues
    .flatMap(findings)
    .map(({ path: within, text }) => `${pathName([...parts, ...within])}: ${text}`)
}

/** Of the same last part: the usual mistake is in the middle. */
function nearest(path: string): string {
  const last = path.split('.').at(-1) ?? ''
  const near = catalogue.filter((one) => one.path.endsWith(`.${last}`)).map((one) => one.path)
  return near.length > 0 ? `, such as ${near.join(' or ')}` : ''
}

function isThere(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return typeof value === 'object' && value !== null
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
  return isThere((value as Readonly<Record<string, unknown>>)[key], rest)
}

function sentence({
  path,
  text,
}: {
  readonly path: readonly PropertyKey[]
  readonly text: string
}): string {
  return `${pathName(path)}: ${text}`
}

/** As the schema says them to editors. */
function boundsOf(schema: z.ZodType): { readonly least?: number; readonly most?: number } {
  const bounds = numbersIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  const least = bounds.map(({ least: one }) => one).find((one) => one !== undefined)
  const most = bounds.map(({ most: one }) => one).find((one) => one !== undefined)
  return { ...(least !== undefined && { least }), ...(most !== undefined && { most }) }
}

type Bounds = { readonly least: number | undefined; readonly most: number | undefined }

function numbersIn(schema: object): readonly Bounds[] {
  const { minimum, exclusiveMinimum, maximum, anyOf, type } = schema as {
    readonly type?: string
    readonly minimum?: number
    readonly exclusiveMinimum?: number
    readonly maximum?: number
    readonly anyOf?: readonly object[]
  }
  if (anyOf) return anyOf.flatMap(numbersIn)
  if (type !== 'number' && type !== 'integer') return []
  return [{ least: minimum ?? exclusiveMinimum, most: maximum }]
}
