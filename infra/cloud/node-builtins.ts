import { builtinModules } from 'node:module'

import type { Plugin } from 'esbuild'

import { alertClients } from './alert-clients.ts'
import { checkedNetworks } from './checked-networks.ts'
import { pageAssets } from './page-assets.ts'

const builtins = new Set(builtinModules)

/**
 * Takes Node's own modules from `process.getBuiltinModule` instead of importing them.
 *
 * An ES import of `node:http` reads every export of it, also those that load all of undici when they are read; a
 * function that uses the AWS SDK then starts some 35 ms later.
 */
const nodeBuiltins: Plugin = {
  name: 'node-builtins',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '')
      return builtins.has(name) || path.startsWith('node:')
        ? { path: name, namespace: 'node-builtins' }
        : undefined
    })
    build.onLoad({ filter: /.*/, namespace: 'node-builtins' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`,
      loader: 'js',
    }))
  },
}

const plugins = [nodeBuiltins, checkedNetworks(), pageAssets, alertClients]

// The framework takes its plugins with `require`, which answers what an ES module exports under this name.
export { plugins as 'module.exports' }
