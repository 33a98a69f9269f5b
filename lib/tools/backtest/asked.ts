import { tunableAt } from '../../domain/parameters/catalogue.ts'
import type { ParameterSet } from '../../domain/parameters/parameter-set.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { parametersOf, underParameters } from '../../runtime/parameters/parameters-of.ts'
import { changesIn } from '../replay/asked-changes.ts'
import {
  isWorldPath,
  withWorld,
  worldNameOf,
  worldSettings,
  type WorldValues,
} from './world-settings.ts'

/** A network and the world that it is tried in. */
export type Tried = { readonly network: Network; readonly world: WorldValues }

/** `path=value`. */
export type Change = { readonly path: string; readonly text: string }

export function parseChange(text: string): Change {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1)
    throw new AskedError(`"${text}" is no change; expected path=value`)
  return { path: text.slice(0, at).trim(), text: text.slice(at + 1).trim() }
}

/** The same with these changes: of parameters that the network file has, within their bounds, and of the backtest’s own settings. */
export function tryWith({ network, world }: Tried, changes: readonly Change[]): Tried {
  const own = changes.filter(({ path }) => !isWorldPath(path))
  const values =
    own.length === 0
      ? {}
      : changesIn(
          network,
          own.map(({ path, text }) => `${path}=${text}`),
        )
  return {
    network: underParameters(network, values),
    world: changes
      .filter(({ path }) => isWorldPath(path))
      .reduce((before, { path, text }) => withWorld(before, path, text), world),
  }
}

/** What a path is now, as JSON. */
export function valueAt({ network, world }: Tried, path: string): string {
  const name = worldNameOf(path)
  if (name) return JSON.stringify(Number(world[name]))
  return JSON.stringify(known(network)[path] ?? null)
}

function known(network: Network): ParameterSet['values'] {
  return parametersOf(network)
}

/** One curve, or a field of two: every value of each is tried with every one of the other. */
export type Sweep = readonly { readonly path: string; readonly texts: readonly string[] }[]

/** `path=a,b,c`, or two of them with a space between. */
export function parseSweep(text: string): Sweep {
  const parts = text.trim().split(/\s+/)
  if (parts.length > 2)
    throw new AskedError(`"${text}" sweeps ${parts.length} parameters; one or two at a time`)
  return parts.map((part) => {
    const { path, text: values } = parseChange(part)
    const texts = values.split(',').filter((one) => one !== '')
    if (tunableAt(path)?.unit === 'sources')
      throw new AskedError(`${path} is a list of sources, which is not swept`)
    return { path, texts }
  })
}

export function unitOf(path: string): string {
  const name = worldNameOf(path)
  if (name) return worldSettings[name].unit
  const unit = tunableAt(path)?.unit ?? ''
  return unit === 'count' || unit === 'fraction' ? '' : unit
}

/** Each point's changes, the second parameter turning faster. */
export function pointsOf(sweep: Sweep): readonly (readonly Change[])[] {
  return sweep.reduce<readonly (readonly Change[])[]>(
    (points, { path, texts }) =>
      points.flatMap((point) => texts.map((text) => [...point, { path, text }])),
    [[]],
  )
}

/** `--with` or `--sweep` is not what it should be. */
export class AskedError extends Error {
  override readonly name = 'AskedError'
}
