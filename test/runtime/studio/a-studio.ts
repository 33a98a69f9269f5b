import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { encode } from '../../../lib/domain/exact-text.ts'
import { governed } from '../../../lib/keepers/govern/governor.ts'
import type { Store } from '../../../lib/ports.ts'
import type { Network } from '../../../lib/runtime/network/schema.ts'
import { governanceDesk } from '../../../lib/runtime/parameters/desk.ts'
import { parametersHash, underParameters } from '../../../lib/runtime/parameters/parameters-of.ts'
import { studioOf } from '../../../lib/runtime/studio/studio.ts'
import { governanceRules } from '../../../lib/runtime/world/governance-rules.ts'
import { type MovedClock, movedClock } from '../../keepers/lane/lane-in-memory.ts'
import { aNetwork } from '../a-network.ts'

export const who = { by: 'ann', why: 'fewer pushes' }

/** What is proposed unless a test says otherwise. */
export const proposal = { 'markets.BTC-USD.push.deviationBps': 25 }

/** A minute in shadow, ten seconds' notice, two minutes on probation; nobody approves. */
export function aGovernedNetwork(): Network {
  const network = aNetwork()
  return {
    ...network,
    parameters: {
      ...network.parameters,
      shadowSeconds: 60,
      leadSeconds: 10,
      probationSeconds: 120,
      emergencySeconds: 600,
    },
  }
}

type Noted = {
  /** The prices of BTC-USD under each of the two; a word is why there is none. */
  readonly own: string
  readonly other: string
  readonly kind?: 'candidate' | 'previous'
  readonly withheld?: string
}

/** A network in memory whose history a test writes itself. */
export function aStudio({
  clock = movedClock(),
  network = aGovernedNetwork(),
}: { readonly clock?: MovedClock; readonly network?: Network } = {}) {
  const store: Store = memoryStore({ clock })
  const known = { venueNames: ['coinbase', 'kraken', 'bitstamp', 'okx'] }
  const desk = governanceDesk({ network, known, clock, store })
  const own = parametersHash(network)
  const proposed = parametersHash(underParameters(network, proposal))
  const slotNow = () => Math.floor(clock.now() / 10_000)
  return {
    network,
    store,
    clock,
    desk,
    own,
    proposed,
    studio: studioOf({ network, store, clock }),

    /** A round that both sets decided, and ten seconds pass. */
    async round({ own: price, other, kind = 'candidate', withheld }: Noted): Promise<void> {
      const sets = kind === 'candidate' ? [own, proposed] : [proposed, own]
      const [parameters = '', beside = ''] = sets
      const slot = slotNow()
      const note = {
        kind,
        parameters: beside,
        ownMs: 4,
        shadowMs: 1,
        isSame: price === other,
        ...(withheld !== undefined && { withheld }),
        prices: {
          same: price === other ? 2 : 1,
          apart:
            price === other ? [] : [{ feed: 'BTC-USD', own: noted(price), shadow: noted(other) }],
          without: { own: 0, shadow: 0 },
        },
      }
      const outcome = { kind: 'done', reason: 'published', detail: '' }
      const feeds = [feed('BTC-USD', price), feed('ETH-USD', '2500')]
      const head = { keeper: 'publish-prices', subject: 'oracle-1', slot, at: clock.now() }
      await store.history.record({
        ...head,
        view: '{}',
        decided: JSON.stringify({ outcome, feeds }),
        parameters,
        shadow: JSON.stringify(note),
      })
      clock.pass(10_000)
    },

    /** What could be told the exchange, in the slot after a round. */
    async offer(price: string): Promise<void> {
      await store.history.record({
        keeper: 'push-prices',
        subject: 'evm',
        slot: slotNow(),
        at: clock.now(),
        view: '{}',
        decided: JSON.stringify({
          outcome: { kind: 'done', reason: 'pushed', detail: '' },
          offered: [['BTC-USD', price, clock.now()]],
        }),
        parameters: own,
        shadow: JSON.stringify({ kind: 'candidate', parameters: proposed, ownMs: 1, shadowMs: 1 }),
      })
    },

    /** Through shadow until it is active, as soon as the rules let it. */
    async activated(): Promise<void> {
      await desk.propose(proposal, who)
      await desk.shadow(who)
      clock.pass(60_000)
      await desk.activate({ ...who, inMs: 10_000, isForced: true })
      clock.pass(10_000)
    },

    /** A guard takes the first set back. */
    async takenBack(why: string): Promise<void> {
      const world = { clock, store, rules: governanceRules(network) }
      await governed(world, () => ({ kind: 'roll-back', by: 'guard', why, of: 1 }))
    },
  }
}

export type AStudio = ReturnType<typeof aStudio>

function noted(price: string) {
  return isPrice(price) ? { kind: 'price', price } : { kind: 'none', reason: price }
}

function feed(name: string, price: string) {
  return {
    feed: name,
    role: 'market',
    outcome: isPrice(price) ? { kind: 'price', price } : { kind: 'refused', reason: price },
    sources: [],
  }
}

function isPrice(text: string): boolean {
  return /^\d/.test(text)
}

/** A decision as history keeps it. */
export function keptDecision(decision: {
  readonly kind?: string
  readonly recorded?: unknown
  readonly actions?: readonly unknown[]
}): string {
  const { kind = 'done', recorded = {}, actions = [] } = decision
  return encode({ actions, outcome: { kind, reason: 'so', detail: '' }, recorded })
}
