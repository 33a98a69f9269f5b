import process from 'node:process'

/** Npm and `npx starkeep` pass on a Ctrl-C that the terminal has sent us already; nobody presses it twice this fast. */
const sameMs = 400

/**
 * Aborts at the first request to stop: Ctrl-C, a signal, or the end of whoever started us. A second Ctrl-C ends the
 * process at once.
 */
export function stopSignals(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  let firstAt: number | undefined

  const stop = (name: string): void => {
    const now = performance.now()
    if (firstAt !== undefined && now - firstAt < sameMs) return
    if (firstAt !== undefined) process.exit(130)
    firstAt = now
    controller.abort(new StoppedError(name))
  }
  const onSignal = (name: NodeJS.Signals): void => stop(name)
  const onDisconnect = (): void => controller.abort(new StoppedError('the end of its starter'))

  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  process.on('disconnect', onDisconnect)
  // Waiting for it must not keep us alive.
  process.channel?.unref()
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, onSignal)
      process.off('disconnect', onDisconnect)
    },
  }
}

/** Somebody asked for the end before there was anything to end. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'

  constructor(by: string) {
    super(`stopped by ${by}`)
  }
}
