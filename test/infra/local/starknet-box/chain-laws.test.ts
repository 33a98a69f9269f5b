import { sign } from '@scure/starknet'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { CoreConfig } from '../../../../infra/contracts/core/core-config.ts'
import { boxAccounts } from '../../../../infra/local/starknet-box/box-accounts.ts'
import { applied, type ChainChange } from '../../../../infra/local/starknet-box/chain-state.ts'
import {
  type Chain,
  ChainOrderError,
  createChain,
} from '../../../../infra/local/starknet-box/chain.ts'
import { CoreSetup } from '../../../../infra/local/starknet-box/core-setup.ts'
import { hex, type Hex } from '../../../../infra/local/starknet-box/felt.ts'
import { coreAddressOf, genesis } from '../../../../infra/local/starknet-box/genesis.ts'
import { type Invoke, invokeHash } from '../../../../infra/local/starknet-box/invoke.ts'
import { RpcError } from '../../../../infra/local/starknet-box/rpc-error.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { senderOf } from '../../../../infra/local/starknet-box/transaction.ts'
import { aCore } from './a-box.ts'

const chainId = '0x1234'
const accounts = boxAccounts({ accounts: 2 })
const start = 1_800_000_000
const setup = CoreSetup.parse({})
const coreAddress = coreAddressOf(setup.generation)
const first = genesis({ core: CoreConfig.parse(aCore()), setup, accounts, timestamp: start })

/** Every transaction that may be sent: two accounts, three nonces, two tips. Most of them revert: only one account may pause, and once. */
const transactions = accounts.flatMap(({ address, privateKey }) =>
  [0, 1, 2].flatMap((nonce) =>
    [0n, 100n].map((tip) => signedPause({ address, privateKey, nonce, tip })),
  ),
)

function signedPause(parts: {
  readonly address: Hex
  readonly privateKey: Hex
  readonly nonce: number
  readonly tip: bigint
}): Invoke {
  const { address, privateKey, nonce, tip } = parts
  const price = hex(10n ** 11n * (1n + tip / 50n))
  const tx: Invoke = {
    type: 'INVOKE',
    version: '0x3',
    sender_address: address,
    calldata: ['0x1', coreAddress, hex(selectorOf('pause')), '0x0'],
    signature: [],
    nonce: hex(nonce),
    resource_bounds: {
      l1_gas: { max_amount: '0x0', max_price_per_unit: hex(10n ** 13n) },
      l2_gas: { max_amount: hex(10n ** 7n), max_price_per_unit: price },
      l1_data_gas: { max_amount: hex(1_000), max_price_per_unit: hex(10n ** 12n) },
    },
    tip: hex(tip),
    paymaster_data: [],
    account_deployment_data: [],
    nonce_data_availability_mode: 'L1',
    fee_data_availability_mode: 'L1',
  }
  const { r, s } = sign(invokeHash(tx, chainId).slice(2), privateKey.slice(2))
  return { ...tx, signature: [hex(r), hex(s)] }
}

type Step =
  | { readonly kind: 'send'; readonly tx: number }
  | { readonly kind: 'block' }
  | { readonly kind: 'reorg'; readonly blocks: number; readonly fate: 'return' | 'drop' }
  | { readonly kind: 'evict'; readonly tx: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'l1' }

const anyTransaction = fc.nat({ max: transactions.length - 1 })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), tx: anyTransaction }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'block' } as const) },
  fc.record({
    kind: fc.constant('reorg' as const),
    blocks: fc.integer({ min: 1, max: 3 }),
    fate: fc.constantFrom('return' as const, 'drop' as const),
  }),
  fc.record({ kind: fc.constant('evict' as const), tx: anyTransaction }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
  fc.constant({ kind: 'l1' } as const),
)

function startChain() {
  let seconds = start
  const changes: ChainChange[] = []
  const chain = createChain({
    chainId,
    initial: first,
    nowSeconds: () => seconds,
    runsPool: () => true,
    record: (change) => changes.push(change),
  })
  const wait = (more: number): void => {
    seconds += more
  }
  return { chain, changes, wait }
}

function take(step: Step, { chain, wait }: ReturnType<typeof startChain>): void {
  const tx = 'tx' in step ? transactions[step.tx] : undefined
  switch (step.kind) {
    case 'send':
      return ignoring(RpcError, () => tx && chain.add(tx))
    case 'block':
      return void chain.makeBlock()
    case 'reorg':
      return ignoring(ChainOrderError, () => chain.reorganise(step.blocks, step.fate))
    case 'evict':
      return void chain.evict(tx && invokeHash(tx, chainId))
    case 'wait':
      return wait(step.seconds)
    case 'l1':
      return chain.acceptOnL1()
  }
}

/** What a node answers to a wrong request is no fault of the chain. */
function ignoring(expected: new (...args: never[]) => Error, run: () => unknown): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof expected)) throw error
  }
}

function check(chain: Chain): void {
  const { blocks, pool, l1Accepted } = chain.state()
  const { world } = chain.openBlock()
  expect(blocks.map(({ number }) => number)).toEqual(blocks.map((_, at) => at))
  const [, ...later] = blocks
  expect(later.map(({ parentHash }) => parentHash)).toEqual(
    blocks.slice(0, -1).map(({ hash }) => hash),
  )
  const times = blocks.map(({ timestamp }) => timestamp)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(blocks.length).toBeGreaterThan(l1Accepted)
  const included = blocks.flatMap((block) => block.transactions.map(({ hash }) => hash))
  const everywhere = [...included, ...pool.map(({ hash }) => hash)]
  expect(new Set(everywhere).size).toBe(everywhere.length)
  // The genesis' own transaction is nobody's.
  const sent = later.flatMap((block) => block.transactions.map(({ tx }) => tx))
  for (const { address } of accounts) {
    const own = sent.filter((tx) => senderOf(tx) === address)
    expect(own.map(({ nonce }) => Number(nonce))).toEqual(own.map((_, at) => at))
    expect(blocks.at(-1)?.world?.accounts[address]?.nonce).toBe(BigInt(own.length))
  }
  const supply = Object.values(world.balances).reduce((sum, one) => sum + one, 0n)
  expect(supply).toBe(2n * 10n ** 24n)
}

test('whatever happens, blocks are linked, nonces count up, nothing is twice, and no STRK appears', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const run = startChain()
      for (const step of steps) {
        take(step, run)
        check(run.chain)
      }
      // What was recorded is enough to come to the same state.
      const again = run.changes.reduce(applied, first)
      expect(again).toEqual(run.chain.state())
    }),
    { numRuns: 60 },
  )
})
