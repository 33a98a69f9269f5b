import { styleText } from 'node:util'

import type { EngineAction } from '../domain/action.ts'
import { carried, type Intent, leftOf } from '../domain/intent.ts'
import { partName } from '../domain/left-out.ts'
import { sumsOf } from '../domain/pnl/daily-sums.ts'
import { dollars } from '../domain/pnl/row-usd.ts'
import type { BatchKind } from '../domain/proving/batch.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Notice } from '../keepers/notice.ts'
import { durationText } from './duration.ts'

export type LineOptions = {
  readonly colour: boolean
  /** Also what is nothing new to a person: plans, and the steps of a transaction before and after its inclusion. */
  readonly verbose: boolean
}

/** One line for a person, undefined where the notice is not worth one. */
export function noticeLine(notice: Notice, options: LineOptions): string | undefined {
  const words = wordsOf(notice, options.verbose)
  if (words === undefined) return undefined
  const { tone, what, where, text } = words
  const paint = (style: Tone | 'dim', part: string): string =>
    options.colour && style !== 'plain' ? styleText(style, part, { validateStream: false }) : part
  const begin = `${paint('dim', clockText(notice.at))}  ${paint(tone, what.padEnd(15))}`
  return `${begin} ${where.padEnd(10)} ${text}`.trimEnd()
}

type Tone = 'plain' | 'green' | 'yellow' | 'red' | 'dim'

type Words = {
  readonly tone: Tone
  readonly what: string
  readonly where: string
  readonly text: string
}

function wordsOf(notice: Notice, verbose: boolean): Words | undefined {
  switch (notice.kind) {
    case 'planned':
      return verbose
        ? { tone: 'dim', what: 'planned', where: '', text: `${notice.jobs.length} slots` }
        : undefined
    case 'priced':
    case 'measured':
      return undefined
    case 'booked':
      return bookedWords(notice)
    case 'tick':
      return tickWords(notice, verbose)
    case 'transaction':
      return transactionWords(notice, verbose)
    case 'incident': {
      const { severity, rule, subject, summary } = notice.incident
      const over = notice.state === 'resolved'
      return {
        tone: over ? 'green' : severity === 'critical' ? 'red' : 'yellow',
        what: `alert ${notice.state}`,
        where: severity,
        text: `${rule} ${subject}: ${over ? 'it is over' : oneLine(summary)}`,
      }
    }
    case 'batch':
      return batchWords(notice, verbose)
    case 'trouble':
      return {
        tone: 'yellow',
        what: 'trouble',
        where: notice.where,
        text: `${oneLine(notice.message)}; it will be tried again`,
      }
  }
}

/** What a person follows: that it was closed, is proved, settled and final, and whatever is not the usual way. */
const batchSteps = new Set<BatchKind>([
  'planned',
  'proving',
  'fact-verified',
  'settled',
  'finalized',
  'held-fee-cap',
  'held-l2-suspect',
  'needs-human',
  'superseded',
])

function batchWords({ batch }: Notice & { kind: 'batch' }, verbose: boolean): Words | undefined {
  const { lane, number, content, state, proving, history } = batch
  if (!verbose && !batchSteps.has(state.kind)) return undefined
  const note = history.at(-1)?.note
  const by = state.kind === 'proving' && proving ? ` by ${proving.prover}` : ''
  const why = note === undefined ? '' : `: ${oneLine(note)}`
  return {
    tone:
      state.kind === 'needs-human'
        ? 'red'
        : state.kind.startsWith('held')
          ? 'yellow'
          : state.kind === 'finalized'
            ? 'green'
            : 'plain',
    what: 'batch',
    where: lane,
    text: `${number} (${content.name}) ${state.kind}${by}${why}`,
  }
}

function tickWords({ job, outcome }: Notice & { kind: 'tick' }, verbose: boolean): Words {
  const tones = { done: 'plain', refused: 'yellow', failed: 'red' } as const
  const detail = outcome.detail === '' ? '' : `: ${shortened(oneLine(outcome.detail), verbose)}`
  const kind = outcome.kind === 'done' ? '' : `${outcome.kind}, `
  return {
    tone: tones[outcome.kind],
    what: job.job,
    where: job.subject,
    text: `${kind}${outcome.reason}${detail}`,
  }
}

function transactionWords(
  { intent, chain, slotAt }: Notice & { kind: 'transaction' },
  verbose: boolean,
): Words | undefined {
  const { state } = intent
  const line = (tone: Tone, what: string, text: string): Words => ({
    tone,
    what,
    where: chain,
    text,
  })
  switch (state.kind) {
    case 'waiting':
      return verbose ? line('dim', 'waiting', intent.id) : undefined
    case 'claimed':
      return verbose ? line('dim', 'signed', `${intent.id}, ${shortHash(state.hash)}`) : undefined
    case 'included':
      return state.reverted === undefined
        ? line('green', 'included', inclusionText(intent, state, slotAt))
        : line('red', 'reverted', `${shortHash(state.hash)}: ${oneLine(state.reverted)}`)
    case 'settled':
      return verbose
        ? line('dim', 'final', `${shortHash(state.hash)}, block ${state.block.number}`)
        : undefined
    case 'failed':
      return line(
        state.why === 'superseded' ? 'dim' : 'red',
        state.why,
        `${intent.id}: ${oneLine(state.reason)}`,
      )
  }
}

/** Only where something was earned, lost or missed. */
function bookedWords({ engine, rows, cursor }: Notice & { kind: 'booked' }): Words | undefined {
  if (rows.length === 0) return undefined
  const { won, reward, missed, missedReward } = sumsOf(rows)
  const usd = (amount: bigint): string => dollars(amount, cursor.decimals.collateral).toFixed(2)
  const text = [
    `${won} of ours, ${usd(reward)} USD`,
    ...(missed > 0 ? [`${missed} of others, ${usd(missedReward)} USD`] : []),
  ].join('; ')
  return { tone: won > 0 ? 'green' : 'dim', what: 'booked', where: engine, text }
}

function inclusionText(
  intent: Intent,
  state: Intent['state'] & { kind: 'included' },
  slotAt: Timestamp,
): string {
  const { kind, updates } = carried(intent)
  const { length } = updates
  const markets = workWords(kind, length)
  const after = durationText(Math.max(0, state.seenAt - slotAt))
  const left = leftOf(state).map(partName)
  const rest = left.length === 0 ? '' : `, without ${left.join(', ')}`
  return `${markets} in ${shortHash(state.hash)}, block ${state.block.number}, ${after} after its slot${rest}`
}

function workWords(kind: EngineAction['kind'], count: number): string {
  switch (kind) {
    case 'push-prices':
      return `${count} ${count === 1 ? 'market' : 'markets'}`
    case 'settle-funding':
      return `funding of ${count} ${count === 1 ? 'market' : 'markets'}`
    case 'update-exchange-time':
      return 'the exchange’s time'
    case 'apply-interests':
      return `interest of ${count} ${count === 1 ? 'position' : 'positions'}`
    case 'liquidate':
      return `${count} ${count === 1 ? 'liquidation' : 'liquidations'}`
    case 'deleverage':
      return `${count} ${count === 1 ? 'position' : 'positions'} deleveraged`
    case 'settle-batch':
      return 'a batch settled'
    case 'tell-uptime':
      return 'a chain’s uptime told'
  }
}

/** A first look at an empty network finds twenty things; what is worth more becomes an alert with a line of its own. */
const detailLength = 160

function shortened(text: string, verbose: boolean): string {
  return verbose || text.length <= detailLength ? text : `${text.slice(0, detailLength - 1)}…`
}

function shortHash(hash: string): string {
  return hash.length > 14 ? `${hash.slice(0, 10)}…` : hash
}

/** Local time of day. */
function clockText(at: Timestamp): string {
  return new Date(at).toTimeString().slice(0, 8)
}

/** What came from outside may have lines and control characters of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
}
