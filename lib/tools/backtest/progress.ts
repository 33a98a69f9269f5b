import type { Writable } from 'node:stream'

const width = 30

/** Not more often than anybody reads it. */
const leastMs = 100

export type Progress = {
  /** `part` says what goes on, `share` how much of it is done. */
  readonly show: (part: string, share: number) => void
  readonly end: () => void
}

/** One line that is written over again and again; nothing where there is no terminal. */
export function openProgress(
  output: Writable & { readonly isTTY?: boolean },
  now: () => number,
): Progress {
  if (!output.isTTY) return { show: () => undefined, end: () => undefined }
  let shownAt = -Infinity
  return {
    show(part, share) {
      if (now() - shownAt < leastMs && share < 1) return
      shownAt = now()
      output.write(`\r${progressLine(part, share)}\x1b[K`)
    },
    end: () => void output.write('\r\x1b[K'),
  }
}

export function progressLine(part: string, share: number): string {
  const done = Math.round(Math.min(1, Math.max(0, share)) * width)
  return `${'█'.repeat(done)}${'░'.repeat(width - done)} ${String(Math.floor(share * 100)).padStart(3)} %  ${part}`
}
