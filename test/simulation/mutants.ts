import type { Fee } from '../../lib/domain/fee.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import type { DroppedWork, Lane } from '../../lib/domain/lane.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import type { Chain, Engine, Leases, Store } from '../../lib/ports.ts'
import type { Mutant } from './mutant.ts'

/** Bugs that others have shipped, or that a careless change would bring: the rules must find each. */
export const mutants: readonly Mutant[] = [
  {
    name: "the lane's row is written over whatever another worker wrote",
    store: (store) => ({
      ...store,
      lanes: {
        ...store.lanes,
        async write(lane) {
          const version = ((await store.lanes.read(lane.id))?.version ?? 0) + 1
          return await store.lanes.write({ ...lane, version })
        },
      },
    }),
  },
  {
    name: 'what is signed is sent before it is stored',
    chain: (chain) => ({
      ...chain,
      async sign(account, transaction) {
        const signed = await chain.sign(account, transaction)
        await chain.broadcast(signed.bytes)
        return signed
      },
    }),
  },
  {
    name: 'each attempt of a work is a new work',
    intent: (intent, attempt) => ({ ...intent, id: `${intent.id}:${attempt}` }),
  },
  {
    name: 'a work that is there is added again',
    store: (store) => addingAgain(store),
  },
  {
    name: "a work's state is the one that a list showed",
    store: (store) => believingLists(store),
  },
  {
    name: 'a fee is raised by the smallest unit',
    chain: (chain) => ({ ...chain, bump: (fee) => plusOne(fee) }),
  },
  {
    name: 'the nonce is the one of the newest block',
    chain: (chain) => ({
      ...chain,
      async nonce(account) {
        const { latest } = await chain.nonce(account)
        return { latest, pending: latest }
      },
    }),
  },
  {
    name: 'every claim of a slot is granted',
    store: (store) => ({
      ...store,
      ticks: {
        ...store.ticks,
        async claim(...claim) {
          await store.ticks.claim(...claim)
          return true
        },
      },
    }),
  },
  {
    name: 'a final state may be left',
    store: (store) => leavingFinal(store),
  },
  {
    name: 'what a pool has counts as in a block',
    chain: (chain) => ({
      ...chain,
      async status(hash) {
        const [status, block] = await Promise.all([chain.status(hash), chain.head()])
        if (status.kind !== 'pending') return status
        return {
          kind: 'included',
          block,
          outcome: 'succeeded',
          reason: undefined,
          feePaid: 1n,
          final: false,
        }
      },
    }),
  },
  {
    name: "the exchange's own nonce is read once",
    engine: (engine) => {
      let first: bigint | undefined
      return {
        ...engine,
        async state() {
          const state = await engine.state()
          first ??= state.sequence
          return { ...state, sequence: first }
        },
      }
    },
  },
  {
    name: 'a block is final as soon as it is there',
    chain: (chain) => ({ ...chain, finalityBlocks: 0 }),
  },
  {
    name: 'nobody asks whether a block still stands',
    chain: (chain) => alwaysStanding(chain),
  },
  {
    name: 'what is sent again is signed anew',
    chain: (chain) => {
      let sent = 0
      return {
        ...chain,
        async broadcast(bytes) {
          sent += 1
          return await chain.broadcast(sent === 1 ? bytes : `${bytes} again ${sent}`)
        },
      }
    },
  },
  { name: 'nobody sweeps', noSweeper: true },
  {
    name: 'nothing is ever sent again',
    policy: { resendAfterMs: Number.MAX_SAFE_INTEGER, replaceAfterMs: Number.MAX_SAFE_INTEGER },
  },
  {
    name: 'whatever is in a block has had its effect',
    chain: (chain) => ({
      ...chain,
      async status(hash) {
        const status = await chain.status(hash)
        return status.kind === 'included' ? { ...status, outcome: 'succeeded' } : status
      },
    }),
  },
  {
    name: 'an answer that is lost is a refusal',
    lane: (world) => givingUp(failing(world)),
  },
  {
    name: 'nothing is too dear',
    feeCap: false,
  },
  {
    name: 'work may cost more than it is worth',
    lane: ({ worthOf: _none, ...world }) => world,
  },
  {
    name: 'a work that is dropped is told before the lane has dropped it',
    lane: (world) =>
      writing(world, async (row) => {
        for (const { intent, state } of row.dropped ?? [])
          await world.store.intents.move(intent, state)
        return row
      }),
  },
  {
    name: 'the posted prices are not looked at',
    engine: (engine) => ({
      ...engine,
      async state() {
        return { ...(await engine.state()), prices: {} }
      },
    }),
  },
  {
    name: 'every report is believed',
    engine: (engine) => ({ ...engine, verifyAll: async (reports) => reports.map(() => true) }),
  },
  {
    name: 'a nonce that others use is waited for for ever',
    policy: { lostAfterMs: Number.MAX_SAFE_INTEGER },
  },
  {
    name: 'nobody asks before sending whether the exchange is another lane’s by now',
    lane: (world) => believingItsLease(world),
  },
  {
    name: 'a lease never ends',
    store: (store) => ({ ...store, leases: endless(store.leases) }),
  },
  {
    name: 'a lease is given to all',
    store: (store) => ({
      ...store,
      leases: { hold: async () => 1, release: async () => undefined },
    }),
  },
  {
    name: 'an exchange is given back as soon as work for it is stored',
    lane: (world) => givingBack(world),
  },
  {
    name: 'several lanes send for an exchange as they like',
    lane: ({ leaseOf: _none, ...world }) => world,
  },
  {
    name: 'bytes that a node calls invalid free their nonce at once',
    lane: (world) => givingUp(world),
  },
  {
    name: 'a market that is left out counts as pushed',
    lane: (world) => countingAll(world),
  },
  {
    name: 'what is refused is refused whole',
    chain: (chain) => ({
      ...chain,
      async simulate(...given) {
        const simulation = await chain.simulate(...given)
        return simulation.kind === 'ok' ? simulation : { kind: 'reverted', reason: 'PAUSED' }
      },
    }),
  },
  {
    name: "the exchange's prices and its own nonce are of two blocks",
    engine: (engine) => {
      let before: Awaited<ReturnType<Engine['state']>> | undefined
      return {
        ...engine,
        async state() {
          const state = await engine.state()
          const { prices } = before ?? state
          before = state
          return { ...state, prices }
        },
      }
    },
  },
  {
    name: "a round's reports are written over",
    store: (store) => writtenOver(store),
  },
  {
    name: 'the newest prices are those that were written last',
    store: (store) => ({
      ...store,
      prices: {
        ...store.prices,
        async write(...given) {
          await store.prices.write(...given)
          return 'written'
        },
      },
    }),
  },
]

/** Takes every lease under which the lane's row has something out for one that it still has. */
function believingItsLease(world: LaneWorld): LaneWorld {
  const { lanes, leases } = world.store
  let row: Lane | undefined
  return {
    ...world,
    store: {
      ...world.store,
      lanes: {
        ...lanes,
        async read(id) {
          row = await lanes.read(id)
          return row
        },
        async write(next) {
          const answer = await lanes.write(next)
          if (answer === 'written') row = next
          return answer
        },
      },
      leases: {
        ...leases,
        async hold(wish) {
          const out = row?.inFlight.find(
            ({ lease, state }) => lease?.name === wish.name && state !== 'included',
          )
          return out?.lease ? out.lease.fence : await leases.hold(wish)
        },
      },
    },
  }
}

/** Nobody but its first owner ever has one. */
function endless(leases: Leases): Leases {
  const owners = new Map<string, string>()
  return {
    async hold(wish) {
      const owner = owners.get(wish.name) ?? wish.owner
      owners.set(wish.name, owner)
      return owner === wish.owner ? await leases.hold(wish) : undefined
    },
    release: (name, fence) => leases.release(name, fence),
  }
}

/** Whoever comes next may have the exchange before the work is in a block. */
function givingBack(world: LaneWorld): LaneWorld {
  const { lanes, leases } = world.store
  return {
    ...world,
    store: {
      ...world.store,
      lanes: {
        ...lanes,
        async write(row) {
          const answer = await lanes.write(row)
          for (const { lease } of row.inFlight)
            if (lease) await leases.release(lease.name, lease.fence)
          return answer
        },
      },
    },
  }
}

/** What the intents are told of their transactions says nothing of what those go without. */
function countingAll(world: LaneWorld): LaneWorld {
  const { intents } = world.store
  const move: typeof intents.move = (id, state) =>
    intents.move(id, state.kind === 'waiting' ? state : { ...state, left: [] })
  return { ...world, store: { ...world.store, intents: { ...intents, move } } }
}

/** Whatever goes wrong with a broadcast, the bytes were no good. */
function failing(world: LaneWorld): LaneWorld {
  const { chain } = world
  return {
    ...world,
    chain: {
      ...chain,
      async broadcast(bytes) {
        try {
          return await chain.broadcast(bytes)
        } catch {
          return { kind: 'refused', why: 'invalid', reason: 'it failed' }
        }
      },
    },
  }
}

/** As soon as a node has called its bytes invalid a transaction is out of the row, and its work has failed. */
function givingUp(world: LaneWorld): LaneWorld {
  const invalid = new Set<string>()
  const { chain } = world
  const told: LaneWorld = {
    ...world,
    chain: {
      ...chain,
      async broadcast(bytes) {
        const answer = await chain.broadcast(bytes)
        if (answer.kind === 'refused' && answer.why === 'invalid') invalid.add(bytes)
        return answer
      },
    },
  }
  return writing(told, (row) => {
    const given = row.inFlight.filter(({ attempts }) =>
      attempts.some(({ bytes }) => bytes !== undefined && invalid.has(bytes)),
    )
    if (given.length === 0) return row
    const dropped = given.flatMap(({ intents }) =>
      intents.map((intent): DroppedWork => ({
        intent,
        state: { kind: 'failed', why: 'refused', reason: 'it is invalid', hash: undefined },
      })),
    )
    return {
      ...row,
      nextNonce: Math.min(...given.map(({ nonce }) => nonce)),
      inFlight: row.inFlight.filter((one) => !given.includes(one)),
      dropped: [...(row.dropped ?? []), ...dropped],
    }
  })
}

/** The last one of a node and round wins. */
function writtenOver(store: Store): Store {
  const newest = new Map<string, readonly SignedReport[]>()
  return {
    ...store,
    reports: {
      async publish(node, round, reports) {
        newest.set(`${round} ${node}`, reports)
        return 'published'
      },
      ofRound: async (round) =>
        [...newest].flatMap(([key, reports]) => (key.startsWith(`${round} `) ? reports : [])),
    },
  }
}

/** The lane's rows are written as `change` makes them. */
function writing(world: LaneWorld, change: (row: Lane) => Lane | Promise<Lane>): LaneWorld {
  const { lanes } = world.store
  const through = { ...lanes, write: async (row: Lane) => lanes.write(await change(row)) }
  return { ...world, store: { ...world.store, lanes: through } }
}

function plusOne(fee: Fee): Fee {
  if (fee.kind === 'evm')
    return {
      ...fee,
      maxFeePerGas: fee.maxFeePerGas + 1n,
      maxPriorityFeePerGas: fee.maxPriorityFeePerGas + 1n,
    }
  if (fee.kind === 'starkex') return fee
  const { maxAmount, maxPricePerUnit } = fee.l2Gas
  return { ...fee, tip: fee.tip + 1n, l2Gas: { maxAmount, maxPricePerUnit: maxPricePerUnit + 1n } }
}

/** Its rows say of every work that it waits, so that nothing stands in the way of a move. */
function leavingFinal(store: Store): Store {
  const states = new Map<string, Intent>()
  return {
    ...store,
    intents: {
      ...store.intents,
      async add(intent) {
        const answer = await store.intents.add(intent)
        if (answer === 'added') states.set(intent.id, intent)
        return answer
      },
      async get(id) {
        return states.get(id)
      },
      async move(id, state) {
        await store.intents.move(id, state)
        const intent = states.get(id)
        if (intent) states.set(id, { ...intent, state })
        return 'moved'
      },
    },
  }
}

/** As a write without its condition: what was settled or had failed waits again. */
function addingAgain(store: Store): Store {
  const again = new Map<string, Intent>()
  return {
    ...store,
    intents: {
      ...store.intents,
      async add(intent) {
        if ((await store.intents.add(intent)) === 'already-there') again.set(intent.id, intent)
        return 'added'
      },
      get: async (id) => again.get(id) ?? (await store.intents.get(id)),
      open: async (lane) => [
        ...(await store.intents.open(lane)),
        ...[...again.values()].filter((intent) => intent.lane === lane),
      ],
      async move(id, state) {
        again.delete(id)
        return await store.intents.move(id, state)
      },
    },
  }
}

/** Reads each work as the index had it before the newest change. */
function believingLists(store: Store): Store {
  const listed = new Map<string, Intent>()
  return {
    ...store,
    intents: {
      ...store.intents,
      async open(lane) {
        const before = [...listed.values()].filter((intent) => intent.lane === lane)
        for (const intent of await store.intents.open(lane)) listed.set(intent.id, intent)
        return [...before, ...(await store.intents.open(lane))].filter(
          ({ id }, at, all) => all.findIndex((one) => one.id === id) === at,
        )
      },
      get: async (id) => listed.get(id) ?? (await store.intents.get(id)),
    },
  }
}

function alwaysStanding(chain: Chain): Chain {
  const seen = new Map<number, Awaited<ReturnType<Chain['block']>>>()
  return {
    ...chain,
    async status(hash) {
      const status = await chain.status(hash)
      if (status.kind === 'included') seen.set(status.block.number, status.block)
      return status
    },
    async block(number) {
      return seen.get(number) ?? (await chain.block(number))
    },
  }
}
