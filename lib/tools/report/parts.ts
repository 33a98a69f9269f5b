import type { Packed } from './packed.ts'

/** What a report is made of, before it is HTML. Every string in it is text, never markup. */
export type Report = {
  /** `Backtest`, `Shadow report`. */
  readonly kind: string
  readonly name: string
  /** Under the title, in a few words each: the time covered, how many rounds. */
  readonly about: readonly string[]
  /** Of one run; two where runs are compared, each section then with the parts of both. */
  readonly sides: readonly Side[]
  readonly sections: readonly Section[]
  /** What all charts over time show at first: unix milliseconds. */
  readonly from: number
  readonly to: number
}

export type Side = { readonly badge: string; readonly name: string }

export type Section = {
  /** Sections of two runs belong together by it. */
  readonly key: string
  readonly title: string
  /** The market that it is about: a reader may choose which to see. */
  readonly market?: string
  readonly note?: string
  readonly parts: readonly Part[]
}

/** One thing to see. Where two runs are compared those with one key stand side by side. */
export type Part = { readonly key: string; readonly side?: string } & (
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | {
      readonly kind: 'charts'
      readonly title: string
      /** Small ones, beside each other. */
      readonly charts: readonly Chart[]
      readonly note?: string
    }
  | { readonly kind: 'words'; readonly text: string }
)

/** How a value stands: nothing to say, good, or worth a look. */
export type Tone = 'ok' | 'warning' | 'critical'

export type Figure = {
  readonly name: string
  readonly value: string
  readonly note?: string
  readonly tone?: Tone
}

export type Table = {
  readonly title: string
  readonly columns: readonly { readonly name: string; readonly numeric?: boolean }[]
  readonly rows: readonly (readonly Cell[])[]
  /** Under it: what is left out, and where the rest is. */
  readonly note?: string
  /** Shown only when it is asked for. */
  readonly folded?: boolean
}

/** `from` and `to`: choosing it shows that time in all charts. */
export type Cell =
  | string
  | {
      readonly text: string
      readonly tone?: Tone
      readonly from?: number
      readonly to?: number
    }

export type Chart = {
  readonly title: string
  /** What is to be seen, for those who cannot see it: in numbers. */
  readonly summary: string
  readonly drawn: Lines | Lanes
  readonly note?: string
}

/** Curves over time, or over the values of a parameter. */
export type Lines = {
  readonly kind: 'lines'
  readonly x: Horizontal
  /** Unix milliseconds, or places among the names: of all curves of the chart. */
  readonly at: Packed
  /** Charts with the same scale have the same range, here and beside it. */
  readonly scale: string
  readonly unit: string
  readonly isLog: boolean
  readonly curves: readonly Curve[]
  readonly limits: readonly Limit[]
  /** Times to shade. */
  readonly shades: readonly (readonly [from: number, to: number])[]
}

/** A line across: quiet where crossing it is what is meant to happen. */
export type Limit = { readonly name: string; readonly value: number; readonly isQuiet?: boolean }

export type Horizontal =
  | { readonly kind: 'time' }
  /** Values that were tried, side by side: `at` counts them. */
  | { readonly kind: 'names'; readonly names: readonly string[] }

/**
 * `main`, `posted` and `true` have colours of their own; `other` has one by its place among its like. `main` and `posted`
 * decide the range, which others widen only so far.
 */
export type Curve = {
  readonly name: string
  readonly role: 'main' | 'posted' | 'true' | 'other' | 'good' | 'warning' | 'bad'
  readonly look: 'line' | 'steps' | 'bars' | 'dots' | 'ring'
  readonly values: Packed
  /** Of each bucket, where it has more than one value. */
  readonly low?: Packed
  readonly high?: Packed
  /** Which of the colours of the others: by default its place among them. */
  readonly tint?: number
  /** Shown only when asked for. */
  readonly hidden?: boolean
  /** Where it counted for nothing. */
  readonly marked?: readonly Mark[]
}

export type Mark = readonly [from: number, to: number, tone: LaneTone]

export type LaneTone = 'warning' | 'bad' | 'quiet' | 'main' | 'other'

/** What was when: one lane for each name, with spans in it. */
export type Lanes = {
  readonly kind: 'lanes'
  readonly lanes: readonly {
    readonly name: string
    readonly spans: readonly {
      readonly from: number
      readonly to: number
      readonly tone: LaneTone
      readonly text: string
    }[]
  }[]
}
