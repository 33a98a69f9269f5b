import type { RunningChild } from './child.ts'

/** A process that the network cannot do without. */
export type Part = Pick<RunningChild, 'exited' | 'stop'> & {
  /** As people call it. */
  readonly name: string
  /** Where its last words are; undefined where nobody keeps them. */
  readonly logFile: string | undefined
}

export type PartsWatch = {
  /** Aborts, with a {@link PartEndedError}, where a part ends that nobody has stopped. */
  readonly broken: AbortSignal
  /** Watches a part from now on; the answer stops it. */
  watch(part: Part): () => Promise<void>
}

export function watchParts(): PartsWatch {
  const broken = new AbortController()
  return {
    broken: broken.signal,
    watch(part) {
      let stopping = false
      const notice = async (): Promise<void> => {
        const code = await part.exited
        if (!stopping) broken.abort(new PartEndedError(part, code))
      }
      const noticed = notice()
      return async () => {
        stopping = true
        await part.stop()
        await noticed
      }
    },
  }
}

/** A process of the network ended by itself, or somebody ended it. */
export class PartEndedError extends Error {
  override readonly name = 'PartEndedError'
  readonly part: string

  constructor({ name, logFile }: Part, code: number) {
    super(
      `${name} ended unexpectedly (${howOf(code)})${logFile === undefined ? '' : `; ${logFile} has its last words`}; start again to go on`,
    )
    this.part = name
  }
}

/** Shells count signals from 128 on. */
function howOf(code: number): string {
  return code > 128 ? `signal ${code - 128}` : `code ${code}`
}
