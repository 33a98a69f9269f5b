import { createHash } from 'node:crypto'

import { Decimal } from '../../domain/decimal.ts'
import { type Instrument, instrumentName, parseInstrument } from '../../domain/instrument.ts'
import { catalogue, tunableAt } from '../../domain/parameters/catalogue.ts'
import type { ParameterSet, ParameterValue } from '../../domain/parameters/parameter-set.ts'
import type { Network } from '../network/schema.ts'

/** Every tunable parameter that the network says something of, by its place, in one order. */
export function parametersOf(network: Network): Readonly<Record<string, ParameterValue>> {
  const found = catalogue.flatMap(({ path }) => valuesAt(network, path.split('.'), []))
  return Object.fromEntries(found.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/**
 * The network with other values at some places. Of values that were checked when they were proposed: a place that is not there
 * any more, since the file has changed, is passed over.
 */
export function underParameters(
  network: Network,
  values: Readonly<Record<string, ParameterValue>>,
): Network {
  return Object.entries(values).reduce<Network>((before, [path, value]) => {
    if (!tunableAt(path)) throw new UnknownParameterError(path)
    return changed(before, path.split('.'), value) as Network
  }, network)
}

/** The set that a network is under with these changes. */
export function setOf(
  network: Network,
  changes: Readonly<Record<string, ParameterValue>> = {},
): ParameterSet {
  const under = underParameters(network, changes)
  return { hash: parametersHash(under), values: parametersOf(under) }
}

/**
 * SHA-256 of all parameters in one order, and of what there is that they are of, in hex. `known`: of these alone, as code has it
 * that knows no others.
 */
export function parametersHash(network: Network, known?: ParameterSet['values']): string {
  const values = Object.entries(parametersOf(network))
  const some = known ? values.filter(([path]) => Object.hasOwn(known, path)) : values
  const all = [some, structureOf(network)]
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

/** What decides how prices are made and who is told, and is no parameter. */
function structureOf({ families, venues, markets }: Network): unknown {
  return {
    families,
    disabled: Object.keys(venues).filter((name) => venues[name]?.disabled === true),
    listed: Object.entries(markets).map(([name, { engines }]) => [name, Object.keys(engines)]),
  }
}

type Found = readonly [string, ParameterValue]

function valuesAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  path: readonly string[],
): readonly Found[] {
  if (key === undefined) {
    const text = written(value)
    return text === undefined ? [] : [[path.join('.'), text]]
  }
  if (!isPlain(value)) return []
  const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : []
  return keys.flatMap((name) => valuesAt(value[name], rest, [...path, name]))
}

/** As people write it in the file. */
function written(value: unknown): ParameterValue | undefined {
  if (typeof value === 'number') return value
  if (Decimal.isDecimal(value)) return value.toFixed()
  if (Array.isArray(value)) return value.map(sourceName)
  return undefined
}

function changed(
  before: unknown,
  [key, ...rest]: readonly string[],
  value: ParameterValue,
): unknown {
  if (key === undefined) return read(before, value)
  // Where the last part is absent the file has a choice; where anything before it is, there is nothing to choose of.
  if (!isPlain(before) || (rest.length > 0 && !Object.hasOwn(before, key))) return before
  return { ...before, [key]: changed(before[key], rest, value) }
}

/** In the form that the network has it in. */
function read(before: unknown, value: ParameterValue): unknown {
  if (typeof value === 'object') return value.map(sourceOf)
  if (Decimal.isDecimal(before) || typeof value === 'string') return new Decimal(value)
  return value
}

type Source = { readonly venue: string; readonly instrument: Instrument }

function sourceName({ venue, instrument }: Source): string {
  return `${venue}:${instrumentName(instrument)}`
}

function sourceOf(name: string): Source {
  const [venue = '', instrument = ''] = name.split(':')
  return { venue, instrument: parseInstrument(instrument) }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Decimal.isDecimal(value)
  )
}

/** A place in the network file that is no tunable parameter. */
export class UnknownParameterError extends Error {
  override readonly name = 'UnknownParameterError'
  readonly path: string

  constructor(path: string) {
    super(
      `${path} is no parameter that changes in phases; \`starkeep govern parameters\` lists those`,
    )
    this.path = path
  }
}
