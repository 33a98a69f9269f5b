import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'

/** A process that was killed: nothing that it still awaits ever happens. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

/** Stands before every awaited call of a worker: lets it through, holds it, or ends the worker before or after its effect. */
export type Gate = <T>(name: string, act: () => Promise<T>) => Promise<T>

/** The lane as one worker sees it: every awaited call to the store, the chain and the engine goes through its gate. */
export function gated(world: LaneWorld, gate: Gate): LaneWorld {
  const { chain, store, engines } = world
  return {
    ...world,
    chain: behind(chain, 'chain', gate, ['bump', 'mostOf']),
    store: {
      intents: behind(store.intents, 'intents', gate, []),
      lanes: behind(store.lanes, 'lanes', gate, []),
      leases: behind(store.leases, 'leases', gate, []),
    },
    engines: Object.fromEntries(
      Object.entries(engines).map(([name, engine]) => [
        name,
        behind(engine, 'engine', gate, ['encode']),
      ]),
    ),
  }
}

function behind<Port extends object>(
  port: Port,
  name: string,
  gate: Gate,
  immediate: readonly string[],
): Port {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function' || immediate.includes(String(key))) return member
      return async (...given: readonly unknown[]) =>
        gate(`${name}.${String(key)}`, async () => Reflect.apply(member, target, given) as unknown)
    },
  })
}

/** Ends the worker at its n-th awaited call; counts them where there is no such call. */
export function crashAt(at: number, side: 'before' | 'after'): { gate: Gate; calls(): number } {
  let calls = 0
  return {
    calls: () => calls,
    async gate(_name, act) {
      const mine = calls
      calls += 1
      if (mine > at || (mine === at && side === 'before')) throw new Killed()
      const result = await act()
      if (mine === at) throw new Killed()
      return result
    },
  }
}

/** Numbers that look like chance and are the same for the same seed (mulberry32). */
export function seeded(seed: number): { below(n: number): number; chance(share: number): boolean } {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (n) => Math.floor(next() * n), chance: (share) => next() < share }
}

/** Workers whose awaited calls are done one at a time, in the order that somebody else decides. */
export type Crew = {
  start(work: (gate: Gate) => Promise<unknown>): void
  /** Lets the n-th waiting call happen. */
  step(n: number): Promise<void>
  /** Ends the worker of the n-th waiting call: before it has an effect, or with the effect and without the answer. */
  kill(n: number, side: 'before' | 'after'): Promise<void>
  /** Fails the n-th waiting call as a broken line would: with the effect, without the answer. The worker lives. */
  lose(n: number, side: 'before' | 'after'): Promise<void>
  waiting(): number
  alive(): number
  /** Errors of workers that nobody killed. */
  failures(): readonly unknown[]
}

type Call = {
  readonly name: string
  go(fate: 'done' | 'lost-before' | 'lost-after'): void
  readonly worker: number
}

export function crew(): Crew {
  let calls: Call[] = []
  const killed = new Set<number>()
  const running = new Set<number>()
  const failures: unknown[] = []
  let started = 0

  function gateOf(worker: number): Gate {
    return async (name, act) => {
      if (killed.has(worker)) throw new Killed()
      const fate = await new Promise<'done' | 'lost-before' | 'lost-after'>((go) => {
        calls.push({ name, go, worker })
      })
      if (fate === 'lost-before') throw new Killed(`${name} failed`)
      const result = await act()
      if (fate === 'lost-after') throw new Killed(`the answer of ${name} was lost`)
      return result
    }
  }

  async function release(n: number, fate: 'done' | 'lost-before' | 'lost-after'): Promise<void> {
    const call = calls[n]
    if (!call) return
    calls = calls.filter((one) => one !== call)
    call.go(fate)
    await turn()
  }

  return {
    start(work) {
      const worker = (started += 1)
      running.add(worker)
      void work(gateOf(worker))
        .catch((error: unknown) => {
          if (!(error instanceof Killed)) failures.push(error)
        })
        .finally(() => running.delete(worker))
    },
    step: async (n) => release(n, 'done'),
    lose: async (n, side) => release(n, side === 'before' ? 'lost-before' : 'lost-after'),
    async kill(n, side) {
      const worker = calls[n]?.worker
      if (worker === undefined) return
      killed.add(worker)
      const mine = calls.filter((call) => call.worker === worker)
      await release(n, side === 'before' ? 'lost-before' : 'lost-after')
      // What else it awaits never happens.
      for (const call of mine) if (calls.includes(call)) call.go('lost-before')
      calls = calls.filter((call) => call.worker !== worker)
      await turn()
    },
    waiting: () => calls.length,
    alive: () => running.size,
    failures: () => failures,
  }
}

/** Everything that waits for nothing but its turn has had it. */
async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
