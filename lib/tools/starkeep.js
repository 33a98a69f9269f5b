#!/usr/bin/env node
// Runs on any Node from 20 on, and starts the command line on the Node that this project pins.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
// The channel tells the command line when this process is gone, however it went.
const child = spawn(pinnedNode(), [cli, ...process.argv.slice(2)], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
})

// A terminal sends Ctrl-C to both of us; the command line counts two at once as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  process.stderr.write(`starkeep: its own Node cannot be started: ${error.message}; run npm ci\n`)
  process.exitCode = 1
})
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)
})

/** The binary inside the package `node`; the one that runs this where the package is not whole. */
function pinnedNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  try {
    return join(dirname(require.resolve('node/package.json')), 'bin', file)
  } catch {
    return process.execPath
  }
}
