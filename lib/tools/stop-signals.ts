import process from 'node:process'

/** Npm and `npx starkeep` pass on a Ctrl-C that the terminal has sent us already; nobody presses it twice this fast. */
const sameMs = 400

/** Nodes answer within tens of milliseconds: one that is silent for so long after the request to stop is not waited for. */
const answerMs = 1_000

export type StopSignals = {
  /** Aborts at the first request to stop: Ctrl-C, a signal, or the end of whoever started us. */
  readonly signal: AbortSignal
  /** Aborts soon after: whatever was asked by then had its time to answer. */
  readonly cutOff: AbortSignal
  readonly release: () => void
}

/** A second Ctrl-C ends the process at once. */
export function stopSignals(): StopSignals {
  const stopping = new AbortController()
  const cutting = new AbortController()
  let firstAt: number | undefined
  let timer: NodeJS.Timeout | undefined

  const begin = (by: string): void => {
    const error = new StoppedError(by)
    stopping.abort(error)
    timer ??= setTimeout(() => cutting.abort(error), answerMs)
  }
  const onSignal = (name: NodeJS.Signals): void => {
    const now = performance.now()
    if (firstAt !== undefined && now - firstAt < sameMs) return
    if (firstAt !== undefined) process.exit(130)
    firstAt = now
    begin(name)
  }
  const onDisconnect = (): void => begin('the end of its starter')

  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  process.on('disconnect', onDisconnect)
  // Waiting for it must not keep us alive.
  process.channel?.unref()
  return {
    signal: stopping.signal,
    cutOff: cutting.signal,
    release() {
      clearTimeout(timer)
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
