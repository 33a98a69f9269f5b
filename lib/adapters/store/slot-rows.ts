import type { Timestamp } from '../../domain/time.ts'
import type { HistoryFile, HistorySubject, KeptSlot, SlotRecord } from '../../ports.ts'

/** What history asks of a table; every store has its own. Each function is one step, which happens or does not. */
export type SlotRows = {
  put(record: SlotRecord): Promise<void>
  /** By time, from one up to another, both included. Another look at a slot has another time, and a row of its own. */
  between(of: HistorySubject, from: Timestamp, to: Timestamp): AsyncIterable<SlotRecord>
  /** Newest first. */
  newest(of: HistorySubject, limit: number): Promise<readonly KeptSlot[]>
  /** The oldest from that time on. */
  oldest(of: HistorySubject, from: Timestamp): Promise<KeptSlot | undefined>
  /** Remembers that there are slots of it. */
  note(of: HistorySubject): Promise<void>
  /** In order. */
  noted(): Promise<readonly HistorySubject[]>
  /** The same again changes nothing. */
  putContent(name: string, content: Uint8Array): Promise<void>
  /** Undefined where it is not there. */
  content(name: string): Promise<Uint8Array | undefined>
  /** After its content. The same again changes nothing. */
  putFile(of: HistorySubject, file: HistoryFile): Promise<void>
  /** By when they begin, from one time up to another, both included. */
  files(of: HistorySubject, from: Timestamp, to: Timestamp): Promise<readonly HistoryFile[]>
  packed(of: HistorySubject): Promise<PackedThrough | undefined>
  /** Only where the stored version is the one before. */
  movePacked(of: HistorySubject, packed: PackedThrough): Promise<'written' | 'stale'>
  /** Rows before that time are not asked for any more; a table lets them go by themselves. */
  letGo(of: HistorySubject, before: Timestamp): Promise<void>
}

/** All slots before that time are in files. */
export type PackedThrough = { readonly through: Timestamp; readonly version: number }
