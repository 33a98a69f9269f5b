import type { Job } from '../../lib/ports.ts'
import { seeded } from '../keepers/lane/workers.ts'
import { aWorker, type Surroundings, type Table, type Worker } from './deployment.ts'
import { mixed } from './plan.ts'

/** A received message that nobody has done with comes again after this, and only so often. */
const visibilityMs = 12_000
const maxReceives = 3

/** One deployment: a queue that wakes its processes, as a queue may: late, twice, or not at all. */
export type Deployment = {
  send(messages: readonly { readonly job: Job; readonly delayMs: number }[]): void
}

type Message = { readonly job: Job; receives: number; done: boolean }

/** `hire`: begins one of its processes. */
export function aDeployment(
  around: Surroundings,
  table: Table,
  number: number,
  hire: typeof aWorker = aWorker,
): Deployment {
  const { sim } = around
  const { plan, time } = sim
  const chance = seeded(mixed(plan.seed, 100 + number))
  let workers: Worker[] = []
  let started = 0
  let sent = 0

  /** One that runs, or a new one where there may be more or all stand still. */
  function worker(): Worker {
    const able = workers.filter(({ process }) => !process.frozen())
    const picked = able[chance.below(plan.processes)]
    if (picked) return picked
    started += 1
    const born = hire(around, table, number * 1_000 + started, () => {
      workers = workers.filter((one) => one !== born)
    })
    workers.push(born)
    return born
  }

  function receive(message: Message): boolean {
    if (message.done) return false
    if (message.receives >= maxReceives) return finish(message)
    message.receives += 1
    const { job } = message
    const receiver = worker()
    sim.trace?.(`${receiver.process.name} receives ${job.job} ${job.subject} ${job.slot}`)
    void receiver.work(job).then(() => finish(message))
    time.after(visibilityMs, () => receive(message))
    return true
  }

  function put(job: Job, delayMs: number): void {
    if (job.job !== 'deliver-outbox') sim.pushes += 1
    const message = { job, receives: 0, done: false }
    time.after(delayMs, () => receive(message))
  }

  function finish(message: Message): false {
    if (message.job.job !== 'deliver-outbox' && !message.done) sim.pushes -= 1
    message.done = true
    return false
  }

  return {
    send(messages) {
      for (const { job, delayMs } of messages) {
        sent += 1
        const id = `d${number} message ${sent} (${job.job} ${job.slot})`
        const [lost, doubled, late] = [0, 1, 2].map(
          () => chance.chance(plan.mailTrouble) && sim.troubled,
        )
        const lateMs = chance.below(9_000)
        if (lost && sim.happens(`${id} is lost`)) continue
        const delay = delayMs + (late && sim.happens(`${id} is late`) ? lateMs : 0)
        put(job, delay)
        if (doubled && sim.happens(`${id} comes twice`)) put(job, delay + chance.below(4_000))
      }
    },
  }
}
