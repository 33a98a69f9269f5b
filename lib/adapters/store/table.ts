import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { HistoryFile, HistorySubject, KeptSlot } from '../../ports.ts'

/**
 * Every key of the one table. `infra/cloud/table.yml` defines the table and its two indexes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | who does a slot | `TICK#job#subject` | `slot` |
 * | a node's reports of a round | `REPORT#round` | `node` |
 * | a node's newest aggregation | `PRICES#node` | `row` |
 * | an intent's state | `INTENT#id` | `state` |
 * | an intent's action, by its hash | `INTENT#id` | `action#hash` |
 * | a sending lane | `LANE#chain/account` | `row` |
 * | who alone may do something for a while | `LEASE#name` | `row` |
 * | an alert | `INCIDENT#rule#subject` | `row` |
 * | how much a channel was told lately | `CHANNEL#name` | `row` |
 * | whom nobody is told of for a while | `SILENCES` | `id` |
 * | who has an alert in hand | `ACKS` | `rule#subject` |
 * | what one voter saw of an epoch's premiums | `FUNDING#engine#epoch` | `slot#voter` |
 * | which files are an exchange’s accounts | `POSITIONS#engine` | `row` |
 * | what a liquidation brought, or work that had no effect cost | `PNL#engine` | `at#id` |
 * | how far an exchange’s books go | `PNLCURSOR#engine` | `row` |
 * | a batch’s way to proof and settlement | `BATCH#lane` | `number` |
 * | how far a proving lane is | `PROVING#lane` | `row` |
 * | what is remembered of a watched system | `SYSTEM#system` | `row` |
 * | the watch’s word on a chain | `UPTIME#chain` | `row` |
 * | what a keeper saw and decided, in words | `HISTORY#keeper#subject` | `slot#at` |
 * | what a keeper saw and decided, exactly | `SLOT#keeper#subject` | `at#slot` |
 * | whose slots are kept | `SLOTS` | `keeper#subject` |
 * | a file of slots | `PACKED#keeper#subject` | `from#name` |
 * | up to where all slots are in files | `PACKING#keeper#subject` | `row` |
 */
export type Key = { readonly pk: string; readonly sk: string }

/** The index of work that is not final; a row is in it only as long as it carries `openIn`. */
export const openIndex = { name: 'open', partition: 'openIn', sort: 'openSince' } as const

/** The index that people's lists are read from. */
export const recentIndex = { name: 'recent', partition: 'listIn', sort: 'listSince' } as const

export type Index = typeof openIndex | typeof recentIndex

/** The sort key of the only row of its partition. */
const only = 'row'

export function tickPartition(job: string, subject: string): string {
  return joined('TICK', job, subject)
}

export function tickKey(job: string, subject: string, slot: number): Key {
  return { pk: tickPartition(job, subject), sk: ordered(slot) }
}

export function reportPartition(round: number): string {
  return joined('REPORT', ordered(round))
}

export function reportKey(node: string, round: number): Key {
  return { pk: reportPartition(round), sk: joined('node', node) }
}

export function pricesKey(node: string): Key {
  return { pk: joined('PRICES', node), sk: only }
}

export function fundingVotePartition(engine: string, epoch: number): string {
  return joined('FUNDING', engine, ordered(epoch))
}

export function fundingVoteKey(
  engine: string,
  epoch: number,
  { slot, voter }: { readonly slot: number; readonly voter: string },
): Key {
  return { pk: fundingVotePartition(engine, epoch), sk: joined(ordered(slot), voter) }
}

export function intentKey(id: string): Key {
  return { pk: joined('INTENT', id), sk: 'state' }
}

export function intentActionKey(id: string, hash: string): Key {
  return { pk: joined('INTENT', id), sk: joined('action', hash) }
}

/** The list of a lane's intents, in both indexes. */
export function intentList(lane: string): string {
  return joined('INTENTS', lane)
}

export function laneKey(id: string): Key {
  return { pk: joined('LANE', id), sk: only }
}

/** The list of all lanes. */
export const laneList = 'LANES'

/** The lane of a row's key. */
export function laneOf({ pk }: Key): string {
  return pk.slice(joined('LANE', '').length).replaceAll('%23', '#').replaceAll('%25', '%')
}

export function leaseKey(name: string): Key {
  return { pk: joined('LEASE', name), sk: only }
}

export function incidentKey(rule: string, subject: string): Key {
  return { pk: joined('INCIDENT', rule, subject), sk: only }
}

export function channelKey(channel: string): Key {
  return { pk: joined('CHANNEL', channel), sk: only }
}

/** All silences: a few, that are read together. */
export const silencePartition = 'SILENCES'

export function silenceKey(id: string): Key {
  return { pk: silencePartition, sk: joined(id) }
}

/** All acknowledgements, likewise. */
export const acknowledgementPartition = 'ACKS'

export function acknowledgementKey(rule: string, subject: string): Key {
  return { pk: acknowledgementPartition, sk: joined(rule, subject) }
}

export function positionsKey(engine: string): Key {
  return { pk: joined('POSITIONS', engine), sk: only }
}

export function ledgerPartition(engine: string): string {
  return joined('PNL', engine)
}

export function ledgerRowKey(
  engine: string,
  { at, id }: { readonly at: Timestamp; readonly id: string },
): Key {
  return { pk: ledgerPartition(engine), sk: joined(ordered(at), id) }
}

/** The sort keys of all rows from one time up to another, both included. */
export function ledgerSpan(from: Timestamp, to: Timestamp): readonly [string, string] {
  return [ordered(from), joined(ordered(to), '\uffff')]
}

export function ledgerCursorKey(engine: string): Key {
  return { pk: joined('PNLCURSOR', engine), sk: only }
}

export function batchPartition(lane: string): string {
  return joined('BATCH', lane)
}

export function batchKey(lane: string, number: number): Key {
  return { pk: batchPartition(lane), sk: ordered(number) }
}

/** The sort keys of all batches from one number up to another, both included. */
export function batchSpan(from: number, to: number): readonly [string, string] {
  return [ordered(from), ordered(to)]
}

/** The list of a lane's batches that are not finished, by when they are to be looked at. */
export function batchList(lane: string): string {
  return joined('BATCHES', lane)
}

/** The last place in a list of what is listed up to that time. */
export function listedUntil(by: Timestamp): string {
  return joined(ordered(by), '\uffff')
}

export function provingLaneKey(name: string): Key {
  return { pk: joined('PROVING', name), sk: only }
}

export function uptimeKey(chain: string): Key {
  return { pk: joined('UPTIME', chain), sk: only }
}

export const governanceKey: Key = { pk: 'GOVERNANCE', sk: only }

export const governanceSteps = 'GOVERNANCE#STEPS'

export function governanceStepKey(version: number): Key {
  return { pk: governanceSteps, sk: ordered(version) }
}

export function parametersKey(hash: string): Key {
  return { pk: joined('PARAMETERS', hash), sk: only }
}

export function systemKey(system: string): Key {
  return { pk: joined('SYSTEM', system), sk: only }
}

/** The list of all incidents, in both indexes. */
export const incidentList = 'INCIDENTS'

export function historyPartition(keeper: string, subject: string): string {
  return joined('HISTORY', keeper, subject)
}

/** Two looks at one slot, after a crash, are both kept: either may be the one that acted. */
export function historyKey(
  entry: { readonly keeper: string; readonly subject: string; readonly slot: number },
  at: Timestamp,
): Key {
  return {
    pk: historyPartition(entry.keeper, entry.subject),
    sk: joined(ordered(entry.slot), ordered(at)),
  }
}

export function slotPartition({ keeper, subject }: HistorySubject): string {
  return joined('SLOT', keeper, subject)
}

/** By time and not by slot: where a job's cadence is changed the numbers of its slots jump. */
export function slotKey(record: HistorySubject & KeptSlot): Key {
  return { pk: slotPartition(record), sk: joined(ordered(record.at), ordered(record.slot)) }
}

/** The sort keys of all rows from one time up to another, both included. */
export function slotSpan(from: Timestamp, to: Timestamp): readonly [string, string] {
  return [ordered(from), joined(ordered(to), '\uffff')]
}

/** The slot and the time of a row's key. */
export function keptSlotOf({ sk }: Key): KeptSlot {
  const [at = '', slot = ''] = sk.split('#')
  return { slot: Number(slot), at: timestamp(Number(at)) }
}

export function packedPartition({ keeper, subject }: HistorySubject): string {
  return joined('PACKED', keeper, subject)
}

export function packedKey(of: HistorySubject, { from, name }: HistoryFile): Key {
  return { pk: packedPartition(of), sk: joined(ordered(from), name) }
}

export function packingKey({ keeper, subject }: HistorySubject): Key {
  return { pk: joined('PACKING', keeper, subject), sk: only }
}

/** All of which slots are kept: a few, that are read together. */
export const slotsPartition = 'SLOTS'

export function slotsKey({ keeper, subject }: HistorySubject): Key {
  return { pk: slotsPartition, sk: joined(keeper, subject) }
}

/** Sorts by time, then by what was listed. */
export function listedAt(at: Timestamp, ...names: readonly string[]): string {
  return joined(ordered(at), ...names)
}

/** Different parts give different keys: the separator inside a part is escaped. */
function joined(...parts: readonly string[]): string {
  return parts.map(escaped).join('#')
}

function escaped(part: string): string {
  const plain = !part.includes('%') && !part.includes('#')
  return plain ? part : part.replaceAll('%', '%25').replaceAll('#', '%23')
}

/** Sixteen digits hold every safe integer, so text order is number order. */
function ordered(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${value} is not a slot, a round or a time`)
  return String(value).padStart(16, '0')
}
