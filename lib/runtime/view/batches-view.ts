import * as z from 'zod'

import { waitsForOthers } from '../../domain/liveness-batches.ts'
import { batchWay, openKinds } from '../../domain/proving/batch-way.ts'
import { strandedText } from '../../domain/proving/stranded-text.ts'
import { entry } from '../network/entry.ts'
import { provingRules } from '../world/proving-rules.ts'
import type { Look } from './look.ts'

/** Who holds something, and why. */
const holdSchema = z.object({ by: z.string(), reason: z.string(), at: z.int() })

const laneSchema = z.object({
  newest: z.int(),
  settled: z.int(),
  finalized: z.int(),
  hold: holdSchema.optional(),
  suspect: z.object({ batch: z.int(), reason: z.string(), since: z.int() }).optional(),
  stranded: z.object({ on: z.object({ number: z.int(), hash: z.string() }) }).optional(),
})

const kindSchema = z.enum([...openKinds, 'finalized', 'superseded'])

const batchSchema = z.object({
  number: z.int(),
  content: z.object({ name: z.string(), size: z.int(), closedAt: z.int() }),
  state: z.object({
    kind: kindSchema,
    why: z.string().optional(),
    reason: z.string().optional(),
    back: kindSchema.optional(),
    most: z.bigint().optional(),
    cap: z.bigint().optional(),
    because: z.int().optional(),
  }),
  stateSince: z.int(),
  deadlineAt: z.int(),
  input: z.object({ fact: z.string(), settleBefore: z.int().optional() }).optional(),
  proving: z
    .object({ prover: z.string(), id: z.string().optional(), stage: z.string().optional() })
    .optional(),
  intent: z.string().optional(),
  settledIn: z.object({ transaction: z.string().optional() }).optional(),
  hold: holdSchema.optional(),
  trouble: z.object({ at: z.int(), where: z.string(), message: z.string() }).optional(),
  history: z.array(z.object({ to: z.string() })),
})

type Row = z.output<typeof batchSchema>
type Hold = z.output<typeof holdSchema>

/** A proving lane: its batches from closed to final. */
export type ProvingLaneView = {
  readonly lane: string
  /** Numbers of the newest batch, and up to which all are settled and final; undefined where the lane has not begun. */
  readonly reach:
    | { readonly newest: number; readonly settled: number; readonly finalized: number }
    | undefined
  readonly hold: Hold | undefined
  /** A prover refused that batch. */
  readonly suspect: z.output<typeof laneSchema>['suspect']
  /** Why no batch can follow what its contract has, in words. */
  readonly stranded: string | undefined
  /** Of the oldest that is neither settled nor superseded, when it was closed. */
  readonly unsettledSince: number | undefined
  /** Neither final nor superseded, oldest first. */
  readonly onTheWay: readonly BatchView[]
  /** How many numbers after those were not read. */
  readonly more: number
  /** Final and superseded ones, newest first. */
  readonly ended: readonly BatchView[]
}

export type BatchView = {
  readonly number: number
  readonly name: string
  readonly size: number
  readonly closedAt: number
  readonly state: z.output<typeof kindSchema>
  readonly since: number
  /** How far it is: a place in the ten states from planned to final; of one that stands still, where it would go on. */
  readonly step: number
  /** By when the state must be left, and how long it may take; undefined where it ended, or where others hold it up. */
  readonly deadline: { readonly at: number; readonly ofMs: number } | undefined
  readonly settleBefore: number | undefined
  readonly prover: { readonly name: string; readonly stage: string | undefined } | undefined
  readonly fact: string | undefined
  /** Its newest settling transaction, as far as it is known. */
  readonly transaction: string | undefined
  /** Why it stands still, or ended without having been settled, in words. */
  readonly waitsFor: string | undefined
  readonly hold: Hold | undefined
  readonly trouble: { readonly at: number; readonly text: string } | undefined
}

/** As many as a page can show; a lane's buffer is 50 as a rule. */
const pageLimit = { onTheWay: 60, ended: 5 }

/** Every proving lane of the network file; only some of its rows, where there are many. */
export async function batchesView(
  look: Look,
  limit: { readonly onTheWay: number; readonly ended: number } = pageLimit,
): Promise<readonly ProvingLaneView[]> {
  return await Promise.all(
    Object.keys(look.network.proving).map(async (lane) => laneView(look, lane, limit)),
  )
}

async function laneView(
  look: Look,
  name: string,
  limit: typeof pageLimit,
): Promise<ProvingLaneView> {
  const { store, problems } = look
  const lane = await problems.attempt(
    `proving lane ${name}`,
    async () => {
      const stored = await store.batches.lane(name)
      return stored && laneSchema.parse(stored)
    },
    undefined,
  )
  if (!lane) return unbegun(name)
  const { newest, settled, finalized, hold, suspect, stranded } = lane
  const last = Math.min(newest, finalized + limit.onTheWay)
  const rows = await Promise.all([
    rowsOf(look, name, [Math.max(1, finalized + 1 - limit.ended), finalized]),
    rowsOf(look, name, [finalized + 1, last]),
  ])
  const all = rows.flat()
  const open = all.filter((row) => !isEnded(row))
  const ended = all.filter(isEnded).toReversed().slice(0, limit.ended)
  const oldest = open.find(({ state }) => state.kind !== 'settled' && state.back !== 'settled')
  const view = async (row: Row): Promise<BatchView> => {
    const isHeldUp = waitsForOthers(row, lane, row === oldest)
    return batchView(row, {
      deadline: isHeldUp ? undefined : deadlineOf(look, name, row),
      transaction: await transactionOf(look, row),
    })
  }
  const [onTheWay, past] = await Promise.all([
    Promise.all(open.map(view)),
    Promise.all(ended.map(view)),
  ])
  return {
    lane: name,
    reach: { newest, settled, finalized },
    hold,
    suspect,
    stranded: stranded && strandedText(stranded.on),
    unsettledSince: oldest?.content.closedAt,
    onTheWay,
    more: newest - last,
    ended: past,
  }
}

function unbegun(lane: string): ProvingLaneView {
  return {
    lane,
    reach: undefined,
    hold: undefined,
    suspect: undefined,
    stranded: undefined,
    unsettledSince: undefined,
    onTheWay: [],
    more: 0,
    ended: [],
  }
}

async function rowsOf(
  { store, problems }: Look,
  lane: string,
  [from, to]: readonly [number, number],
): Promise<readonly Row[]> {
  const where = `batches of ${lane}`
  const stored = await problems.attempt(where, () => store.batches.between(lane, from, to), [])
  const read = await Promise.all(
    stored.map((row) =>
      problems.attempt(`${where}, ${row.number}`, () => [batchSchema.parse(row)], []),
    ),
  )
  return read.flat()
}

function isEnded({ state }: Row): boolean {
  return state.kind === 'finalized' || state.kind === 'superseded'
}

/** A human is waited for without an end. */
function deadlineOf({ network }: Look, lane: string, row: Row): BatchView['deadline'] {
  const { kind } = row.state
  if (kind === 'finalized' || kind === 'superseded' || kind === 'needs-human') return undefined
  const ofMs = entry(provingRules(network), lane)?.deadlineMs[kind]
  return ofMs === undefined ? undefined : { at: row.deadlineAt, ofMs }
}

/** Until it is in a block, the newest that was signed for it. */
async function transactionOf(
  { store, problems }: Look,
  { settledIn, intent, state, number }: Row,
): Promise<string | undefined> {
  if (settledIn?.transaction !== undefined) return settledIn.transaction
  if (intent === undefined || state.kind !== 'settling') return undefined
  return await problems.attempt(
    `transaction of batch ${number}`,
    async () => {
      const found = await store.intents.get(intent)
      return found && 'hash' in found.state ? found.state.hash : undefined
    },
    undefined,
  )
}

function batchView(row: Row, seen: Pick<BatchView, 'deadline' | 'transaction'>): BatchView {
  const { number, content, state, stateSince, input, proving, hold, trouble } = row
  return {
    number,
    ...content,
    state: state.kind,
    since: stateSince,
    step: stepOf(row),
    ...seen,
    settleBefore: input?.settleBefore,
    prover: proving && { name: proving.prover, stage: proving.stage },
    fact: input?.fact,
    waitsFor: waitsFor(state),
    hold,
    trouble: trouble && { at: trouble.at, text: `${trouble.where}: ${trouble.message}` },
  }
}

/** Where it stands still, where it would go on; of one that was superseded, how far it came. */
function stepOf({ state, history }: Row): number {
  const { kind, back } = state
  if (kind === 'held-fee-cap') return batchWay.indexOf('fact-verified')
  if (kind === 'held-l2-suspect') return batchWay.indexOf('ready')
  const known = history.findLast(({ to }) => placeOf(to) >= 0)?.to
  return Math.max(0, placeOf(kind === 'superseded' ? (known ?? '') : (back ?? kind)))
}

function placeOf(kind: string): number {
  return batchWay.findIndex((one) => one === kind)
}

function waitsFor({ kind, why, reason, most, cap, because }: Row['state']): string | undefined {
  if (kind === 'needs-human') return `${why}: ${reason}`
  if (kind === 'held-fee-cap') return `it would cost up to ${most}, the cap is ${cap}`
  if (kind === 'held-l2-suspect') return `a prover refused batch ${because}`
  return kind === 'superseded' ? reason : undefined
}
