import { expect, onTestFinished } from 'vitest'

import type { DevnetAccount } from '../../infra/local/devnet.ts'
import { boxAccounts } from '../../infra/local/starknet-box/box-accounts.ts'
import type { BoxOptionsInput } from '../../infra/local/starknet-box/box-options.ts'
import { startStarknetBox } from '../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetChain } from '../../lib/adapters/chains/starknet.ts'
import { starknetPerpetual } from '../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { feltHex, feltOfSigned } from '../../lib/adapters/starknet-felt.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { emptyBook } from '../../lib/domain/positions/book.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Call } from '../../lib/domain/transaction.ts'
import { applyInterests, type InterestSettings } from '../../lib/keepers/apply-interests.ts'
import { chainDoubts } from '../../lib/keepers/chain-doubts.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import { updateExchangeTime } from '../../lib/keepers/update-exchange-time.ts'
import type { Engine, PositionBooks, Store } from '../../lib/ports.ts'
import { starkKey } from '../adapters/chains/keys.ts'
import { actionOf, ample, btc, eth, sol, suiteConfig } from '../adapters/chains/starknet-world.ts'
import { asInput } from '../infra/local/starknet-box/a-box.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import { replays } from './replay/replays.ts'

const listings = [btc, eth, sol]

export const collateral = parseMarket('USDC-USD')

type Positions = NonNullable<NonNullable<BoxOptionsInput['setup']>['positions']>

/** A box of generation D whose time moves by hand, with three priced markets, some positions and two operators. */
export async function startInterestBox(positions: Positions = []) {
  const [one, two] = boxAccounts({})
  if (!one || !two) throw new Error('a box has accounts')
  const clock = movedClock()
  const operators = [one, two].map(({ address }) => BigInt(address))
  const core = asInput({ ...suiteConfig(BigInt(one.address)), operators })
  const setup = { generation: 'D', positions } as const
  const box = await startStarknetBox({ blocks: 'demand', core, clock, setup })
  onTestFinished(async () => box.stop())
  clock.onSleep = () => void box.makeBlock()

  function as({ address, privateKey }: DevnetAccount) {
    const chain = starknetChain({
      name: 'starknet',
      rpcUrls: [box.url],
      chainId: box.chainId,
      blockSeconds: 3_600,
      finalityBlocks: 1,
      keys: { [address]: starkKey(privateKey) },
      clock,
    })
    const engine: Engine = starknetPerpetual({
      name: 'dex',
      chain: 'starknet',
      account: address,
      address: box.coreAddress,
      chainId: box.chainId,
      listings,
      generation: 'D',
      rpc: chain.rpc,
      clock,
      curve: starkCurve,
    })
    return { chain, engine, account: address }
  }

  const governor = as(one)

  async function sendCalls(calls: readonly Call[]): Promise<void> {
    const { chain, account } = governor
    const { pending } = await chain.nonce(account)
    const { bytes, hash } = await chain.sign(account, { calls, nonce: pending, fee: ample })
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    box.makeBlock()
    expect(await chain.status(hash)).toMatchObject({ outcome: 'succeeded' })
  }

  async function push(price = '100'): Promise<void> {
    const told = listings.map((listing) => ({ listing, prices: [price, price] }))
    const head = await governor.chain.head()
    const action = await actionOf(governor.engine, told, head.time)
    await sendCalls(governor.engine.encode(action, (await governor.engine.state()).sequence))
  }

  /** A call of the governor's. */
  const govern = async (entrypoint: string, args: readonly bigint[] = []) =>
    sendCalls([{ kind: 'starknet', to: box.coreAddress, entrypoint, calldata: args.map(feltHex) }])

  /** A call of the operator's with its nonce before the other arguments. */
  async function operate(entrypoint: string, args: readonly bigint[]): Promise<void> {
    const { sequence = 0n } = await governor.engine.state()
    const calldata = [sequence, ...args.map(feltOfSigned)].map(feltHex)
    await sendCalls([{ kind: 'starknet', to: box.coreAddress, entrypoint, calldata }])
  }

  async function interestNow() {
    const look = await governor.engine.interest?.look([])
    if (!look) throw new Error('generation D has interest')
    return look
  }

  /** What a position has in cash, and until when it has had its interest. */
  async function positionNow(id: string) {
    const { block } = await interestNow()
    const [reading, times] = await Promise.all([
      governor.engine.positions?.read([id], block),
      governor.engine.interest?.lastApplied([id], block),
    ])
    const found = reading?.accounts.get(id)
    if (found?.kind !== 'account') throw new Error(`there is no ${id}`)
    return { cash: found.account.collateral, last: times?.get(id) }
  }

  box.makeBlock()
  await push()
  return {
    clock,
    accounts: positions.map(({ id }) => String(id)),
    box,
    others: [eth, sol],
    push,
    govern,
    operate,
    interestNow,
    positionNow,
    governor,
    other: as(two),
  }
}

export type InterestBox = Awaited<ReturnType<typeof startInterestBox>>

export const someInterest: InterestSettings = {
  collateral,
  everySeconds: 3_600n,
  leastAmount: 10_000n,
  rule: { kind: 'fixed', credit: new Decimal('0.0876'), debit: new Decimal('0.1752') },
  holdings: {},
}

/** An index that knows which positions there are; what is in them the contract is asked in any case. */
function booksOf({
  chain,
  accounts,
}: Pick<InterestBox['other'], 'chain'> & Pick<InterestBox, 'accounts'>): PositionBooks {
  return {
    async read() {
      const { number, hash } = await chain.head()
      const check = { next: 0, owed: 0, slot: 0 }
      return { version: 1, book: emptyBook({ number, hash }, ['0', '1', ...accounts]), check }
    },
    write: async () => Promise.resolve('stale'),
  }
}

/** The keepers of interest, with a lane of their own, as one operator of the box. */
export function interestProcess(
  { clock, accounts }: InterestBox,
  { chain, engine, account }: InterestBox['other'],
  {
    interest = someInterest,
    store = memoryStore({ clock }),
  }: { readonly interest?: InterestSettings; readonly store?: Store } = {},
) {
  const engines = { [engine.name]: engine }
  const lane: LaneWorld = {
    id: `${chain.name}/${account}`,
    account,
    chain,
    engines,
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify,
  }
  const laneOf = () => lane
  const books = booksOf({ chain, accounts })
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
    laneOf,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  const shared = { clock, store, engines, laneOf }
  const keepers = {
    time: replays(
      updateExchangeTime({
        ...shared,
        settings: { [engine.name]: { collateral, sharePermille: 250n } },
      }),
    ),
    interest: replays(
      applyInterests({
        ...shared,
        books,
        settings: { [engine.name]: interest },
        doubts: chainDoubts(store, {
          clock,
          provenBy: { [engine.name]: ['appchain'] },
          chainOf: {},
        }),
      }),
    ),
  }

  /** The slot that is now. */
  async function slot(which: 'time' | 'interest', worker = 'one') {
    const number = Math.floor(clock.now() / 60_000)
    const run = { clock, store, worker, notify, maxLateMs: 60_000, perform }
    const at = {
      subject: engine.name,
      slot: number,
      slotAt: timestamp(number * 60_000),
      until: timestamp(clock.now() + 5_000),
    }
    return which === 'time'
      ? await runKeeper(run, keepers.time, at)
      : await runKeeper(run, keepers.interest, at)
  }

  return { slot, store, lane }
}

function notify(): void {
  // Nobody listens.
}
