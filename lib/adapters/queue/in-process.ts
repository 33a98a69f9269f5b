import type { Clock, Job, Queue } from '../../ports.ts'

/** A queue in this process, with SQS's manners. */
export type InProcessQueue = Queue & {
  /** What was received `maxReceives` times in vain, oldest first, and the last reason. */
  deadLetters(): readonly DeadLetter[]
  /** Delivers nothing more, and resolves when no handler runs any longer. */
  stop(): Promise<void>
}

export type DeadLetter = { readonly job: Job; readonly reason: unknown }

export type InProcessQueueOptions = {
  readonly clock: Clock
  readonly handler: (job: Job) => Promise<void>
  /** How long a received message stays hidden; then it comes again, whether the handler still runs or has failed. */
  readonly visibilityMs: number
  readonly maxReceives: number
  /** Handlers at once. */
  readonly concurrency: number
  /** Told of each handler that threw. */
  readonly onFailure?: ((job: Job, error: unknown) => void) | undefined
  /** Which sent messages arrive twice, as SQS's may. */
  readonly duplicates?: ((job: Job) => boolean) | undefined
}

type Message = {
  readonly job: Job
  visibleAt: number
  receives: number
  reason: unknown
}

/** How long a sleep may last before the queue looks again: a stopped process ends this soon. */
const maxSleepMs = 500

export function inProcessQueue(options: InProcessQueueOptions): InProcessQueue {
  const { clock, concurrency, maxReceives, visibilityMs } = options
  const messages = new Set<Message>()
  const running = new Set<Promise<void>>()
  const dead: DeadLetter[] = []
  let stopped = false
  let wakeAt: number | undefined

  function deliver(): void {
    if (stopped) return
    for (const message of due()) {
      if (running.size >= concurrency) break
      receive(message)
    }
    sleepUntilNext()
  }

  function due(): readonly Message[] {
    const visible = [...messages].filter((message) => message.visibleAt <= clock.now())
    return visible.toSorted((one, other) => one.visibleAt - other.visibleAt)
  }

  function receive(message: Message): void {
    if (message.receives >= maxReceives) {
      messages.delete(message)
      dead.push({ job: message.job, reason: message.reason })
      return
    }
    message.receives += 1
    message.visibleAt = clock.now() + visibilityMs
    message.reason = new HandlerSilentError(visibilityMs)
    const run = handle(message).finally(() => {
      running.delete(run)
      deliver()
    })
    running.add(run)
  }

  async function handle(message: Message): Promise<void> {
    try {
      await options.handler(message.job)
      messages.delete(message)
    } catch (error) {
      message.reason = error
      options.onFailure?.(message.job, error)
    }
  }

  /** One sleep at a time decides, the one that ends first; an older one that ends later finds nothing new. */
  function sleepUntilNext(): void {
    if (messages.size === 0 || running.size >= concurrency) return
    const next = Math.min(...[...messages].map((message) => message.visibleAt))
    const at = Math.min(Math.max(next, clock.now() + 1), clock.now() + maxSleepMs)
    if (wakeAt !== undefined && wakeAt <= at) return
    wakeAt = at
    void wake(at)
  }

  async function wake(at: number): Promise<void> {
    await clock.sleep(at - clock.now())
    if (wakeAt === at) wakeAt = undefined
    deliver()
  }

  return {
    async send(sent) {
      if (stopped) throw new QueueStoppedError()
      for (const { job, delayMs } of sent) {
        const visibleAt = clock.now() + Math.max(0, delayMs)
        const copies = options.duplicates?.(job) ? 2 : 1
        for (let copy = 0; copy < copies; copy += 1)
          messages.add({ job, visibleAt, receives: 0, reason: undefined })
      }
      deliver()
    },

    deadLetters: () => [...dead],

    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}

/** The handler neither ended nor failed before the message became visible again. */
export class HandlerSilentError extends Error {
  override readonly name = 'HandlerSilentError'

  constructor(visibilityMs: number) {
    super(`the handler did not end within ${visibilityMs} ms`)
  }
}

/** The queue takes nothing more. */
export class QueueStoppedError extends Error {
  override readonly name = 'QueueStoppedError'

  constructor() {
    super('the queue was stopped')
  }
}
