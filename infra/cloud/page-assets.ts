import { pathToFileURL } from 'node:url'

import type { Plugin } from 'esbuild'

/**
 * Puts the live page's files into the bundle: where the module that reads them is imported, its value is imported.
 * A function then needs no file beside it, and one that does not show the page carries nothing of it.
 */
export const pageAssets: Plugin = {
  name: 'page-assets',
  setup(build) {
    build.onLoad({ filter: /[/\\]runtime[/\\]page[/\\]assets\.ts$/ }, async ({ path }) => {
      const module = (await import(pathToFileURL(path).href)) as { readonly assets: unknown }
      return { contents: `export const assets = ${JSON.stringify(module.assets)}`, loader: 'js' }
    })
  },
}
