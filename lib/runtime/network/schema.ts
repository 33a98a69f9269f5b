import * as z from 'zod'

import { alerts } from './alerts.ts'
import { chains } from './chains.ts'
import { engines } from './engines.ts'
import { families, legs, markets } from './feeds.ts'
import { jobs } from './jobs.ts'
import { parameters } from './parameters.ts'
import { peers } from './peers.ts'
import { proving } from './proving.ts'
import { keyReference, secretReference } from './references.ts'
import { section } from './section.ts'
import { queue, store } from './store.ts'
import { uptimeFeeds } from './uptime-feeds.ts'
import { name, privateUrl } from './values.ts'
import { watch } from './watch-numbers.ts'
import { watched } from './watched.ts'

const venues = z
  .record(
    z.string(),
    section({
      baseUrl: privateUrl
        .optional()
        .describe("Another address of the same API. Absent: the venue's own."),
      disabled: z
        .boolean()
        .default(false)
        .describe('Not asked, as if it were in no list of sources.'),
    }),
  )
  .default({})
  .describe(
    'What is special about a venue. One that is not named here is asked at its own address.',
  )

const curveKeys = section({
  stark: secretReference.optional().describe('Signs reports for starknet-perpetual.'),
  evm: keyReference.optional().describe('Signs reports for evm-engine.'),
}).refine(({ stark, evm }) => stark ?? evm, 'expected a stark key, an evm key or both')

const oracle = section({
  name,
  keys: curveKeys,
  next: curveKeys
    .optional()
    .describe(
      'Keys that are to follow. Each takes over where an exchange has registered it, within a minute and without a round lost; then it can be moved to `keys`, and the old one be taken off the exchange.',
    ),
})

/** Everything that a deployment needs to know. Unknown keys are errors: a misspelt limit must not be ignored. */
export const networkSchema = section({
  network: name.describe('Its name, shown in alerts and on the page.'),
  store,
  queue,
  chains,
  engines,
  venues,
  markets,
  legs: legs.default({}),
  families: families.default({}),
  oracles: z
    .array(oracle)
    .default([])
    .describe('The oracle nodes that this deployment runs. A liquidator or a watcher runs none.'),
  peers,
  proving,
  watched,
  watch,
  uptimeFeeds,
  jobs,
  parameters,
  alerts: alerts.prefault({}),
}).describe(
  'A Starkeep network: chains, exchanges, markets and their sources, keys by reference, jobs and alerts.',
)

export type Network = z.output<typeof networkSchema>
export type NetworkChain = Network['chains'][string]
export type NetworkEngine = Network['engines'][string]
export type NetworkMarket = Network['markets'][keyof Network['markets']]
export type NetworkLeg = Network['legs'][keyof Network['legs']]
export type NetworkProvingLane = Network['proving'][string]
export type NetworkWatched = Network['watched'][string]
export type NetworkPeer = Network['peers'][number]
export type NetworkChannel = Network['alerts']['channels'][string]
