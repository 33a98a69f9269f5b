import { outsideBps } from './judge-scenario.ts'
import type { Loaded, Moment } from './load-recording.ts'
import type { Recording } from './recordings.ts'
import type { Answer, Rule } from './rule.ts'

/** How one rule does through one recording. Only moments in which sound venues agree are judged. */
export type Measure = {
  readonly rule: string
  readonly judgedMs: number
  /** The furthest that a price of it was outside of all that sound venues said, and when. */
  readonly worst: { readonly bps: number; readonly at: number }
  /** It gave a price, and that was further outside than the recording allows. */
  readonly wrongMs: number
  /** It gave none. */
  readonly silentMs: number
  /** By its own words: how long it said nothing, and how long of it the plain median would have been wrong. */
  readonly silentFor: Readonly<Record<string, number>>
  readonly moves: {
    readonly all: number
    readonly followed: number
    /** Of those that it followed, from the venues' move to its own. */
    readonly meanLagMs: number
  }
}

type Limits = Pick<Recording, 'wrongBps' | 'moveBps' | 'followWithinMs'>

/** Plays a recording to all rules at once. */
export function measureAll(
  rules: readonly Rule[],
  { setup, moments }: Loaded,
  limits: Limits,
): readonly Measure[] {
  const players = rules.map((rule) => startPlayer(rule, setup.everyMs, limits))
  const moves = watchMoves(limits.moveBps)
  let next = rules.map((rule) => rule.begin(setup))
  let before: number | undefined
  for (const moment of moments) {
    const { now } = moment.round
    // Another crash, years later: nobody remembers anything.
    if (before !== undefined && now - before > 10 * setup.everyMs) {
      next = rules.map((rule) => rule.begin(setup))
      moves.forget()
      for (const player of players) player.forget()
    }
    before = now
    const move = moves.see(moment)
    for (const [index, player] of players.entries()) {
      const answer = next[index]?.(moment.round)
      if (answer) player.see(moment, answer, move)
    }
  }
  return players.map((player) => player.measure())
}

/** The market went from one price to another. */
type Move = { readonly from: number; readonly to: number; readonly at: number }

/** Each time that the venues' consensus has gone so far from where the move before it ended. */
function watchMoves(moveBps: number) {
  let from: number | undefined
  return {
    see({ round, truth }: Moment): Move | undefined {
      if (!truth) return undefined
      from ??= truth.middle
      if ((Math.abs(truth.middle - from) / from) * 10_000 < moveBps) return undefined
      const move = { from, to: truth.middle, at: round.now }
      from = truth.middle
      return move
    },
    forget: () => {
      from = undefined
    },
  }
}

function startPlayer(rule: Rule, everyMs: number, { wrongBps, followWithinMs }: Limits) {
  let [judgedMs, wrongMs, silentMs, all, followed, lagMs] = [0, 0, 0, 0, 0, 0]
  let worst = { bps: 0, at: 0 }
  let last: number | undefined
  let open: readonly Move[] = []
  const silentFor: Record<string, number> = {}

  function judge({ round, truth }: Moment, answer: Answer): void {
    if (!truth) return
    judgedMs += everyMs
    if (answer.kind === 'none') {
      silentMs += everyMs
      silentFor[answer.why] = (silentFor[answer.why] ?? 0) + everyMs
      return
    }
    const bps = outsideBps(answer.price, truth.low, truth.high)
    if (bps > worst.bps) worst = { bps, at: round.now }
    if (bps > wrongBps) wrongMs += everyMs
  }

  function follow(now: number): void {
    open = open.filter((move) => {
      if (now - move.at > followWithinMs) return false
      if (last === undefined || !hasFollowed(last, move)) return true
      followed += 1
      lagMs += now - move.at
      return false
    })
  }

  return {
    see(moment: Moment, answer: Answer, move: Move | undefined): void {
      judge(moment, answer)
      if (answer.kind === 'price') last = answer.price
      if (move) all += 1
      if (move) open = [...open, move]
      follow(moment.round.now)
    },
    forget(): void {
      last = undefined
      open = []
    },
    measure: (): Measure => ({
      rule: rule.name,
      judgedMs,
      worst,
      wrongMs,
      silentMs,
      silentFor,
      moves: { all, followed, meanLagMs: followed === 0 ? 0 : lagMs / followed },
    }),
  }
}

/** Whoever looks at the last price that the rule gave sees at least half of the move. */
function hasFollowed(last: number, { from, to }: Move): boolean {
  const half = (from + to) / 2
  return to > from ? last >= half : last <= half
}
