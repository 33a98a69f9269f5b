import { seeded } from '../keepers/lane/workers.ts'
import { type CallFault, mixed, type Plan } from './plan.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a schedule shares with everything in it. */
export type Simulation = {
  readonly plan: Plan
  readonly time: VirtualTime
  /** Until the troubles end. */
  troubled: boolean
  /** Stores and nodes that answer nobody for now. */
  readonly out: Set<string>
  /** How many processes stand still. */
  frozen: number
  /** How many messages may still bring new work. */
  pushes: number
  /** Whether the fault or event of that name happens in this run; each that does is written down. */
  happens(id: string): boolean
  readonly trace: ((line: string) => void) | undefined
}

/** What an awaited call may meet, by what it is for. */
export type CallKind = 'read' | 'list' | 'write' | 'condition' | 'node' | 'send'

const faultsOf: Readonly<Record<CallKind, readonly CallFault[]>> = (() => {
  const ends: readonly CallFault[] = [
    'crash-before',
    'crash-after',
    'freeze-before',
    'freeze-after',
  ]
  return {
    read: [...ends, 'refused'],
    list: [...ends, 'refused', 'stale-list'],
    write: [...ends, 'refused', 'answer-lost', 'late'],
    condition: [...ends, 'refused', 'answer-lost', 'late', 'condition'],
    node: [...ends, 'refused', 'lag', 'lie'],
    send: [...ends, 'refused', 'answer-lost', 'late', 'lie'],
  }
})()

/** How the effect of a call is to be had. */
export type Manner = {
  readonly fault: CallFault | undefined
  /** Between 0 and 1, for whatever the fault still has to choose. */
  readonly size: number
}

export type AwaitedCall<T> = {
  readonly kind: CallKind
  readonly name: string
  /** What it goes to, for outages. */
  readonly to: string
  readonly act: (manner: Manner) => T | Promise<T>
}

/** One process: it can stand still or end at any awaited call, and never hears of it. */
export type Process = {
  readonly name: string
  readonly alive: () => boolean
  readonly frozen: () => boolean
  /** By this process's clock. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly call: <T>(call: AwaitedCall<T>) => Promise<T>
}

const calm: Manner = { fault: undefined, size: 0 }

export function aProcess(sim: Simulation, number: number, onEnd: () => void): Process {
  const { plan, time } = sim
  const name = `p${number}`
  const chance = seeded(mixed(plan.seed, 1_000 + number))
  const skew = plan.skewMs === 0 ? 0 : chance.below(2 * plan.skewMs) - plan.skewMs
  const possible = new Map<CallKind, readonly CallFault[]>()
  let alive = true
  let frozenUntil = 0
  let still = false
  let calls = 0

  function mannerOf(kind: CallKind, call: string): Manner {
    calls += 1
    const wrong = chance.chance(plan.faultShare)
    if (!wrong) return calm
    const which = chance.below(1_000)
    const size = chance.below(1_000) / 1_000
    if (!sim.troubled) return calm
    let faults = possible.get(kind)
    if (!faults) {
      faults = faultsOf[kind].filter((fault) => plan.faults.includes(fault))
      possible.set(kind, faults)
    }
    const fault = faults[which % Math.max(1, faults.length)]
    if (!fault || !sim.happens(`${name} call ${calls} (${call}): ${fault} ${size}`)) return calm
    return { fault, size }
  }

  function freeze(size: number): void {
    const until = Math.ceil(time.now() + 1_000 + size * size * 100_000)
    if (until <= frozenUntil) return
    if (!still) sim.frozen += 1
    still = true
    frozenUntil = until
    time.after(until - time.now(), thawed)
  }

  function thawed(): boolean {
    if (!still || frozenUntil > time.now()) return false
    still = false
    sim.frozen -= 1
    return false
  }

  /** Goes on where the process can hear it; never, where it has ended. */
  function hear(go: () => void): boolean {
    if (!alive) return false
    if (frozenUntil > time.now()) {
      time.after(frozenUntil - time.now(), () => hear(go))
      return false
    }
    go()
    return true
  }

  function end(): void {
    if (!alive) return
    alive = false
    sim.trace?.(`${name} ends`)
    onEnd()
  }

  async function told(what: string, result: unknown): Promise<void> {
    try {
      sim.trace?.(`${name} ${what} → ${words(await result)}`)
    } catch (error) {
      sim.trace?.(`${name} ${what} → ${String(error)}`)
    }
  }

  return {
    name,
    alive: () => alive,
    frozen: () => frozenUntil > time.now(),
    now: () => time.now() + skew,

    sleep: (ms) =>
      new Promise((resolve) => {
        time.after(ms, () => hear(resolve))
      }),

    // Without `async`: every layer of it costs a schedule as much as what it does.
    call: ({ kind, name: what, to, act }) =>
      new Promise((resolve, reject) => {
        const manner = mannerOf(kind, what)
        const { fault, size } = manner
        const latency = plan.latencyMs * 2 * (chance.below(64) / 64) ** 2 + 1
        const early = chance.chance(0.5)

        const answered = (result: ReturnType<typeof act>): boolean => hear(() => resolve(result))
        const failed = (why: string): boolean =>
          hear(() => {
            sim.trace?.(`${name} ${what}: ${why}`)
            reject(noAnswer)
          })
        const effect = (): ReturnType<typeof act> => {
          const result = acted(act, manner)
          if (sim.trace) void told(what, result)
          return result
        }

        switch (fault) {
          case 'crash-before':
            end()
            return
          case 'crash-after':
            void effect()
            end()
            return
          case 'freeze-before':
            // What another process does meanwhile comes first.
            freeze(size)
            time.after(frozenUntil - time.now(), () => {
              if (alive) answered(effect())
              return true
            })
            return
          case 'freeze-after': {
            const result = effect()
            freeze(size)
            answered(result)
            return
          }
          case 'refused':
            time.after(latency, () => failed('no'))
            return
          case 'answer-lost':
            void effect()
            time.after(latency + 500, () => failed('no answer'))
            return
          case 'late':
            time.after(latency, () => failed('no answer'))
            time.after(latency + size * size * 60_000, () => {
              void effect()
              return true
            })
            return
          case 'condition':
          case 'stale-list':
          case 'lag':
          case 'lie':
          case undefined:
        }
        if (sim.out.has(to)) time.after(latency, () => failed('is out'))
        else if (early) {
          const result = effect()
          time.after(latency, () => answered(result))
        } else time.after(latency, () => answered(effect()))
      }),
  }
}

/** An error is an answer, too. */
function acted<T>(act: AwaitedCall<T>['act'], manner: Manner): T | Promise<T> {
  try {
    return act(manner)
  } catch (error) {
    const refused = Promise.reject(error)
    // It is heard later, or never where the process has ended.
    refused.catch(() => undefined)
    return refused
  }
}

function words(result: unknown): string {
  const text = JSON.stringify(result, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  return (text ?? 'nothing').slice(0, 220)
}

/** An awaited call that brought nothing. */
class CallError extends Error {
  override readonly name = 'CallError'
}

/** One for all: to note where each was made would take longer than all else in its schedule. */
const noAnswer = new CallError('there was no answer')
