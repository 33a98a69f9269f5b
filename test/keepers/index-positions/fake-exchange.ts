import type { Account } from '../../../lib/domain/margin/account.ts'
import type { AccountEvent, BlockId } from '../../../lib/domain/positions/account-event.ts'
import type { AccountRead } from '../../../lib/domain/positions/reading.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Block } from '../../../lib/domain/transaction.ts'
import type { Chain, Engine, EnginePositions } from '../../../lib/ports.ts'

type Made = BlockId & {
  readonly events: readonly AccountEvent[]
  /** Everybody's cash after it, as the contract's views say. */
  readonly cash: ReadonlyMap<string, bigint>
}

/** An exchange on a chain of its own: accounts with cash, events that may be bent, and views that know better. */
export function fakeExchange({ finalityBlocks = 8 } = {}) {
  const genesis: Made = { number: 0, hash: '0xa0', events: [], cash: new Map([['0', 0n]]) }
  let blocks: Made[] = [genesis]
  let branch = 'a'
  const asked: string[][] = []
  const own = {
    asked,
    /** How many blocks one answer has at most. */
    most: 1_000,
    /** How far the node that answers is behind. */
    lag: 0,
    /** Told of each question before it is answered. */
    onAsk: (_what: 'events' | 'read'): void => undefined,
    /** What the views say instead. */
    bentRead: (_id: string): AccountRead | undefined => undefined,

    /** A block in which accounts get cash. `told` are the events of it, where they are not what happened. */
    mine(paid: Readonly<Record<string, bigint>> = {}, told?: readonly AccountEvent[]): Block {
      const cash = new Map(top().cash)
      const events: AccountEvent[] = []
      for (const [account, amount] of Object.entries(paid)) {
        if (!cash.has(account)) events.push({ kind: 'opened', account })
        cash.set(account, (cash.get(account) ?? 0n) + amount)
        events.push({ kind: 'cash', account, amount })
      }
      const number = blocks.length
      blocks.push({ number, hash: hashOf(branch, number), events: told ?? events, cash })
      return headOf(top())
    },

    /** Takes the newest blocks back. */
    reorg(depth: number): void {
      blocks = blocks.slice(0, Math.max(1, blocks.length - depth))
      branch = `${branch}b`
    },

    head: () => top().number,
    truth: (): Readonly<Record<string, bigint>> => Object.fromEntries(top().cash),
  }

  function top(): Made {
    return blocks.at(-1) ?? genesis
  }

  function seen(): readonly Made[] {
    return blocks.slice(0, Math.max(1, blocks.length - own.lag))
  }

  function has({ number, hash }: BlockId): boolean {
    return seen()[number]?.hash === hash
  }

  const positions: EnginePositions = {
    from: 0,
    given: ['0'],
    async events(after, to) {
      own.onAsk('events')
      if (!has(after) || !has(to)) return { kind: 'gone' }
      const end = Math.min(to.number, after.number + own.most)
      const some = seen().slice(after.number + 1, end + 1)
      const through = seen()[end] ?? genesis
      return {
        kind: 'events',
        through: { number: through.number, hash: through.hash },
        blocks: some.flatMap(({ number, hash, events }) =>
          events.length === 0
            ? []
            : [
                {
                  block: { number, hash },
                  events: events.map((event, place) => ({ place, event })),
                },
              ],
        ),
      }
    },
    async read(accounts, block) {
      own.onAsk('read')
      asked.push([...accounts])
      if (!has(block)) throw new Error('header not found')
      const made = seen()[block.number] ?? genesis
      const reads = accounts.map((id) => [id, own.bentRead(id) ?? readOf(id, made.cash)] as const)
      return { block, accounts: new Map(reads), indexes: new Map() }
    },
  }

  const chain = {
    name: 'l2',
    blockSeconds: 1,
    finalityBlocks,
    head: async () => headOf(seen().at(-1) ?? genesis),
    block: async (number: number) => {
      const made = seen()[number]
      return made && headOf(made)
    },
  }
  return Object.assign(own, {
    // What following needs of a chain, and of an exchange.
    chain: chain as unknown as Chain,
    engine: { name: 'core', chain: 'l2', positions } as unknown as Engine,
  })
}

function hashOf(branch: string, number: number): `0x${string}` {
  return `0x${Buffer.from(`${branch}${number}`).toString('hex')}`
}

function headOf({ number, hash }: BlockId): Block {
  return { number, hash, time: timestamp(number * 1_000) }
}

function readOf(id: string, cash: ReadonlyMap<string, bigint>): AccountRead {
  const collateral = cash.get(id)
  if (collateral === undefined) return { kind: 'none' }
  const account: Account = { id, collateral, holdings: [] }
  return { kind: 'account', account }
}
