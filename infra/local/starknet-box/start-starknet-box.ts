import type { Timestamp } from '../../../lib/domain/time.ts'
import type { DevnetAccount } from '../devnet.ts'
import { close, listen } from '../http-server.ts'
import { boxAccounts } from './box-accounts.ts'
import { createAdminServer } from './box-admin.ts'
import { type BoxFaults, createFaults } from './box-faults.ts'
import { BoxOptions, type BoxOptionsInput } from './box-options.ts'
import { type Chain, createChain } from './chain.ts'
import { CoreSetup } from './core-setup.ts'
import { type Hex, hex, shortString } from './felt.ts'
import { coreAddressOf, genesis } from './genesis.ts'
import { hostedAtStart } from './hosted-contracts.ts'
import { viewOf } from './node-view.ts'
import { createRpcServer } from './rpc-server.ts'
import { openStateFile } from './state-file.ts'

export type StarknetBoxOptions = BoxOptionsInput & {
  /** The machine's own unless given. */
  readonly clock?: { now(): Timestamp }
}

export type RunningStarknetBox = {
  /** JSON-RPC, here and at `/rpc`. */
  readonly url: string
  readonly adminUrl: string
  readonly coreAddress: Hex
  readonly chainId: Hex
  /** Funded from the start; `boxAccounts` gives the same ones before it. */
  readonly accounts: readonly DevnetAccount[]
  readonly faults: BoxFaults
  /** Makes a block now, stalled or not, and gives its number. */
  makeBlock(): number
  advanceSeconds(seconds: number): void
  acceptOnL1(blockNumber?: number): void
  /** In fri. */
  setGasPrices: Chain['setGasPrices']
  stop(): Promise<void>
}

/** A Starknet node of our own in this process: one sequencer, its pool, and the core's rules. */
export async function startStarknetBox({
  clock,
  ...input
}: StarknetBoxOptions): Promise<RunningStarknetBox> {
  const options = BoxOptions.parse(input)
  const time = boxTime(clock)
  const accounts = boxAccounts(options)
  const chainId = chainIdOf(options.chainId)
  const setup = { ...(options.setup ?? CoreSetup.parse({})), chainId: BigInt(chainId) }
  const coreAddress = coreAddressOf(setup.generation)
  const file =
    options.stateFile === undefined
      ? undefined
      : openStateFile(options.stateFile, {
          chainId,
          coreAddress,
          accounts: accounts.map(({ address }) => address),
        })
  const initial =
    file?.stored ??
    genesis({
      core: options.core,
      setup,
      accounts,
      timestamp: time.nowSeconds(),
      contracts: hostedAtStart(options.contracts ?? []),
    })
  file?.compact(initial)
  const chain = createChain({
    chainId,
    initial,
    nowSeconds: time.nowSeconds,
    runsPool: () => faults.active('stall')?.preConfirmed !== 'stops',
    record: (change, state) => file?.record(change, state),
  })
  const faults = createFaults((fault) => {
    if (fault.fault === 'reorg') chain.reorganise(fault.blocks, fault.transactions)
    else chain.evict(fault.hash)
  })
  const isStalled = (): boolean => faults.active('stall') !== undefined
  const onAdded = (): void => {
    if (options.blocks !== 'transaction' || isStalled()) return
    if (chain.openBlock().transactions.length > 0) chain.makeBlock()
  }
  const rpc = createRpcServer(faults, () => ({
    view: viewOf(chain, faults.active('lag')?.blocks ?? 0),
    chain,
    faults,
    onAdded,
  }))
  const admin = createAdminServer({ chain, faults, advanceSeconds: time.advance })
  const url = `http://${await listen(rpc, options.port ?? 0)}`
  const adminUrl = `http://${await listen(admin, options.adminPort ?? 0)}`
  const timer = everySeconds(options.blocks, () => {
    if (!isStalled()) chain.makeBlock()
  })
  return {
    url,
    adminUrl,
    coreAddress,
    chainId,
    accounts,
    faults,
    makeBlock: () => chain.makeBlock().number,
    advanceSeconds: time.advance,
    acceptOnL1: (number) => chain.acceptOnL1(number),
    setGasPrices: (prices) => chain.setGasPrices(prices),
    async stop() {
      clearInterval(timer)
      await Promise.all([close(rpc), close(admin)])
      file?.compact(chain.state())
    },
  }
}

function boxTime(clock: { now(): Timestamp } = { now: () => Date.now() as Timestamp }) {
  let ahead = 0
  return {
    nowSeconds: () => Math.floor(clock.now() / 1000) + ahead,
    advance: (seconds: number): void => {
      ahead += seconds
    },
  }
}

function everySeconds(blocks: number | string, make: () => void): NodeJS.Timeout | undefined {
  return typeof blocks === 'number' ? setInterval(make, blocks * 1000) : undefined
}

function chainIdOf(name: string = 'SN_SEPOLIA'): Hex {
  return name.startsWith('0x') ? hex(BigInt(name)) : hex(shortString(name))
}
