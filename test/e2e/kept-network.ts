import type { Intent } from '../../lib/domain/intent.ts'
import type { Store } from '../../lib/ports.ts'
import { compose } from '../../lib/runtime/compose.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import { landedOn, type LandedTransaction } from './chain-truth.ts'

/** One sending account of a running network: what its store believes, and what its chain has. */
export type AccountFacts = {
  readonly chain: string
  readonly intents: readonly Intent[]
  readonly landed: readonly LandedTransaction[]
}

const nothing = { oracles: false, senders: false, alerts: false }

/** More than any test makes. */
const most = 5_000

/** Looks into the store of a running network. */
export async function lookInto<T>(
  file: string,
  look: (store: Store, network: Network) => Promise<T>,
): Promise<T> {
  const world = await compose({ ...(await readNetwork(file)), clock: wallClock, needs: nothing })
  try {
    return await look(world.ports.store, world.network)
  } finally {
    await world.close()
  }
}

/** What became of all work, by account, of a network that runs. */
export async function accountsOf(file: string): Promise<readonly AccountFacts[]> {
  return await lookInto(
    file,
    async (store, { chains }) =>
      await Promise.all(
        Object.entries(chains).flatMap(
          ([
            chain,
            {
              kind,
              account,
              rpc: [at],
            },
          ]) => {
            if (!account || at?.kind !== 'literal') return []
            const { address } = account
            const facts = async (): Promise<AccountFacts> => ({
              chain,
              intents: await store.intents.recent(`${chain}/${address}`, most),
              landed: await landedOn({ kind, rpc: at.text, account: address }),
            })
            return [facts()]
          },
        ),
      ),
  )
}

/** Every way in which store and chain do not agree, in words; empty where all work took effect once or never. */
export function disagreements({ chain, intents, landed }: AccountFacts): readonly string[] {
  const effective = landed.filter(({ reverted }) => !reverted)
  const prices = effective.flatMap((one) => one.prices).filter((price) => price.includes('@'))
  return [
    ...landed
      .filter(({ nonce }, at) => nonce !== at)
      .map(({ hash, nonce }) => `${chain}: ${hash} has nonce ${nonce}, out of order`),
    ...repeated(prices).map((price) => `${chain}: ${price} took effect twice`),
    ...effective
      .filter(({ prices: told }) => told.length > 0)
      .flatMap(({ hash }) => {
        const owners = intents.filter(({ state }) => 'hash' in state && sameHash(state.hash, hash))
        return owners.length === 1 ? [] : [`${chain}: ${hash} belongs to ${owners.length} intents`]
      }),
    ...intents.flatMap(({ id, state }) => {
      if (state.kind !== 'included' && state.kind !== 'settled') return []
      return landed.some(({ hash }) => sameHash(hash, state.hash))
        ? []
        : [`${chain}: ${id} is ${state.kind}, but ${state.hash} is in no block`]
    }),
  ]
}

function sameHash(one: string | undefined, other: string): boolean {
  return one !== undefined && BigInt(one) === BigInt(other)
}

function repeated(all: readonly string[]): readonly string[] {
  return [...new Set(all.filter((one, at) => all.indexOf(one) !== at))]
}
