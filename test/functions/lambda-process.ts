import process from 'node:process'
import { pathToFileURL } from 'node:url'

// One function's bundle in a process of its own, as Lambda runs it: an event comes as a message, and its answer goes back.

type Handler = (event: unknown, context: unknown) => Promise<unknown>
type Request = { readonly id: number; readonly event: unknown; readonly aheadMs: number }

const [bundle = ''] = process.argv.slice(2)
const { handler } = (await import(pathToFileURL(bundle).href)) as { readonly handler: Handler }

const realNow = Date.now
let aheadMs = 0
Date.now = () => realNow() + aheadMs

process.on('message', (request: Request) => {
  void answer(request)
})

async function answer({ id, event, aheadMs: ahead }: Request): Promise<void> {
  aheadMs = ahead
  try {
    const context = { functionName: bundle, getRemainingTimeInMillis: () => 25_000 }
    tell({ id, result: await handler(event, context) })
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    tell({ id, error: { name, message } })
  }
}

function tell(message: object): void {
  process.send?.(message)
}

tell({ ready: true })
