import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { constants } from 'node:os'
import process from 'node:process'

// Runs one command for a parent and ends it when the parent closes the channel or is gone, however it went: the channel of a process that
// was killed closes too. The command gets SIGINT first, so that it can save what it has.

/** Anvil writes its whole state within this on a busy machine; after it the command is not going to. */
const graceMs = 10_000

const [logFile = '', command = '', ...args] = process.argv.slice(2)
const log = logFile === '' ? undefined : createWriteStream(logFile, { flags: 'a' })
const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })

for (const [from, to] of [
  [child.stdout, process.stdout],
  [child.stderr, process.stderr],
] as const) {
  // The parent no longer reads. The command must be able to write on until it has saved its state.
  to.on('error', () => undefined)
  from.on('data', (chunk: Buffer) => {
    to.write(chunk)
    log?.write(chunk)
  })
}

child.on('spawn', () => tell({ pid: child.pid }))
child.on('error', (error) => {
  tell({ error: error.message })
  end(127)
})
child.on('close', (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)))

// Only the parent decides: a Ctrl-C in a terminal reaches it too.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', stop)
if (!process.connected) stop()

function stop(): void {
  child.kill('SIGINT')
  setTimeout(() => child.kill('SIGKILL'), graceMs).unref()
}

function tell(message: object): void {
  // It fails only where the parent is gone, and then nobody asks.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function end(code: number): void {
  process.exitCode = code
  log?.end()
  if (process.connected) process.disconnect()
}
