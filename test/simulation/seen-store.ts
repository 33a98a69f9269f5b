import type { Intent } from '../../lib/domain/intent.ts'
import type { Store } from '../../lib/ports.ts'
import type { AwaitedCall, CallKind, Process } from './calls.ts'

/** By a lease's name: what a process was told last when it asked for it, and when it heard. */
export type Held = Map<string, { readonly fence: number | undefined; readonly at: number }>

/** The table as one process reaches it. `lists` keeps what the index said before, by lane. */
export function seenStore(
  { call, now }: Process,
  store: Store,
  {
    name,
    lists,
    held,
  }: {
    readonly name: string
    readonly lists: Map<string, readonly Intent[]>
    readonly held: Held
  },
): Store {
  const { ticks, reports, prices, intents, lanes, leases, incidents } = store
  const { desk, fundingVotes, ledger, batches, positions, systems, uptimes, governance, history } =
    store

  function asked<T>(kind: CallKind, what: string, act: () => Promise<T>): Promise<T> {
    return call({ kind, name: what, to: name, act })
  }

  /**
   * A write whose condition is said to have failed: it was done, its answer was lost, and its repetition found it done.
   * Where that harms nobody it may not have been done at all, as after a conflict.
   */
  function conditional<T>(
    what: string,
    act: () => Promise<T>,
    { unmet, conflicts }: { readonly unmet: T; readonly conflicts: boolean },
  ): Promise<T> {
    const happen: AwaitedCall<T>['act'] = ({ fault, size }) => {
      if (fault !== 'condition') return act()
      if (!conflicts || size < 0.5) void act()
      return unmet
    }
    return call({ kind: 'condition', name: what, to: name, act: happen })
  }

  return {
    ticks: {
      claim: (job, worker, at, until) =>
        conditional(`claim ${job.job} ${job.slot}`, () => ticks.claim(job, worker, at, until), {
          unmet: false,
          conflicts: true,
        }),
      finish: (job, worker, outcome) =>
        asked('write', `finish ${outcome.reason}`, () => ticks.finish(job, worker, outcome)),
      recent: (...given) => asked('list', 'ticks', () => ticks.recent(...given)),
    },
    reports: {
      publish: (...given) => asked('write', 'publish', () => reports.publish(...given)),
      ofRound: (round) => asked('read', `reports of ${round}`, () => reports.ofRound(round)),
    },
    prices: {
      write: (...given) => asked('write', 'prices', () => prices.write(...given)),
      read: (node) => asked('read', 'prices', () => prices.read(node)),
    },
    fundingVotes: {
      cast: (...given) => asked('write', 'vote', () => fundingVotes.cast(...given)),
      ofEpoch: (...given) => asked('list', 'votes', () => fundingVotes.ofEpoch(...given)),
    },
    ledger: {
      add: (engine, row) =>
        conditional(`book ${row.id}`, () => ledger.add(engine, row), {
          unmet: 'already-there',
          conflicts: false,
        }),
      cursor: (engine) => asked('read', 'cursor', () => ledger.cursor(engine)),
      move: (engine, cursor) =>
        conditional(`cursor version ${cursor.version}`, () => ledger.move(engine, cursor), {
          unmet: 'stale',
          conflicts: true,
        }),
      recent: (...given) => asked('list', 'books', () => ledger.recent(...given)),
      between: (...given) => asked('list', 'books', () => ledger.between(...given)),
    },
    batches: {
      lane: (lane) => asked('read', 'proving lane', () => batches.lane(lane)),
      writeLane: (lane) =>
        conditional(`proving lane version ${lane.version}`, () => batches.writeLane(lane), {
          unmet: 'stale',
          conflicts: true,
        }),
      read: (...given) => asked('read', 'batch', () => batches.read(...given)),
      write: (batch) =>
        conditional(`batch ${batch.number} version ${batch.version}`, () => batches.write(batch), {
          unmet: 'stale',
          conflicts: true,
        }),
      due: (...given) => asked('list', 'batches', () => batches.due(...given)),
      between: (...given) => asked('list', 'batches', () => batches.between(...given)),
    },
    positions: {
      read: (engine) => asked('read', 'positions', () => positions.read(engine)),
      write: (engine, row) =>
        conditional(`positions version ${row.version}`, () => positions.write(engine, row), {
          unmet: 'stale',
          conflicts: true,
        }),
    },
    governance: {
      read: () => asked('read', 'governance', () => governance.read()),
      write: (...given) => asked('write', 'governance', () => governance.write(...given)),
      events: (limit) => asked('list', 'governance', () => governance.events(limit)),
      keepSet: (set) => asked('write', 'governance', () => governance.keepSet(set)),
      set: (hash) => asked('read', 'governance', () => governance.set(hash)),
    },
    uptimes: {
      read: (chain) => asked('read', 'uptime', () => uptimes.read(chain)),
      write: (uptime) => asked('write', 'uptime', () => uptimes.write(uptime)),
    },
    systems: {
      read: (system) => asked('read', 'system', () => systems.read(system)),
      write: (memory) => asked('write', 'system', () => systems.write(memory)),
    },
    intents: {
      add: (intent) =>
        conditional(`add ${intent.id}`, () => intents.add(intent), {
          unmet: 'already-there',
          conflicts: false,
        }),
      get: (id) => asked('read', `intent ${id}`, () => intents.get(id)),
      open: (lane) =>
        call({
          kind: 'list',
          name: 'open',
          to: name,
          async act({ fault, size }) {
            const before = lists.get(lane) ?? []
            const listed = await intents.open(lane)
            if (fault === 'stale-list') return size < 0.5 ? before : listed.slice(0, -1)
            lists.set(lane, listed)
            return listed
          },
        }),
      move: (id, state) =>
        conditional(`move ${id} ${state.kind}`, () => intents.move(id, state), {
          unmet: 'final-already',
          conflicts: false,
        }),
      recent: (...given) => asked('list', 'recent', () => intents.recent(...given)),
    },
    lanes: {
      ids: () => asked('list', 'lanes', () => lanes.ids()),
      read: (id) => asked('read', 'lane', () => lanes.read(id)),
      write: (lane) =>
        conditional(`lane version ${lane.version}`, () => lanes.write(lane), {
          unmet: 'stale',
          conflicts: true,
        }),
    },
    leases: {
      async hold(wish) {
        const fence = await conditional(`hold ${wish.name}`, () => leases.hold(wish), {
          unmet: undefined,
          conflicts: true,
        })
        held.set(wish.name, { fence, at: now() })
        return fence
      },
      release: (lease, fence) =>
        asked('write', `release ${lease} ${fence}`, () => leases.release(lease, fence)),
    },
    incidents: {
      read: (...given) => asked('read', 'incident', () => incidents.read(...given)),
      write: (one) => asked('write', 'incident', () => incidents.write(one)),
      open: () => asked('list', 'incidents', () => incidents.open()),
      recent: (limit) => asked('list', 'incidents', () => incidents.recent(limit)),
    },
    desk: {
      pace: (channel) => asked('read', 'pace', () => desk.pace(channel)),
      writePace: (pace) => asked('write', 'pace', () => desk.writePace(pace)),
      silences: () => asked('read', 'silences', () => desk.silences()),
      silence: (one) => asked('write', 'silence', () => desk.silence(one)),
      acknowledgements: () => asked('read', 'acknowledgements', () => desk.acknowledgements()),
      acknowledge: (one) => asked('write', 'acknowledgement', () => desk.acknowledge(one)),
    },
    history: {
      record: (entry) => asked('write', 'history', () => history.record(entry)),
      recent: (...given) => asked('list', 'history', () => history.recent(...given)),
      keep: (record) => asked('write', 'slot', () => history.keep(record)),
      // What was kept is for whoever looks back: nothing that is done here asks for it.
      kept: (...given) => history.kept(...given),
      subjects: () => asked('list', 'slots', () => history.subjects()),
      keptSlots: (...given) => asked('list', 'slots', () => history.keptSlots(...given)),
      files: (...given) => asked('list', 'files', () => history.files(...given)),
      oldestUnpacked: (...given) => asked('read', 'slots', () => history.oldestUnpacked(...given)),
      pack: (...given) => asked('write', 'pack', () => history.pack(...given)),
    },
  }
}
