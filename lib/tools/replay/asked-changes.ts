import { venues } from '../../adapters/venues/index.ts'
import type { ParameterSet, ParameterValue } from '../../domain/parameters/parameter-set.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { parameterProblems } from '../../runtime/parameters/check-parameters.ts'
import { parametersOf } from '../../runtime/parameters/parameters-of.ts'

/** The changes that `--with` names. Throws where one is none, or is out of its bounds. */
export function changesIn(network: Network, texts: readonly string[]): ParameterSet['values'] {
  const known = parametersOf(network)
  const changes = Object.fromEntries(texts.map((text) => changeIn(known, text)))
  const problems = parameterProblems(network, changes, {
    venueNames: venues.map(({ name }) => name),
  })
  if (problems.length > 0) throw new WrongChangeError(problems)
  return changes
}

function changeIn(known: ParameterSet['values'], text: string): readonly [string, ParameterValue] {
  const at = text.indexOf('=')
  if (at < 1) throw new WrongChangeError([`${text}: expected a path and a value, such as a.b=5`])
  const [path, value] = [text.slice(0, at), text.slice(at + 1)]
  const own = Object.hasOwn(known, path) ? known[path] : undefined
  if (Array.isArray(own)) return [path, value.split(',').filter((one) => one !== '')]
  return [path, typeof own !== 'string' && isNumber(value) ? Number(value) : value]
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

/** As far as anybody could look through them. */
const mostEvents = 10_000

/** Shorter ones are typed by mistake. */
const shortestHash = 6

/** All that the set says which `--set` names by its number, or by the beginning of its hash. Throws where there is none. */
export async function valuesOfSet(
  { governance }: Pick<Store, 'governance'>,
  text: string,
): Promise<ParameterSet['values']> {
  const events = await governance.events(mostEvents)
  const sets = new Map(events.flatMap(({ set }) => (set ? [[set.number, set.hash] as const] : [])))
  const byNumber = /^\d{1,5}$/.test(text) ? sets.get(Number(text)) : undefined
  const byHash =
    text.length < shortestHash ? undefined : [...sets.values()].find((one) => one.startsWith(text))
  // The network file's own set has a hash and no number.
  const found = await governance.set(byNumber ?? byHash ?? text)
  if (!found) throw new UnknownSetError(text, [...sets.keys()])
  return found.values
}

/** `--with` names no parameter, or a value that it cannot have. */
export class WrongChangeError extends Error {
  override readonly name = 'WrongChangeError'

  constructor(problems: readonly string[]) {
    super(`--with: ${problems.join('; ')}`)
  }
}

/** `--set` names a set that nobody proposed. */
export class UnknownSetError extends Error {
  override readonly name = 'UnknownSetError'

  constructor(text: string, numbers: readonly number[]) {
    const known =
      numbers.length === 0
        ? 'none was ever proposed'
        : `there are ${numbers.toSorted((one, other) => one - other).join(', ')}`
    super(`there is no set ${text}; ${known}`)
  }
}
