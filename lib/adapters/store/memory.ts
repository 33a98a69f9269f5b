import type { FundingVote } from '../../domain/funding/funding-vote.ts'
import { type Incident, isFinished } from '../../domain/incident.ts'
import { type Intent, isFinal } from '../../domain/intent.ts'
import type { Lane } from '../../domain/lane.ts'
import { granted, type Lease } from '../../domain/lease.ts'
import type { Governance, GovernanceEvent } from '../../domain/parameters/governance.ts'
import type { ParameterSet } from '../../domain/parameters/parameter-set.ts'
import type { LedgerCursor, LedgerRow } from '../../domain/pnl/ledger-row.ts'
import {
  type Batch,
  isFinished as isFinishedBatch,
  type ProvingLane,
} from '../../domain/proving/batch.ts'
import type { SignedReport } from '../../domain/report.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { SystemMemory } from '../../domain/watch/system-memory.ts'
import type { Uptime } from '../../domain/watch/uptime.ts'
import type {
  Batches,
  Clock,
  FundingVotes,
  GovernanceRows,
  Incidents,
  Intents,
  Lanes,
  Leases,
  Ledger,
  PositionRow,
  PositionRows,
  SystemMemories,
  Uptimes,
  Prices,
  Reports,
  Store,
  Tick,
  Ticks,
} from '../../ports.ts'
import { memoryDesk } from './memory-desk.ts'
import { openMemoryFile, saveRows } from './memory-file.ts'
import { memoryHistory } from './memory-history.ts'
import { type MemoryRows, memoryRows } from './memory-rows.ts'
import { expiry } from './retention.ts'
import {
  batchKey,
  batchList,
  fundingVoteKey,
  fundingVotePartition,
  governanceKey,
  governanceStepKey,
  governanceSteps,
  incidentKey,
  incidentList,
  intentKey,
  intentList,
  type Key,
  laneKey,
  laneList,
  leaseKey,
  ledgerCursorKey,
  ledgerPartition,
  ledgerRowKey,
  listedAt,
  openIndex,
  parametersKey,
  positionsKey,
  pricesKey,
  provingLaneKey,
  recentIndex,
  reportKey,
  reportPartition,
  systemKey,
  tickKey,
  tickPartition,
  uptimeKey,
} from './table.ts'
import { UnknownIntentError } from './unknown-intent.ts'
import { checkVersion } from './version.ts'

/** A store that lives as long as its process, and longer where it has a file. */
export type MemoryStore = Store & {
  /** Writes everything to the store's file, or to another one. */
  save(file?: string): Promise<void>
}

/**
 * The in-memory twin of the table. With `file` it begins with what is there, and whatever is written is in the file
 * before it is answered. The file is one process's at a time; another one may read it.
 */
export function memoryStore({
  clock,
  file,
  historyKeptMs,
}: {
  readonly clock: Clock
  readonly file?: string | undefined
  /** How long files of slots are kept. */
  readonly historyKeptMs?: number
}): MemoryStore {
  const kept = file === undefined ? undefined : openMemoryFile(file)
  const rows = memoryRows(clock, kept?.rows ?? [], (change) => {
    if (kept?.isLong() === true) kept.rewrite(rows.all())
    kept?.append(change)
  })
  return {
    ...storeOn(rows, clock, historyKeptMs),

    async save(to = file) {
      if (to === undefined) throw new TypeError('this store has no file to save to')
      if (to === file) kept?.rewrite(rows.all())
      else saveRows(to, rows.all())
    },
  }
}

/** The store over its rows: what each operation asks of them, and what it leaves there. */
export function storeOn(rows: MemoryRows, clock: Clock, historyKeptMs?: number): Store {
  return {
    ticks: ticks(rows),
    reports: reports(rows, clock),
    prices: prices(rows, clock),
    intents: intents(rows, clock),
    lanes: lanes(rows),
    leases: leases(rows),
    incidents: incidents(rows, clock),
    desk: memoryDesk(rows, clock),
    fundingVotes: fundingVotes(rows, clock),
    positions: positions(rows),
    ledger: ledger(rows),
    batches: batches(rows),
    systems: systems(rows, clock),
    uptimes: uptimes(rows, clock),
    governance: governance(rows),
    history: memoryHistory(rows, clock, historyKeptMs),
  }
}

type StoredTick = Tick & { readonly leaseUntil: Timestamp }

function ticks(rows: MemoryRows): Ticks {
  return {
    async claim(job, worker, now, leaseUntil) {
      const key = tickKey(job.job, job.subject, job.slot)
      const before = rows.stored(key) as StoredTick | undefined
      if (before && (before.outcome || before.leaseUntil > now)) return false
      const claimed: StoredTick = { job, worker, claimedAt: now, leaseUntil, outcome: undefined }
      rows.put(key, claimed, { expiresAt: expiry('tick', now) })
      return true
    },

    async finish(job, worker, outcome) {
      const key = tickKey(job.job, job.subject, job.slot)
      const before = rows.stored(key) as StoredTick | undefined
      if (before?.worker !== worker || before.outcome) return
      rows.put(key, { ...before, outcome }, { expiresAt: expiry('tick', before.claimedAt) })
    },

    async recent(job, subject, limit) {
      const newest = newestOf<StoredTick>(rows, tickPartition(job, subject), limit)
      return newest.map(({ job: done, worker, claimedAt, outcome }) => {
        return { job: done, worker, claimedAt, outcome }
      })
    },
  }
}

function reports(rows: MemoryRows, clock: Clock): Reports {
  return {
    async publish(node, round, published) {
      const key = reportKey(node, round)
      if (rows.stored(key)) return 'already-published'
      const expiresAt = expiry('report', clock.now())
      rows.put(key, published, { expiresAt, mayBeLarge: true })
      return 'published'
    },

    async ofRound(round) {
      const found = rows.partition(reportPartition(round), 'ascending')
      return [...found].flatMap((published) => published as readonly SignedReport[])
    },
  }
}

type Snapshot = { readonly round: number; readonly snapshot: string }

function prices(rows: MemoryRows, clock: Clock): Prices {
  return {
    async write(node, round, snapshot) {
      const before = rows.stored(pricesKey(node)) as Snapshot | undefined
      if ((before?.round ?? -1) >= round) return 'stale'
      const expiresAt = expiry('prices', clock.now())
      rows.put(pricesKey(node), { round, snapshot }, { expiresAt, mayBeLarge: true })
      return 'written'
    },

    read: async (node) => rows.get(pricesKey(node)) as Snapshot | undefined,
  }
}

function intents(rows: MemoryRows, clock: Clock): Intents {
  const read = (id: string): Intent | undefined => rows.get(intentKey(id)) as Intent | undefined

  function write(intent: Intent): void {
    const { id, lane, createdAt, state } = intent
    const list = { name: intentList(lane), since: listedAt(createdAt, id) }
    const expiresAt = isFinal(state) ? expiry('intent', clock.now()) : undefined
    rows.put(intentKey(id), intent, { expiresAt })
    rows.put(listKey(recentIndex.name, list), id, { expiresAt })
    if (isFinal(state)) rows.remove(listKey(openIndex.name, list))
    else rows.put(listKey(openIndex.name, list), id)
  }

  return {
    async add(intent) {
      if (rows.stored(intentKey(intent.id))) return 'already-there'
      write(intent)
      return 'added'
    },

    get: async (id) => read(id),

    async open(lane) {
      const ids = rows.partition(listPartition(openIndex.name, intentList(lane)), 'ascending')
      return [...ids].flatMap((id) => read(id as string) ?? [])
    },

    async move(id, state) {
      if (!rows.stored(intentKey(id))) throw new UnknownIntentError(id)
      const intent = read(id)
      if (!intent || isFinal(intent.state)) return 'final-already'
      write({ ...intent, state })
      return 'moved'
    },

    async recent(lane, limit) {
      const list = listPartition(recentIndex.name, intentList(lane))
      return newestOf<string>(rows, list, limit).flatMap((id) => read(id) ?? [])
    },
  }
}

function lanes(rows: MemoryRows): Lanes {
  const read = (id: string): Lane | undefined => rows.get(laneKey(id)) as Lane | undefined
  return {
    read: async (id) => read(id),

    ids: async () => [
      ...(rows.partition(
        listPartition(recentIndex.name, laneList),
        'ascending',
      ) as Iterable<string>),
    ],

    async write(lane) {
      checkVersion(lane.version)
      if ((read(lane.id)?.version ?? 0) !== lane.version - 1) return 'stale'
      const listed = listKey(recentIndex.name, { name: laneList, since: lane.id })
      if (!rows.stored(listed)) rows.put(listed, lane.id)
      rows.put(laneKey(lane.id), lane)
      return 'written'
    },
  }
}

function leases(rows: MemoryRows): Leases {
  const read = (name: string): Lease | undefined => rows.get(leaseKey(name)) as Lease | undefined
  return {
    async hold(wish) {
      const lease = granted(read(wish.name), wish)
      if (lease) rows.put(leaseKey(wish.name), lease)
      return lease?.fence
    },

    async release(name, fence) {
      const lease = read(name)
      if (lease?.fence === fence) rows.put(leaseKey(name), { ...lease, owner: undefined })
    },
  }
}

function incidents(rows: MemoryRows, clock: Clock): Incidents {
  const at = (key: Key): Incident | undefined => rows.get(key) as Incident | undefined
  const all = (keys: Iterable<unknown>): Incident[] =>
    [...keys].flatMap((key) => at(key as Key) ?? [])

  return {
    read: async (rule, subject) => at(incidentKey(rule, subject)),

    async write(incident) {
      checkVersion(incident.version)
      const key = incidentKey(incident.rule, incident.subject)
      const before = rows.stored(key) as Incident | undefined
      const fresh = incident.version === 1 && !at(key)
      if (!fresh && before?.version !== incident.version - 1) return 'stale'
      if (before) {
        rows.remove(listKey(recentIndex.name, listOf(before)))
        rows.remove(listKey(openIndex.name, listOf(before)))
      }
      const finished = isFinished(incident)
      const expiresAt = finished ? expiry('incident', clock.now()) : undefined
      rows.put(key, incident, { expiresAt })
      rows.put(listKey(recentIndex.name, listOf(incident)), key, { expiresAt })
      if (!finished) rows.put(listKey(openIndex.name, listOf(incident)), key)
      return 'written'
    },

    open: async () => all(rows.partition(listPartition(openIndex.name, incidentList), 'ascending')),

    async recent(limit) {
      return all(newestOf<Key>(rows, listPartition(recentIndex.name, incidentList), limit))
    },
  }
}

function listOf({ rule, subject, seenAt }: Incident): List {
  return { name: incidentList, since: listedAt(seenAt, rule, subject) }
}

function positions(rows: MemoryRows): PositionRows {
  const read = (engine: string): PositionRow | undefined =>
    rows.get(positionsKey(engine)) as PositionRow | undefined
  return {
    read: async (engine) => read(engine),

    async write(engine, row) {
      checkVersion(row.version)
      if ((read(engine)?.version ?? 0) !== row.version - 1) return 'stale'
      rows.put(positionsKey(engine), row)
      return 'written'
    },
  }
}

function systems(rows: MemoryRows, clock: Clock): SystemMemories {
  return {
    read: async (system) => rows.get(systemKey(system)) as SystemMemory | undefined,

    async write(memory) {
      const key = systemKey(memory.system)
      const before = rows.stored(key) as SystemMemory | undefined
      if (before && before.lookedAt >= memory.lookedAt) return 'stale'
      rows.put(key, memory, { expiresAt: expiry('system', clock.now()) })
      return 'written'
    },
  }
}

function uptimes(rows: MemoryRows, clock: Clock): Uptimes {
  return {
    read: async (chain) => rows.get(uptimeKey(chain)) as Uptime | undefined,

    async write(uptime) {
      const key = uptimeKey(uptime.chain)
      const before = rows.stored(key) as Uptime | undefined
      if (before && before.at >= uptime.at) return 'stale'
      rows.put(key, uptime, { expiresAt: expiry('system', clock.now()) })
      return 'written'
    },
  }
}

function governance(rows: MemoryRows): GovernanceRows {
  const read = (): Governance | undefined => rows.get(governanceKey) as Governance | undefined
  return {
    read: async () => read(),

    async write(next, before) {
      if (before.version > 0) rows.put(governanceStepKey(before.version), before.event)
      if ((read()?.version ?? 0) !== next.version - 1) return 'stale'
      rows.put(governanceKey, next)
      return 'written'
    },

    async events(limit) {
      const newest = read()
      const steps = newestOf<GovernanceEvent>(rows, governanceSteps, limit)
      const older = steps.filter(({ version }) => version < (newest?.version ?? 0))
      return [...(newest ? [newest.event] : []), ...older].slice(0, Math.max(0, limit))
    },

    async keepSet(set) {
      rows.put(parametersKey(set.hash), set)
    },

    set: async (hash) => rows.get(parametersKey(hash)) as ParameterSet | undefined,
  }
}

function fundingVotes(rows: MemoryRows, clock: Clock): FundingVotes {
  return {
    async cast(engine, epoch, vote) {
      const key = fundingVoteKey(engine, epoch, vote)
      if (rows.stored(key)) return 'already-cast'
      rows.put(key, vote, { expiresAt: expiry('fundingVote', clock.now()) })
      return 'cast'
    },

    async ofEpoch(engine, epoch) {
      return [...rows.partition(fundingVotePartition(engine, epoch), 'ascending')] as FundingVote[]
    },
  }
}

function batches(rows: MemoryRows): Batches {
  const read = (lane: string, number: number) =>
    rows.get(batchKey(lane, number)) as Batch | undefined
  const readLane = (name: string) => rows.get(provingLaneKey(name)) as ProvingLane | undefined
  return {
    lane: async (name) => readLane(name),

    async writeLane(lane) {
      if (isStale(readLane(lane.name), lane)) return 'stale'
      rows.put(provingLaneKey(lane.name), lane)
      return 'written'
    },

    read: async (lane, number) => read(lane, number),

    async write(batch) {
      const before = read(batch.lane, batch.number)
      if (isStale(before, batch)) return 'stale'
      if (before) rows.remove(listKey(openIndex.name, whenDue(before)))
      rows.put(batchKey(batch.lane, batch.number), batch)
      if (!isFinishedBatch(batch)) rows.put(listKey(openIndex.name, whenDue(batch)), batch.number)
      return 'written'
    },

    async due(lane, by, limit) {
      const found: Batch[] = []
      const list = listPartition(openIndex.name, batchList(lane))
      for (const number of rows.partition(list, 'ascending')) {
        const batch = found.length < limit ? read(lane, number as number) : undefined
        if (!batch || batch.nextActionAt > by) break
        found.push(batch)
      }
      return found
    },

    async between(lane, from, to) {
      const found: Batch[] = []
      // A lane keeps its batches for ever: the few that are asked for are fetched, and not all gone through.
      for (let number = from; number <= to; number += 1) {
        const batch = read(lane, number)
        if (batch) found.push(batch)
      }
      return found
    },
  }
}

type Fenced = { readonly version: number; readonly fence: number }

function isStale(before: Fenced | undefined, next: Fenced): boolean {
  checkVersion(next.version)
  if (!before) return next.version !== 1
  return before.version !== next.version - 1 || before.fence > next.fence
}

function whenDue({ lane, number, nextActionAt }: Batch): List {
  return { name: batchList(lane), since: listedAt(nextActionAt, String(number)) }
}

function ledger(rows: MemoryRows): Ledger {
  const cursorOf = (engine: string) => rows.get(ledgerCursorKey(engine)) as LedgerCursor | undefined
  return {
    async add(engine, row) {
      const key = ledgerRowKey(engine, row)
      if (rows.stored(key)) return 'already-there'
      rows.put(key, row)
      return 'added'
    },

    cursor: async (engine) => cursorOf(engine),

    async move(engine, cursor) {
      checkVersion(cursor.version)
      if ((cursorOf(engine)?.version ?? 0) !== cursor.version - 1) return 'stale'
      rows.put(ledgerCursorKey(engine), cursor)
      return 'written'
    },

    async recent(engine, limit) {
      return newestOf<LedgerRow>(rows, ledgerPartition(engine), limit)
    },

    async between(engine, from, to) {
      const all = [...rows.partition(ledgerPartition(engine), 'ascending')] as LedgerRow[]
      return all.filter(({ at }) => at >= from && at <= to)
    },
  }
}

type List = { readonly name: string; readonly since: string }

/** Where an index's list lives: beside the rows, in a partition that no row has. */
function listPartition(index: string, list: string): string {
  return `LIST#${index}#${list}`
}

function listKey(index: string, list: List): Key {
  return { pk: listPartition(index, list.name), sk: list.since }
}

function newestOf<T>(rows: MemoryRows, pk: string, limit: number): T[] {
  const newest = Iterator.from(rows.partition(pk, 'descending'))
  return [...newest.take(Math.max(0, limit))] as T[]
}
