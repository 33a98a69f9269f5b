import type { Timestamp } from '../../domain/time.ts'
import type { HistorySubject, SlotRecord } from '../../ports.ts'

export type KeptSlot = { readonly slot: number; readonly at: Timestamp }

/** What history asks of a table; every store has its own. Each function is one step, which happens or does not. */
export type SlotRows = {
  put(record: SlotRecord): Promise<void>
  /** By time, from one up to another, both included. Another look at a slot has another time, and a row of its own. */
  between(of: HistorySubject, from: Timestamp, to: Timestamp): AsyncIterable<SlotRecord>
  /** Remembers that there are slots of it. */
  note(of: HistorySubject): Promise<void>
  /** In order. */
  noted(): Promise<readonly HistorySubject[]>
}
