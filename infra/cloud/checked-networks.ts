import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import type { Plugin } from 'esbuild'

type NamedNetwork = (directory: string, name: string) => Promise<unknown>

/** Where the network files are. */
const ours = fileURLToPath(new URL('../networks', import.meta.url))

/**
 * Puts the network files into the bundle, read and checked: a wrong one cannot be packaged, and a function that starts
 * has neither a parser nor a schema to load.
 */
export function checkedNetworks(directory = ours): Plugin {
  return {
    name: 'checked-networks',
    setup(build) {
      build.onLoad({ filter: /[/\\]runtime[/\\]named-network\.ts$/ }, async ({ path }) => {
        const module = (await import(pathToFileURL(path).href)) as {
          readonly namedNetwork: NamedNetwork
        }
        const names = readdirSync(directory)
          .filter((file) => file.endsWith('.yml'))
          .map((file) => basename(file, '.yml'))
        const networks = await Promise.all(
          names.map(async (name) => [name, await module.namedNetwork(directory, name)] as const),
        )
        return { contents: moduleOf(networks), loader: 'js', resolveDir: dirname(path) }
      })
    },
  }
}

/** Each network is a function's body, so that only the one that is asked for is made. */
function moduleOf(networks: readonly (readonly [string, unknown])[]): string {
  const members = networks.map(([name, network]) => `${literal(name)}: () => (${literal(network)})`)
  return `
    import { Decimal } from '../domain/decimal.ts'
    const networks = { ${members.join(',')} }
    export async function namedNetwork(directory, name) {
      if (Object.hasOwn(networks, name)) return networks[name]()
      throw new Error('there was no ' + name + '.yml when this was packaged, only ' + Object.keys(networks).join(', '))
    }`
}

/** A value as JavaScript. Its keys keep their order, for what is signed depends on it. */
function literal(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`
  if (Object.getPrototypeOf(value) !== Object.prototype)
    return `new Decimal(${JSON.stringify(value)})`
  const members = Object.entries(value).map(
    ([key, member]) => `[${JSON.stringify(key)}]: ${literal(member)}`,
  )
  return `{${members.join(',')}}`
}
