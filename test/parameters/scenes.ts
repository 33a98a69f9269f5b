import type { Scene } from './play-scene.ts'
import {
  fewerPushes,
  oneExchange,
  tooRarely,
  tooWide,
  withoutBitstamp,
  withoutLeg,
} from './proposals.ts'
import { crash, depeg } from './recorded-network.ts'

const isForced = true

/** Proposed so that the bad hour falls into the shadow run: nobody forces anything. */
export const caught: readonly Scene[] = [
  { market: depeg, proposal: tooWide, proposedAt: '2023-03-11T01:25Z' },
  { market: depeg, proposal: oneExchange, proposedAt: '2023-03-10T21:00Z' },
  { market: depeg, proposal: withoutLeg, proposedAt: '2023-03-11T01:30Z' },
  { market: crash, proposal: withoutBitstamp, proposedAt: '2020-03-10T15:30Z' },
  { market: crash, proposal: tooRarely, proposedAt: '2020-03-10T15:30Z' },
].map((scene) => ({ ...scene, isForced: false, minutes: 75 }))

/** Proposed so that it becomes active just before the bad hour. */
export const takenBack: readonly Scene[] = [
  { market: depeg, proposal: tooWide, proposedAt: '2023-03-11T01:00Z', isForced, minutes: 100 },
  { market: depeg, proposal: oneExchange, proposedAt: '2023-03-10T21:00Z', isForced, minutes: 100 },
  { market: depeg, proposal: withoutLeg, proposedAt: '2023-03-11T01:30Z', isForced, minutes: 100 },
  { market: depeg, proposal: withoutLeg, proposedAt: '2023-03-11T01:50Z', isForced, minutes: 140 },
  { market: crash, proposal: tooWide, proposedAt: '2020-03-09T21:30Z', isForced, minutes: 100 },
  {
    market: crash,
    proposal: withoutBitstamp,
    proposedAt: '2020-03-09T21:30Z',
    isForced,
    minutes: 100,
  },
  { market: crash, proposal: tooRarely, proposedAt: '2020-03-09T21:30Z', isForced, minutes: 100 },
]

/** In the same hours. */
export const good: readonly Scene[] = [
  { market: depeg, proposal: fewerPushes, proposedAt: '2023-03-11T01:00Z' },
  { market: crash, proposal: fewerPushes, proposedAt: '2020-03-09T21:30Z' },
].map((scene) => ({ ...scene, isForced: false, minutes: 140 }))
