import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import type { BuildOptions, Plugin } from 'esbuild'

type NeedsOf = (job: string) => { readonly alerts: boolean } | undefined

/**
 * Leaves the SDKs of SNS and SES to functions that tell people: the others would read through them each time that they
 * start, and never load them.
 */
export const alertClients: Plugin = {
  name: 'alert-clients',
  async setup(build) {
    const path = fileURLToPath(new URL('../../lib/runtime/cloud/needs.ts', import.meta.url))
    const { needsOf } = (await import(pathToFileURL(path).href)) as { readonly needsOf: NeedsOf }
    if (entriesOf(build.initialOptions).some((entry) => needsOf(entry)?.alerts)) return
    build.onLoad({ filter: /[/\\]adapters[/\\]alerts[/\\](?:sns|ses)-client\.ts$/ }, () => ({
      contents: `
        const none = () => { throw new Error('this function was packaged without what sends alerts') }
        export const snsPublisher = none, sesSender = none`,
      loader: 'js',
    }))
  },
}

/** A function is named like its file. */
function entriesOf({ entryPoints = [] }: BuildOptions): readonly string[] {
  const paths = Array.isArray(entryPoints)
    ? entryPoints.map((entry) => (typeof entry === 'string' ? entry : entry.in))
    : Object.values(entryPoints)
  return paths.map((entry) => basename(entry).replace(/\.[a-z]+$/, ''))
}
