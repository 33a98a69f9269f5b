import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import {
  activeAt,
  type Governance,
  GovernanceRefusedError,
  rollBackLeadMs,
  ungoverned,
} from '../../../lib/domain/parameters/governance.ts'
import type { SetReference } from '../../../lib/domain/parameters/parameter-set.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { GovernanceBusyError } from '../../../lib/keepers/govern/governor.ts'
import { guarded } from '../../../lib/keepers/govern/guarded.ts'
import type { Store } from '../../../lib/ports.ts'
import type { Network } from '../../../lib/runtime/network/schema.ts'
import {
  governanceDesk,
  ProposalError,
  WrongApproverError,
} from '../../../lib/runtime/parameters/desk.ts'
import { setOf } from '../../../lib/runtime/parameters/parameters-of.ts'
import { setsInUse } from '../../../lib/runtime/parameters/sets-in-use.ts'
import { governanceRules } from '../../../lib/runtime/world/governance-rules.ts'
import { emulator, noEmulator } from '../../adapters/store/emulator.ts'
import { type Fate, KilledError, mortalStore } from '../../parameters/mortal-store.ts'
import { aNetwork } from '../../runtime/a-network.ts'
import { keyOf } from '../../runtime/parameters/approver-keys.ts'
import { type MovedClock, movedClock } from '../lane/lane-in-memory.ts'

const people = ['ann', 'ben', 'cleo'] as const
type Person = (typeof people)[number]

const keys = Object.fromEntries(people.map((name) => [name, keyOf(name)])) as Record<
  Person,
  ReturnType<typeof keyOf>
>
const venueNames = ['coinbase', 'kraken', 'bitstamp', 'okx']

/** Two of three must approve; each phase takes some time. */
const unguarded: Network = {
  ...aNetwork(),
  parameters: {
    ...aNetwork().parameters,
    shadowSeconds: 60,
    leadSeconds: 10,
    probationSeconds: 120,
    emergencySeconds: 600,
    approvals: 2,
    approvers: Object.fromEntries(people.map((name) => [name, keys[name].address])),
  },
}
const guardedToo: Network = {
  ...unguarded,
  jobs: { ...unguarded.jobs, govern: { everySeconds: 5, offsetMs: 0 } },
}
/** The same of both, but for who ends a probation. */
const rules = governanceRules(unguarded)

const places = [
  ['markets.BTC-USD.push.deviationBps', [0.5, 10, 20, 40, 10_000]],
  ['markets.BTC-USD.minSources', [2, 3, 4]],
  ['legs.USDT-USD.haltBelow', ['0.85', '0.95', '0.99']],
] as const
/** None of these may ever become a set. */
const badValues = [
  ['markets.BTC-USD.push.deviationBps', 0],
  ['markets.BTC-USD.push.deviationBps', 10_001],
  ['markets.BTC-USD.minSources', 1],
  ['markets.BTC-USD.minSources', 5],
  ['markets.BTC-USD.push.heartbeatSeconds', 600],
  ['legs.USDT-USD.haltBelow', 'much'],
  ['chains.l1.chainId', 1],
  ['markets.DOGE-USD.minSources', 3],
] as const

const change = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...places)
      .chain(([path, values]) =>
        fc.constantFrom(...values).map((value): readonly [string, unknown] => [path, value]),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<readonly (readonly [string, unknown])[]>(...badValues.map((one) => [one]))
      .map(([one]) => one ?? ['', 0]),
  },
)

const attempts = fc.array(
  fc.record({
    passMs: fc.oneof(fc.nat(2_000), fc.nat(90_000)),
    /** Instead, until so long before what comes next, where something does. */
    beforeNextMs: fc.oneof(fc.constant(undefined), fc.nat(1_500)),
    kind: fc.constantFrom(
      'onward',
      'onward',
      'onward',
      'onward',
      'onward',
      'onward',
      'propose',
      'shadow',
      'approve',
      'activate',
      'withdraw',
      'roll-back',
      'emergency',
      'guard',
      'confirm',
      'prolong',
      'prolong',
    ),
    by: fc.constantFrom(...people),
    /** Whose key it is signed with. */
    signer: fc.constantFrom(...people),
    change,
    inMs: fc.nat(60_000),
    isForced: fc.boolean(),
    /** At which of its calls the process dies, and how; most do not. */
    diesAt: fc.oneof(fc.constant(99), fc.nat(8)),
    fate: fc.constantFrom<Fate[]>('dies-before', 'dies-after'),
  }),
  { minLength: 1, maxLength: 60 },
)

type Story = { readonly network: Network; readonly all: readonly Attempt[] }

const stories: fc.Arbitrary<Story> = fc.record({
  network: fc.constantFrom(unguarded, guardedToo),
  all: attempts,
})

type Attempt = typeof attempts extends fc.Arbitrary<readonly (infer One)[]> ? One : never

/** What was written, and when. */
type Written = { readonly at: number; readonly state: Governance }

/** Two at once, each a process of its own that may die at any of its calls. */
async function played(
  clock: MovedClock,
  shared: Store,
  { network, all }: Story,
): Promise<readonly Written[]> {
  const written: Written[] = [{ at: clock.now(), state: ungoverned }]
  const { governance } = shared
  const noted: Store = {
    ...shared,
    governance: {
      ...governance,
      read: async () => governance.read(),
      async write(next, before) {
        const at = clock.now()
        const answer = await governance.write(next, before)
        if (answer === 'written') written.push({ at, state: next })
        return answer
      },
    },
  }
  for (let index = 0; index < all.length; index += 2) {
    const pair = all.slice(index, index + 2)
    const { passMs = 0, beforeNextMs = Infinity } = pair[0] ?? {}
    const next = (await governance.read())?.next
    const shortlyMs = (next?.from ?? -Infinity) - beforeNextMs - clock.now()
    clock.pass(shortlyMs > 0 ? shortlyMs : passMs)
    await Promise.all(pair.map(async (one) => attempted({ clock, network }, noted, one)))
  }
  // Which answer comes first is not which step came first.
  return written.toSorted((one, other) => one.state.version - other.state.version)
}

async function attempted(
  { clock, network }: { readonly clock: MovedClock; readonly network: Network },
  shared: Store,
  one: Attempt,
): Promise<void> {
  let calls = 0
  const { store } = mortalStore(shared, () => {
    calls += 1
    return calls === one.diesAt ? one.fate : 'made'
  })
  const desk = governanceDesk({ network, known: { venueNames }, clock, store })
  const { by } = one
  const who = { by, why: 'because' }
  const [path, value] = one.change
  try {
    const stands = (await store.governance.read()) ?? ungoverned
    const isOnward = one.kind === 'onward'
    const kind = one.kind === 'onward' ? onwardFrom(stands, clock.now()) : one.kind
    const of = stands.active?.number ?? 0
    const world = { clock, store, rules: governanceRules(network) }
    switch (kind) {
      case 'propose':
        await desk.propose({ [path]: value }, who)
        return
      case 'shadow':
        await desk.shadow(who)
        return
      case 'approve':
        await desk.approve({ ...who, key: keys[isOnward ? by : one.signer] })
        return
      case 'activate':
        await desk.activate({
          ...who,
          inMs: isOnward ? rules.leadMs + one.inMs : one.inMs,
          isForced: isOnward || one.isForced,
        })
        return
      case 'withdraw':
        await desk.withdraw(who)
        return
      case 'roll-back': {
        const { active } = await desk.standing()
        await desk.rollBack({ ...who, of: active?.number ?? 0 })
        return
      }
      case 'emergency':
        await desk.emergency({ [path]: value }, { ...who, forMs: one.inMs * 10 })
        return
      case 'guard':
        await guarded(world, { kind: 'take-back', of, why: 'bad numbers' })
        return
      case 'confirm':
        await guarded(world, { kind: 'confirm', of })
        return
      case 'prolong': {
        const from = timestamp(clock.now() - one.inMs)
        await guarded(world, { kind: 'prolong', of, from, why: 'nobody looked' })
      }
    }
  } catch (error) {
    const isExpected =
      error instanceof KilledError ||
      // A guard asks for nothing that does not fit.
      (error instanceof GovernanceRefusedError && !guards.has(one.kind)) ||
      error instanceof GovernanceBusyError ||
      error instanceof ProposalError ||
      error instanceof WrongApproverError
    if (!isExpected) throw error
  }
}

const guards: ReadonlySet<string> = new Set(['guard', 'confirm', 'prolong'])

/** What somebody does who wants to see a set active. */
function onwardFrom(
  { candidate, probation }: Governance,
  now: number,
): 'propose' | 'shadow' | 'approve' | 'activate' | 'confirm' {
  if (probation && probation.until <= now) return 'confirm'
  if (!candidate) return 'propose'
  if (candidate.shadowSince === undefined) return 'shadow'
  return candidate.approvals.length < rules.approvals ? 'approve' : 'activate'
}

/** That no two readers ever take another set to be the active one at a moment, whichever of the states they have read. */
function expectOneActive(written: readonly Written[]): void {
  for (const [index, { at, state }] of written.entries()) {
    const before = written[index - 1]?.state
    if (!before) continue
    for (const ms of [-60_000, -1, 0, rollBackLeadMs - 1]) {
      const moment = timestamp(at + ms)
      expect(activeAt(state, moment)).toEqual(activeAt(before, moment))
    }
  }
}

/** By our own account of the steps: who has signed what, and what was in shadow for long enough. */
function expectAllowed(written: readonly Written[]): void {
  const since = new Map<string, number>()
  const signed = new Map<string, Set<string>>()
  const allowed = new Set<string>()
  for (const { state } of written) {
    const { event } = state
    const name = nameOf(event.set)
    if (event.kind === 'shadow') since.set(name, event.at)
    if (event.kind === 'approve') signed.set(name, (signed.get(name) ?? new Set()).add(event.by))
    const isLong = event.at - (since.get(name) ?? Infinity) >= rules.minShadowMs
    if (event.kind === 'activate' && isLong && (signed.get(name)?.size ?? 0) >= 2) allowed.add(name)
    if (event.kind === 'emergency') allowed.add(name)
    for (const { set } of state.timeline) if (set) expect([...allowed]).toContain(nameOf(set))
  }
}

function nameOf(set: SetReference | undefined): string {
  return set ? `${set.number} ${set.hash}` : 'own'
}

/** Each set that ever decides is there, is what its hash says, and nothing in it is out of bounds. */
async function expectInBounds(store: Store, written: readonly Written[]): Promise<void> {
  const own = setOf(unguarded)
  const sets = written.flatMap(({ state }) => state.timeline.flatMap(({ set }) => set ?? []))
  for (const hash of new Set(sets.map((one) => one.hash))) {
    const kept = await store.governance.set(hash)
    expect(kept?.hash).toBe(hash)
    expect(setOf(unguarded, kept?.values).hash).toBe(hash)
    const good = Object.fromEntries<readonly unknown[]>(places)
    const { values = {} } = kept ?? {}
    expect(Object.keys(values)).toEqual(Object.keys(own.values))
    for (const [path, value] of Object.entries(values))
      expect([own.values[path], ...(good[path] ?? [])]).toContainEqual(value)
  }
}

/** What is active after each step is what was so before the last activation, where that was taken back. */
function expectExactReturns(written: readonly Written[]): void {
  const before: (SetReference | undefined)[] = []
  let active: SetReference | undefined
  for (const { state } of written) {
    if (state.event.kind === 'activated') {
      before.push(active)
      active = state.event.set
    }
    if (state.event.kind === 'rolled-back') active = before.pop()
    expect(nameOf(state.active)).toBe(nameOf(active))
  }
}

/** Against whatever decides until it begins, also by a step of the same second. */
async function expectSaferEmergencies(store: Store, written: readonly Written[]): Promise<void> {
  const own = setOf(unguarded).values
  const valuesOf = async (set: SetReference | undefined) =>
    set ? ((await store.governance.set(set.hash))?.values ?? {}) : own
  for (const [index, { state }] of written.entries()) {
    const before = written[index - 1]?.state
    const { kind, set, from } = state.event
    if (kind !== 'emergency' || !before || from === undefined) continue
    const [one, other] = [
      await valuesOf(activeAt(before, timestamp(from - 1))),
      await valuesOf(set),
    ]
    for (const [path, value] of Object.entries(other)) {
      const [was, is] = [one[path], value]
      if (was === is || JSON.stringify(was) === JSON.stringify(is)) continue
      const isLower = Number(is) < Number(was)
      expect([path, isLower]).toEqual([path, path.endsWith('.deviationBps')])
    }
  }
}

/** By our own account: since when it was on probation, and that an emergency set's time does not count. */
function expectWholeProbations({ network }: Story, written: readonly Written[]): void {
  const isGuarded = network === guardedToo
  let since = 0
  let instead = 0
  let isProlonged = false
  let emergencyAt: number | undefined
  for (const { state } of written) {
    const { event, probation } = state
    if (event.kind === 'activated') [since, instead, isProlonged] = [event.at, 0, false]
    if (event.kind === 'prolong') [since, isProlonged] = [probation?.from ?? 0, true]
    if (event.kind === 'emergency') emergencyAt ??= event.from
    if (!state.emergency && emergencyAt !== undefined) {
      instead += Math.max(0, event.at - Math.max(since, emergencyAt))
      emergencyAt = undefined
    }
    if (event.kind !== 'confirmed') continue
    expect(event.by).toBe(isGuarded ? 'guard' : 'time')
    expect(event.at - since).toBeGreaterThanOrEqual(rules.probationMs)
    // By a guard it may be longer, never by time alone.
    if (!isGuarded && !isProlonged)
      expect(event.at - since - instead).toBeLessThanOrEqual(rules.probationMs)
  }
}

async function expectEveryStepKept(store: Store, written: readonly Written[]): Promise<void> {
  const events = await store.governance.events(1_000)
  const steps = written.slice(1).map(({ state }) => state.event)
  expect(events.toReversed()).toEqual(steps)
  expect(steps.map(({ version }) => version)).toEqual(steps.map((_, index) => index + 1))
  for (const { by, why } of steps) expect([by, why].includes('')).toBe(false)
}

async function expectLaws(
  clock: MovedClock,
  store: Store,
  story: Story,
): Promise<readonly Written[]> {
  const written = await played(clock, store, story)
  expectOneActive(written)
  expectAllowed(written)
  await expectInBounds(store, written)
  expectExactReturns(written)
  await expectSaferEmergencies(store, written)
  await expectEveryStepKept(store, written)
  expectWholeProbations(story, written)
  // Two processes that never met agree on what holds.
  const moment = clock.now()
  const [one, other] = await Promise.all([
    setsInUse(unguarded, store).at(moment),
    setsInUse(unguarded, store).at(moment),
  ])
  expect(one).toEqual(other)
  return written
}

describe('two operators at once, whose processes die at any call', () => {
  test('never leave two active sets, one that nobody approved, or one out of bounds; and no step is lost', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const clock = movedClock()
        const written = await expectLaws(clock, memoryStore({ clock }), story)
        for (const { state } of written) seen.add(state.event.kind)
      }),
      { numRuns: 250, endOnFailure: true },
    )
    // Nothing is held by not coming to pass.
    for (const kind of [
      'activated',
      'rolled-back',
      'confirmed',
      'expired',
      'roll-back',
      'prolong',
    ] as const)
      expect(seen).toContain(kind)
  }, 120_000)
})

describe.skipIf(noEmulator)('with the table of the cloud', () => {
  const local = emulator()
  test('nothing of it is otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const clock = movedClock()
        const written = await expectLaws(clock, await local.freshStore(clock), story)
        expect(written[0]?.state).toBe(ungoverned)
      }),
      { numRuns: 8, endOnFailure: true },
    )
  }, 120_000)
})
