import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'

import { gapsIn } from '../../domain/history/gaps.ts'
import { hourMs, hourOf, longestWorkMs, settledBefore } from '../../domain/history/packing-times.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Clock, History, HistoryFile, HistorySubject, SlotRecord } from '../../ports.ts'
import { slotFileName } from './slot-file-name.ts'
import { BrokenSlotFileError, packSlots, turnSlots, unpackSlots } from './slot-file.ts'
import type { SlotRows } from './slot-rows.ts'

/** What is kept of slots, over any table. */
export function slotHistory(rows: SlotRows, clock: Clock): Omit<History, 'record' | 'recent'> {
  const noted = new Set<string>()

  return {
    async keep(record) {
      checkAge(record, clock.now())
      const name = JSON.stringify([record.keeper, record.subject])
      if (!noted.has(name)) await rows.note(record)
      noted.add(name)
      await rows.put(record)
      // Somebody may have been put to sleep between the two.
      checkAge(record, clock.now())
    },

    kept: (keeper, subject, from, to) => eachOnce(inTurn(rows, { keeper, subject }, { from, to })),

    subjects: async () => await rows.noted(),

    keptSlots: async (keeper, subject, limit) =>
      limit < 1 ? [] : await rows.newest({ keeper, subject }, limit),

    async files(keeper, subject, from, to) {
      const begun = await rows.files({ keeper, subject }, timestamp(Math.max(0, from - hourMs)), to)
      return begun.filter((file) => file.to >= from)
    },

    async oldestUnpacked(keeper, subject) {
      const of = { keeper, subject }
      return (await rows.oldest(of, await packedThrough(rows, of)))?.at
    },

    pack: async (keeper, subject) => await packOldest(rows, clock, { keeper, subject }),
  }
}

async function packedThrough(rows: SlotRows, of: HistorySubject): Promise<Timestamp> {
  return (await rows.packed(of))?.through ?? timestamp(0)
}

/** Files up to where all is packed, and rows from there on. */
async function* inTurn(
  rows: SlotRows,
  of: HistorySubject,
  { from, to }: { readonly from: Timestamp; readonly to: Timestamp },
): AsyncGenerator<SlotRecord, undefined, undefined> {
  // Before the files are listed: what is packed meanwhile is in its rows for long after.
  const through = await packedThrough(rows, of)
  if (from < through) {
    const begun = await rows.files(of, timestamp(Math.max(0, from - hourMs)), to)
    let last: SlotRecord | undefined
    for (const file of begun) {
      if (file.to < from) continue
      for (const record of unpackSlots(await contentOf(rows, file), file.name)) {
        const isAsked = record.at >= from && record.at <= to && record.at < through
        // An hour may be in two files where one who packed it was cut off.
        if (!isAsked || (last && !isAfter(record, last))) continue
        last = record
        yield record
      }
    }
  }
  if (to >= through) yield* rows.between(of, timestamp(Math.max(from, through)), to)
}

function isAfter(one: SlotRecord, other: SlotRecord): boolean {
  return one.at === other.at ? one.slot > other.slot : one.at > other.at
}

async function contentOf(rows: SlotRows, { name }: HistoryFile): Promise<Uint8Array> {
  const content = await rows.content(name)
  if (!content)
    throw new BrokenSlotFileError(
      name,
      'it is not there; bring it back, or ask for a time that it does not hold',
    )
  if (!name.endsWith(`-${digestOf(content)}`))
    throw new BrokenSlotFileError(name, 'it holds other bytes than were packed into it')
  return content
}

/** Of several looks at a slot the last; all of them come within the time that work may take. */
async function* eachOnce(
  looks: AsyncIterable<SlotRecord> | Iterable<SlotRecord>,
): AsyncGenerator<SlotRecord, undefined, undefined> {
  const waiting = new Map<number, SlotRecord>()
  for await (const look of looks) {
    for (const [slot, before] of waiting) {
      if (before.at >= look.at - longestWorkMs) break
      waiting.delete(slot)
      yield before
    }
    // Deleted and set, so that the oldest come first.
    waiting.delete(look.slot)
    waiting.set(look.slot, look)
  }
  yield* waiting.values()
}

/**
 * Text of one file at most. An hour of a market is some ten megabytes; of hundreds of markets it is more than a function could
 * take apart at once.
 */
const mostTextBytes = 48 * 1024 * 1024

/**
 * The content first, then the row that names it, and then how far all is packed: whoever is cut off between two of them has
 * left nothing that the next one would not do again, to the same effect.
 */
async function packOldest(
  rows: SlotRows,
  clock: Clock,
  of: HistorySubject,
): Promise<HistoryFile | undefined> {
  const packed = await rows.packed(of)
  const first = await rows.oldest(of, packed?.through ?? timestamp(0))
  if (!first || first.at >= settledBefore(clock.now())) return undefined
  const { records, through } = await recordsFrom(rows, of, first.at)
  const content = await packSlots(records)
  await checkSame(records, content)
  const [begin, end] = [records[0] ?? first, records.at(-1) ?? first]
  const file: HistoryFile = {
    name: slotFileName(of, begin.at, digestOf(content)),
    from: begin.at,
    to: end.at,
    firstSlot: begin.slot,
    lastSlot: end.slot,
    slots: records.length,
    gaps: gapsIn(records),
    bytes: content.byteLength,
  }
  await rows.putContent(file.name, content)
  await rows.putFile(of, file)
  const version = (packed?.version ?? 0) + 1
  if ((await rows.movePacked(of, { through, version })) === 'written') await rows.letGo(of, through)
  return file
}

/** Each slot once, up to the end of the hour, or to where a file is full; and where what comes next begins. */
async function recordsFrom(
  rows: SlotRows,
  of: HistorySubject,
  from: Timestamp,
): Promise<{ readonly records: readonly SlotRecord[]; readonly through: Timestamp }> {
  const end = timestamp(hourOf(from) + hourMs)
  const looks: SlotRecord[] = []
  let through = end
  let bytes = 0
  for await (const look of rows.between(of, from, timestamp(end - 1))) {
    // What was decided in the same millisecond goes into the same file.
    if (bytes > mostTextBytes && look.at > (looks.at(-1)?.at ?? 0)) {
      through = look.at
      break
    }
    looks.push(look)
    bytes += (look.view?.length ?? 0) + look.decided.length + (look.shadow?.decided.length ?? 0)
  }
  const records: SlotRecord[] = []
  for await (const record of eachOnce(looks)) records.push(record)
  return { records, through }
}

/** Rows are let go once they are packed: that nothing was lost is not taken on trust. */
async function checkSame(records: readonly SlotRecord[], content: Uint8Array): Promise<void> {
  let index = 0
  for (const record of unpackSlots(content, 'that was just packed')) {
    if (!isSame(record, records[index])) throw new NotTheSameError(record)
    if (index % turnSlots === 0) await setImmediate()
    index += 1
  }
  const [missing] = records.slice(index)
  if (missing) throw new NotTheSameError(missing)
}

function isSame(one: SlotRecord, other: SlotRecord | undefined): boolean {
  return (
    one.keeper === other?.keeper &&
    one.subject === other.subject &&
    one.slot === other.slot &&
    one.at === other.at &&
    one.parameters === other.parameters &&
    one.code === other.code &&
    one.view === other.view &&
    one.decided === other.decided &&
    one.shadow?.parameters === other.shadow?.parameters &&
    one.shadow?.decided === other.shadow?.decided
  )
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function checkAge(record: SlotRecord, now: Timestamp): void {
  if (now - record.at > longestWorkMs) throw new TooOldToKeepError(record, now)
}

/** A slot came so late that its hour may have been packed without it. */
export class TooOldToKeepError extends Error {
  override readonly name = 'TooOldToKeepError'

  constructor({ keeper, subject, slot, at }: SlotRecord, now: Timestamp) {
    super(
      `slot ${slot} of ${keeper} ${subject} was decided ${Math.round((now - at) / 1000)} s ago, and its hour may be packed already; a slot is kept within ${longestWorkMs / 60_000} minutes. See whether this machine was asleep, or its clock is wrong`,
    )
  }
}

/** What was packed does not come back as it was: nothing of it is kept, and the rows stay. */
class NotTheSameError extends Error {
  override readonly name = 'NotTheSameError'

  constructor({ keeper, subject, slot }: SlotRecord) {
    super(
      `slot ${slot} of ${keeper} ${subject} does not come back from a file as it was; it stays in its row, and this version of the code must not pack it`,
    )
  }
}
