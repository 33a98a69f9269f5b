import { Decimal } from '../../lib/domain/decimal.ts'
import {
  type GovernanceEvent,
  GovernanceRefusedError,
} from '../../lib/domain/parameters/governance.ts'
import type { ShadowNote } from '../../lib/domain/parameters/shadow-note.ts'
import type { HistoryEntry } from '../../lib/ports.ts'
import { underParameters } from '../../lib/runtime/parameters/parameters-of.ts'
import { feedsOf } from '../../lib/runtime/world/feeds-of.ts'
import type { Proposal } from './proposals.ts'
import { aDeployment, aPlace, type Place, playMinute } from './recorded-deployment.ts'
import type { RecordedMarket } from './recorded-network.ts'
import { reference } from './reference.ts'

/** One proposal at one moment of one recording. */
export type Scene = {
  readonly market: RecordedMarket
  readonly proposal: Proposal
  /** Of the recording: when it is proposed, and an hour later somebody wants it to become active. */
  readonly proposedAt: string
  /** Whether that is forced where its shadow run speaks against it. */
  readonly isForced: boolean
  readonly minutes: number
}

/** What came of it. Times are the recording's, in unix milliseconds. */
export type Course = {
  readonly scene: Scene
  /** When somebody wanted it to become active. */
  readonly askedAt: number
  /** What its shadow run said against it when it was to become active. */
  readonly against: string | undefined
  /** Why it did not become active. */
  readonly refused: string | undefined
  readonly events: readonly (GovernanceEvent & { readonly recordedAt: number })[]
  readonly minutes: readonly Minute[]
  readonly told: readonly Told[]
}

export type Minute = {
  readonly at: number
  /** What the network file's own set, which is the one before, makes of the quotes; undefined where it has no price. */
  readonly before: number | undefined
  /** What the new one would make of them, had it decided alone from the beginning. */
  readonly candidate: number | undefined
  /** Which of the two decided beside the other one, and did nothing. */
  readonly kind: ShadowNote['kind'] | undefined
  /** What was decided under the new set and not told. */
  readonly isWithheld: boolean
}

export type Told = {
  readonly at: number
  readonly price: number
  /** From what the set before makes of the same quotes; undefined where it makes nothing of them. */
  readonly bps: number | undefined
}

const minuteMs = 60_000
/** Prices are told before anybody proposes anything. */
const before = 10
const inShadow = 61

export async function playScene(scene: Scene): Promise<Course> {
  const { market, proposal, proposedAt, isForced } = scene
  const { from, speed } = market.play
  const place = await aPlace(market)
  const recorded = (at: number): number => from + (at - from) * speed
  const begun = from + (Date.parse(proposedAt) - from) / speed
  const start = Math.ceil(begun / minuteMs - before) * minuteMs
  const [one, other] = [aDeployment(place, 'one'), aDeployment(place, 'other')]
  const { network, quotes } = place
  const priceBefore = reference(feedsOf(network), quotes)
  const priceAlone = reference(feedsOf(underParameters(network, proposal.change)), quotes)
  const made: Map<number, Made> = new Map()
  const who = { by: 'ann', why: proposal.name }
  let against: string | undefined
  let refused: string | undefined

  for (let minute = 0; minute < scene.minutes; minute += 1) {
    const at = start + minute * minuteMs
    place.clock.set(at)
    const [round, now] = [at / minuteMs, place.clock.now()]
    made.set(round, {
      before: await priceBefore(round, now),
      candidate: await priceAlone(round, now),
    })
    await playMinute(place, at, (job, slot) =>
      job === 'oracle-1' || (job !== 'oracle-2' && slot % 2 === 0) ? one : other,
    )
    if (minute === before) {
      await place.desk.propose(proposal.change, who)
      await place.desk.shadow(who)
    }
    if (minute === before + inShadow) {
      against = await place.desk.against()
      refused = await refusal(place, { ...who, isForced })
    }
  }
  const all = await place.store.history.recent('publish-prices', 'oracle-1', scene.minutes)
  const events = await place.store.governance.events(100)
  return {
    scene,
    askedAt: recorded(start + (before + inShadow) * minuteMs),
    against,
    refused,
    events: events.toReversed().map((event) => ({ ...event, recordedAt: recorded(event.at) })),
    minutes: all.toReversed().map((entry) => minuteOf(entry, recorded, made)),
    told: toldBy(place, recorded, made),
  }
}

async function refusal(
  { desk }: Place,
  who: { readonly by: string; readonly why: string; readonly isForced: boolean },
): Promise<string | undefined> {
  try {
    await desk.activate({ ...who, inMs: 30_000 })
    return undefined
  } catch (error) {
    if (error instanceof GovernanceRefusedError) return error.message
    throw error
  }
}

type Made = { readonly before: Decimal | undefined; readonly candidate: Decimal | undefined }

function minuteOf(
  { slot, shadow }: HistoryEntry,
  recorded: (at: number) => number,
  made: ReadonlyMap<number, Made>,
): Minute {
  const note = shadow === undefined ? undefined : (JSON.parse(shadow) as ShadowNote)
  const { before: own, candidate } = made.get(slot) ?? {}
  return {
    at: recorded(slot * minuteMs),
    before: own?.toNumber(),
    candidate: candidate?.toNumber(),
    kind: note?.kind,
    isWithheld: note?.withheld !== undefined,
  }
}

/** What is in blocks, each with what the set before makes of the quotes of its round. */
function toldBy(
  { chain }: Place,
  recorded: (at: number) => number,
  made: ReadonlyMap<number, Made>,
): readonly Told[] {
  return chain.effects().map(({ data }) => {
    const [[, price, observedAt]] = JSON.parse(data.slice(data.indexOf('['))) as [
      [string, string, number],
    ]
    const round = Number(/round-(\d+)/.exec(data)?.[1])
    const own = made.get(round)?.before
    return {
      at: recorded(observedAt),
      price: Number(price),
      bps: own && new Decimal(price).div(own).sub(1).abs().mul(10_000).toNumber(),
    }
  })
}
