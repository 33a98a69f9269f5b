import { readdirSync, readFileSync } from 'node:fs'

/** Numbers of the processes whose command line names `text`, but for guards and ourselves; only where there is /proc. */
export function processesOf(text: string): readonly { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(text) && !command.includes('guard.ts'))
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It ended while we looked.
    return ''
  }
}
