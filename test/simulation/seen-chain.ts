import { agreeOnHead } from '../../lib/adapters/chains/agree-on-head.ts'
import { ChainUnavailableError } from '../../lib/adapters/chains/errors.ts'
import { FeeCapError } from '../../lib/domain/fee.ts'
import type { ReportSignature } from '../../lib/domain/report.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Block, BroadcastAnswer, TransactionStatus } from '../../lib/domain/transaction.ts'
import type { Chain, Engine } from '../../lib/ports.ts'
import type { AwaitedCall, Manner, Process, Simulation } from './calls.ts'
import type { ChainTruth, Landed, Ledger, TrueBlock } from './chain-truth.ts'
import { bumped, feeCapOf, marketAt, mostOf } from './fees.ts'
import { markets } from './markets.ts'
import { bearsLiar, oneMayAnswer } from './plan.ts'
import { pricePush } from './price-push.ts'
import type { Rules } from './rules.ts'
import type { Held } from './seen-store.ts'
import { accounts, type Registry } from './transactions.ts'

/** How many blocks a node that lags is behind. */
function behindBy({ fault, size }: Manner): number {
  return fault === 'lag' ? 1 + Math.floor(size * 4) : 0
}

export type SeenChain = {
  readonly sim: Simulation
  readonly process: Process
  readonly truth: ChainTruth
  readonly registry: Registry
  readonly rules: Rules
  readonly anyFee: boolean
  readonly table: number
  /** What the process was told of the leases. */
  readonly held: Held
}

/** The chain as one process's nodes show it. */
export function seenChain(of: SeenChain): Chain {
  const { process, truth, registry, rules, table } = of
  const { signed } = truth
  const name = truth.kind
  const blockSeconds = Math.ceil(truth.plan.blockMs / 1000)
  const told = accounts.map(() => ({ latest: 0, at: 0, free: [] as number[] }))
  let floor: Block | undefined

  function node<T>(what: string, act: AwaitedCall<T>['act']): Promise<T> {
    return process.call({ kind: 'node', name: what, to: name, act })
  }

  /** Every node said that others have it, and nothing of ours was signed there. */
  function checkFree(account: number, nonce: number): void {
    const free = told[account]?.free ?? []
    const key = `${table} ${account}/${nonce}`
    if (!signed.has(key) && free.length > 0 && free.every((one) => one > nonce))
      rules.broken('a nonce that was taken', `${name}: ${nonce}, where ${free.join()} are free`)
    signed.add(key)
  }

  /** One node lies, and the others answer in time or do not: what is left of it when they have agreed. */
  function headBeside(lie: Block, others: number): Block {
    const { nodes } = truth.plan
    const honest = Array.from({ length: others }, () => ({ node: 'honest', head: truth.tip(0) }))
    const { head } = agreeOnHead({
      seen: [{ node: 'liar', head: lie }, ...honest],
      floor,
      nodes,
      now: timestamp(process.now()),
      blockSeconds,
    })
    if (!head) throw new ChainUnavailableError(name, 'head', [])
    return head
  }

  return {
    name,
    kind: name,
    blockSeconds,
    finalityBlocks: truth.plan.finalityBlocks,
    check: async () => [],
    nodes: () => [],
    balance: async () => 10n ** 18n,

    head: () =>
      node('head', (manner) => {
        const { fault, size } = manner
        const tip = truth.tip(behindBy(manner))
        const lies = fault === 'lie' && bearsLiar(truth.plan, of.sim.plan)
        const alone = oneMayAnswer(of.sim.plan) && Math.floor(size * 1_000) % 2 === 0
        const others = alone ? 0 : truth.plan.nodes - 1
        const head = lies ? headBeside(aFalseHead(truth, size, process.now()), others) : tip
        floor = blockOf(head)
        return floor
      }),

    block: (number) =>
      node(`block ${number}`, (manner) => {
        const block = truth.blockAt(number, behindBy(manner))
        return block && blockOf(block)
      }),

    nonce: (account) =>
      node('nonce', (manner) => {
        const own = accounts.findIndex((one) => one === account)
        const mine = told[own]
        if (!mine) throw new RangeError(`${account} sends nothing here`)
        const behind = behindBy(manner)
        const tip = truth.tip(behind)
        const nonce = tip.nonces[own] ?? 0
        // The port never takes one node's word for a nonce that is lower than one that it told before.
        const past = nonce < mine.latest && tip.number < mine.at
        mine.latest = past ? (truth.tip(0).nonces[own] ?? 0) : nonce
        mine.at = past ? truth.tip(0).number : tip.number
        const pending = behind > 0 ? mine.latest : truth.pendingNonce(own)
        const lied = manner.fault === 'lie' ? 1 + Math.floor(manner.size * 2) : 0
        const free = Math.max(mine.latest, pending) + lied
        mine.free.push(free)
        if (mine.free.length > 8) mine.free.shift()
        return { latest: mine.latest, pending: free }
      }),

    simulate: (_account, calls) =>
      node('simulate', (manner) => {
        const behind = behindBy(manner)
        const counts = behind === 0 && truth.plan.countsPool
        const ledger = counts ? truth.pendingLedger() : truth.tip(behind).ledger
        const { reason } = truth.execute(ledger, {
          pushes: calls.flatMap((call) => registry.pushOf(call)),
        })
        if (reason !== undefined) return { kind: 'reverted', reason }
        return { kind: 'ok', fee: marketAt(name, truth.price) }
      }),

    sign: (address, { calls, nonce, fee }) =>
      process.call({
        kind: 'read',
        name: `sign at ${nonce}`,
        to: 'keys',
        act() {
          const [most, cap] = [mostOf(fee), feeCapOf(name)]
          if (!of.anyFee && most > cap) throw new FeeCapError(name, most, cap)
          const account = accounts.findIndex((one) => one === address)
          checkFree(account, nonce)
          const { hash, bytes } = registry.sign(table, { chain: name, account, calls, nonce, fee })
          return { hash, bytes, fee }
        },
      }),

    broadcast(bytes) {
      rules.sending({ chain: name, table, bytes, held: of.held, now: process.now() })
      return process.call({
        kind: 'send',
        name: `send ${bytes}`,
        to: name,
        act({ fault, size }): BroadcastAnswer {
          rules.sent(name, bytes)
          const lie = fault === 'lie' ? lieAt(size) : truth.slander
          // A node that takes it and forgets it.
          if (lie === 'forgets') return { kind: 'accepted' }
          if (lie === 'not-taken') return calledInvalid
          const transaction = registry.byBytes(bytes)
          if (!transaction) return { kind: 'refused', why: 'invalid', reason: 'nobody signed it' }
          const refused = truth.offer(transaction)
          if (lie === 'taken') return calledInvalid
          if (refused === undefined) return { kind: 'accepted' }
          if (refused === 'known') return { kind: 'known' }
          return { kind: 'refused', why: refused, reason: `the pool says ${refused}` }
        },
      })
    },

    status: (hash) =>
      node(`status ${hash}`, (manner) => {
        if (manner.fault === 'lie') return aLie(truth, hash, manner.size)
        const behind = behindBy(manner)
        const found = truth.find(hash)
        if (found && truth.blockAt(found.block.number, behind)) return includedIn(found)
        if (behind > 0) return { kind: 'unknown' }
        return { kind: found || truth.inPool(hash) ? 'pending' : 'unknown' }
      }),

    bump: bumped,
    mostOf,
  }
}

/** What a node says of good bytes that it has, or has not. */
const calledInvalid = { kind: 'refused', why: 'invalid', reason: 'the nonce is -1' } as const

function lieAt(size: number): 'forgets' | 'taken' | 'not-taken' {
  if (size < 0.4) return 'forgets'
  return size < 0.7 ? 'taken' : 'not-taken'
}

/** A block of the past, or one that is far from being made. */
function aFalseHead(truth: ChainTruth, size: number, now: number): Block {
  if (size < 0.4) return blockOf(truth.tip(5 + Math.floor(size * 60)))
  const number = truth.tip(0).number + 1 + Math.floor((size - 0.4) * 200)
  return { number, hash: `0xe${number}`, time: timestamp(Math.floor(now / 1000) * 1000) }
}

/** A node on a branch of its own has it in a block that the others have not; another one says that it waits. */
function aLie(truth: ChainTruth, hash: string, size: number): TransactionStatus {
  if (truth.find(hash) || size < 0.3) return { kind: 'pending' }
  const { number, time } = truth.tip(Math.floor(size * 3))
  return {
    kind: 'included',
    block: { number, hash: `0xf${number}`, time },
    outcome: size < 0.8 ? 'succeeded' : 'reverted',
    reason: undefined,
    feePaid: 1n,
    final: false,
  }
}

function includedIn(found: {
  readonly block: TrueBlock
  readonly landed: Landed
}): TransactionStatus {
  const { reason } = found.landed
  return {
    kind: 'included',
    block: blockOf(found.block),
    outcome: reason === undefined ? 'succeeded' : 'reverted',
    reason,
    feePaid: 1n,
    final: false,
  }
}

function blockOf({ number, hash, time }: Block): Block {
  return { number, hash, time }
}

/** What a process was told of the posted prices, the last few times. */
export type Told = Ledger['prices'][]

/** The exchange on a chain as one process sees it: named like its chain. */
export function seenEngine({
  process,
  truth,
  registry,
  table,
  told,
  signatureOf,
}: SeenChain & {
  readonly told: Told
  readonly signatureOf: (node: string, round: number) => ReportSignature
}): Engine {
  const name = truth.kind
  const listed = markets.slice(0, truth.plan.markets)
  const quorum = Object.fromEntries(listed.map((market) => [market, 2]))
  return {
    name,
    chain: name,
    account: accounts[0],
    markets: listed,
    check: async () => [],
    state: () =>
      process.call({
        kind: 'node',
        name: 'state',
        to: name,
        act(manner) {
          const tip = truth.tip(behindBy(manner))
          told.push(tip.ledger.prices)
          if (told.length > 6) told.shift()
          return {
            block: blockOf(tip),
            paused: false,
            sequence: name === 'evm' ? undefined : BigInt(tip.ledger.sequence),
            quorum,
            prices: tip.ledger.prices,
          }
        },
      }),
    // As `verifyAll` without a call of its own: nothing outside is asked.
    signAll: async (reports, keys) => reports.map(({ round }) => signatureOf(keys.node, round)),
    // Without a call of its own: nothing outside is asked.
    verifyAll: async (reports) =>
      reports.map(({ signatures }) => signatures[name]?.signature[0] === '0x01'),
    encode(action, sequence) {
      if (name === 'evm')
        return [{ kind: 'evm', to: exchange, data: registry.calldata(table, action, undefined) }]
      if (sequence === undefined) throw new RangeError('the operator nonce is not known')
      const push = pricePush(action)
      return push.updates.map((update, at) => {
        const one = { ...push, updates: [update] }
        const data = registry.calldata(table, one, sequence + BigInt(at))
        return { kind: 'starknet', to: exchange, entrypoint: 'price_tick', calldata: [data] }
      })
    },
  }
}

const exchange = '0x5a'
