import { parentPort } from 'node:worker_threads'

import { BlobFormatError, openKzg } from '../kzg.ts'
import type { KzgAnswer, KzgQuestion } from './kzg-thread.ts'

/** Runs in a thread of its own. */
const kzg = openKzg()

async function answerTo({ id, ask }: KzgQuestion): Promise<KzgAnswer> {
  try {
    return { id, value: await answered(ask) }
  } catch (error) {
    const isFormat = error instanceof BlobFormatError
    return { id, isFormat, error: isFormat ? error.why : String(error) }
  }
}

async function answered(ask: KzgQuestion['ask']) {
  switch (ask.what) {
    case 'commitment':
      return await kzg.commitment(ask.blob)
    case 'cellProofs':
      return await kzg.cellProofs(ask.blob)
    case 'evaluate':
      return await kzg.evaluate(ask.blob, ask.point)
    case 'holds':
      return await kzg.holds(ask.evaluation)
  }
}

const port = parentPort
port?.on('message', (question: KzgQuestion) => {
  void answerTo(question).then((answer) => port.postMessage(answer))
})
