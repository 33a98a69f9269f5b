import { Worker } from 'node:worker_threads'

import { BlobFormatError, type Kzg, type PointEvaluation } from '../kzg.ts'

type Hex = `0x${string}`

export type KzgQuestion = {
  readonly id: number
  readonly ask:
    | { readonly what: 'commitment' | 'cellProofs'; readonly blob: Hex }
    | { readonly what: 'evaluate'; readonly blob: Hex; readonly point: bigint }
    | { readonly what: 'holds'; readonly evaluation: PointEvaluation }
}

export type KzgAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly isFormat: boolean }

type Waiting = {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Computed in a thread that begins with the first question, so that nothing else waits; it never keeps a process alive that is done. */
export function kzgThread(): Kzg {
  const waiting = new Map<number, Waiting>()
  let thread: Worker | undefined
  let count = 0

  function failed(error: Error): void {
    thread = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  function started(): Worker {
    const worker = new Worker(new URL('kzg-worker.ts', import.meta.url))
    worker.on('message', (answer: KzgAnswer) => {
      const asked = waiting.get(answer.id)
      waiting.delete(answer.id)
      if (waiting.size === 0) worker.unref()
      if (!('error' in answer)) asked?.resolve(answer.value)
      else if (answer.isFormat) asked?.reject(new BlobFormatError(answer.error))
      else asked?.reject(new KzgThreadError(answer.error))
    })
    worker.on('error', (error) => failed(new KzgThreadError(String(error))))
    worker.on('exit', () => failed(new KzgThreadError('its thread has ended')))
    return worker
  }

  async function ask<T>(question: KzgQuestion['ask']): Promise<T> {
    thread ??= started()
    const worker = thread
    count += 1
    const id = count
    return await new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve: (value) => resolve(value as T), reject })
      worker.ref()
      worker.postMessage({ id, ask: question }, [])
    })
  }

  return {
    commitment: async (blob) => await ask({ what: 'commitment', blob }),
    cellProofs: async (blob) => await ask({ what: 'cellProofs', blob }),
    evaluate: async (blob, point) => await ask({ what: 'evaluate', blob, point }),
    holds: async (evaluation) => await ask({ what: 'holds', evaluation }),
  }
}

/** It could not be computed in its thread. */
export class KzgThreadError extends Error {
  override readonly name = 'KzgThreadError'

  constructor(why: string) {
    super(`a blob’s proofs could not be computed: ${why}`)
  }
}
