import { FeeCapError } from '../../lib/domain/fee.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { Block, TransactionStatus } from '../../lib/domain/transaction.ts'
import type { Chain, Engine } from '../../lib/ports.ts'
import type { AwaitedCall, Manner, Process } from './calls.ts'
import type { ChainTruth, Landed, Ledger, TrueBlock } from './chain-truth.ts'
import { bumped, feeCapOf, marketAt, mostOf } from './fees.ts'
import type { Rules } from './rules.ts'
import type { Registry } from './transactions.ts'

export const account = '0x00000000000000000000000000000000000000aa'

/** How many blocks a node that lags is behind. */
function behindBy({ fault, size }: Manner): number {
  return fault === 'lag' ? 1 + Math.floor(size * 4) : 0
}

export type SeenChain = {
  readonly process: Process
  readonly truth: ChainTruth
  readonly registry: Registry
  readonly rules: Rules
  readonly anyFee: boolean
  readonly table: number
}

/** The chain as one process's nodes show it. */
export function seenChain(of: SeenChain): Chain {
  const { process, truth, registry, rules, table } = of
  const { signed } = truth
  const name = truth.kind
  let known = { latest: 0, at: 0 }
  /** What this process was told last of the next free nonce, some times. */
  const free: number[] = []

  function node<T>(what: string, act: AwaitedCall<T>['act']): Promise<T> {
    return process.call({ kind: 'node', name: what, to: name, act })
  }

  /** Every node said that others have it, and nothing of ours was signed there. */
  function checkFree(nonce: number): void {
    if (!signed.has(`${table} ${nonce}`) && free.length > 0 && free.every((one) => one > nonce))
      rules.broken('a nonce that was taken', `${name}: ${nonce}, where ${free.join()} are free`)
    signed.add(`${table} ${nonce}`)
  }

  return {
    name,
    kind: name,
    blockSeconds: Math.ceil(truth.plan.blockMs / 1000),
    finalityBlocks: truth.plan.finalityBlocks,
    check: async () => [],
    nodes: () => [],
    balance: async () => 10n ** 18n,

    head: () => node('head', (manner) => blockOf(truth.tip(behindBy(manner)))),

    block: (number) =>
      node(`block ${number}`, (manner) => {
        const block = truth.blockAt(number, behindBy(manner))
        return block && blockOf(block)
      }),

    nonce: () =>
      node('nonce', (manner) => {
        const tip = truth.tip(behindBy(manner))
        // The port never takes one node's word for a nonce that is lower than one that it told before.
        const past = tip.nonce < known.latest && tip.number < known.at
        const told = past ? truth.tip(0) : tip
        known = { latest: told.nonce, at: told.number }
        const pending = behindBy(manner) > 0 ? told.nonce : truth.pendingNonce()
        const lied = manner.fault === 'lie' ? 1 + Math.floor(manner.size * 2) : 0
        free.push(Math.max(told.nonce, pending) + lied)
        if (free.length > 8) free.shift()
        return { latest: told.nonce, pending: Math.max(told.nonce, pending) + lied }
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

    sign: (_account, { calls, nonce, fee }) =>
      process.call({
        kind: 'read',
        name: `sign at ${nonce}`,
        to: 'keys',
        act() {
          const [most, cap] = [mostOf(fee), feeCapOf(name)]
          if (!of.anyFee && most > cap) throw new FeeCapError(name, most, cap)
          checkFree(nonce)
          const { hash, bytes } = registry.sign(table, { chain: name, calls, nonce, fee })
          return { hash, bytes, fee }
        },
      }),

    broadcast: (bytes) =>
      process.call({
        kind: 'send',
        name: `send ${bytes}`,
        to: name,
        act({ fault }) {
          rules.sent(name, bytes)
          // A node that takes it and forgets it.
          if (fault === 'lie') return { kind: 'accepted' }
          const transaction = registry.byBytes(bytes)
          if (!transaction) return { kind: 'refused', why: 'invalid', reason: 'nobody signed it' }
          const refused = truth.offer(transaction)
          if (refused === undefined) return { kind: 'accepted' }
          if (refused === 'known') return { kind: 'known' }
          return { kind: 'refused', why: refused, reason: `the pool says ${refused}` }
        },
      }),

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
}: SeenChain & { told: Told }): Engine {
  const name = truth.kind
  return {
    name,
    chain: name,
    account,
    markets: [market],
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
            quorum: { [market]: 2 },
            prices: tip.ledger.prices,
          }
        },
      }),
    signAll: async (reports) => reports.map(() => undefined),
    // Without a call of its own: nothing outside is asked.
    verifyAll: async (reports) =>
      reports.map(({ signatures }) => signatures[name]?.signature[0] === '0x01'),
    encode(action, sequence) {
      const data = registry.calldata(table, action, sequence)
      return name === 'evm'
        ? [{ kind: 'evm', to: account, data }]
        : [{ kind: 'starknet', to: account, entrypoint: 'price_tick', calldata: [data] }]
    },
  }
}

export const market = parseMarket('BTC-USD')
