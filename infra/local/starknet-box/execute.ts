import { accountClassHash } from './account-class.ts'
import {
  callContract,
  classHashAt,
  type ContractCall,
  emitted,
  type EmittedEvent,
} from './call-contract.ts'
import type { DeployAccount } from './deploy-account.ts'
import type { Failure, Frame } from './failure.ts'
import { type Hex, longHex } from './felt.ts'
import {
  exceededBound,
  feeOf,
  type Gas,
  gasOf,
  type GasPrices,
  type MadeCall,
  revertedGas,
} from './gas.ts'
import { type Invoke, multicallOf } from './invoke.ts'
import { feltPanic } from './panic.ts'
import { deploymentGas, withAccount } from './run-deployment.ts'
import { selectorOf } from './selectors.ts'
import { transferEvent } from './token-class.ts'
import type { Bounds } from './transaction-fields.ts'
import { senderOf, type Transaction } from './transaction.ts'
import { feeToken, moved, sequencer, type World } from './world.ts'

export type BlockContext = {
  /** Seconds. */
  readonly timestamp: number
  readonly gasPrices: GasPrices
}

export type Execution = {
  /** Afterwards: nonce used, fee paid, and what the calls did unless one failed. */
  readonly world: World
  /** Undefined where it succeeded. */
  readonly failure: Failure | undefined
  readonly events: readonly EmittedEvent[]
  readonly gas: Gas
  readonly fee: bigint
  readonly calls: readonly TracedCall[]
}

export type TracedCall = {
  readonly call: ContractCall
  readonly result: readonly bigint[]
  readonly events: readonly EmittedEvent[]
}

/** Runs a transaction whose sender, nonce and signature are right; of a deployment also the class and its arguments. `charge`: estimates and simulations may go without limits and fee. */
export function execute(
  world: World,
  tx: Transaction,
  { block, charge }: { readonly block: BlockContext; readonly charge: boolean },
): Execution {
  const { started, run } = tx.type === 'INVOKE' ? called(world, tx, block) : deployed(world, tx)
  const bounds = tx.resource_bounds
  const exceeded = charge ? exceededBound(run.gas, bounds) : undefined
  const done = exceeded === undefined ? run : outOfBounds(started, bounds, { run, exceeded })
  const fee = feeOf(done.gas, block.gasPrices, BigInt(tx.tip))
  if (!charge) return { ...done, fee }
  const sender = senderOf(tx)
  const paid = transferEvent(BigInt(sender), BigInt(sequencer), fee)
  return {
    ...done,
    fee,
    world: moved(done.world, { from: sender, to: sequencer, amount: fee }),
    events: [...done.events, ...emitted(feeToken, [paid])],
  }
}

type Run = Omit<Execution, 'fee'>
/** `started`: what is left of it where it fails. */
type Begun = { readonly started: World; readonly run: Run }

function deployed(world: World, tx: DeployAccount): Begun {
  const made = withAccount(world, tx)
  const run = { ...made, failure: undefined, gas: deploymentGas, calls: [] }
  return { started: world, run }
}

function called(world: World, tx: Invoke, block: BlockContext): Begun {
  const started = withNonceUsed(world, tx.sender_address)
  return { started, run: runCalls(started, tx, block) }
}

function withNonceUsed(world: World, address: Hex): World {
  const account = world.accounts[address]
  if (account === undefined) throw new RangeError(`${address} is not an account`)
  const next = { ...account, nonce: account.nonce + 1n }
  return { ...world, accounts: { ...world.accounts, [address]: next } }
}

function runCalls(started: World, tx: Invoke, block: BlockContext): Run {
  const account = {
    address: tx.sender_address,
    classHash: accountClassHash,
    selector: selectorOf('__execute__'),
  } as const
  const calls = multicallOf(tx.calldata)
  if (calls === undefined)
    return reverted(started, 0, {
      kind: 'panic',
      frames: [account],
      panic: feltPanic('Failed to deserialize param #1'),
    })
  const made: MadeCall[] = []
  const traced: TracedCall[] = []
  let world = started
  for (const call of calls) {
    const context = { caller: BigInt(tx.sender_address), now: BigInt(block.timestamp) }
    const outcome = callContract(world, call, context)
    if (outcome.kind !== 'ok')
      return reverted(started, made.length, failureOf(account, call, { outcome, world }))
    made.push({ call, before: world, after: outcome.world })
    traced.push({ call, result: outcome.result, events: outcome.events })
    world = outcome.world
  }
  const events = traced.flatMap((one) => one.events)
  return { world, failure: undefined, events, gas: gasOf(made), calls: traced }
}

function reverted(world: World, callsBefore: number, failure: Failure): Run {
  return { world, failure, events: [], gas: revertedGas(callsBefore), calls: [] }
}

function failureOf(
  account: Frame,
  call: ContractCall,
  {
    outcome,
    world,
  }: {
    readonly outcome: Exclude<ReturnType<typeof callContract>, { kind: 'ok' }>
    readonly world: World
  },
): Failure {
  const { to, selector } = call
  const callee = { address: to, classHash: classHashAt(world, to) ?? '0x0', selector } as const
  const frames = [account, callee]
  switch (outcome.kind) {
    case 'panic':
      return { kind: 'panic', frames, panic: outcome.panic }
    case 'no-entry-point':
      return { kind: 'panic', frames, panic: feltPanic('ENTRYPOINT_NOT_FOUND') }
    case 'not-deployed': {
      const words = `Requested contract address ${longHex(BigInt(outcome.address ?? to))} is not deployed.`
      return { kind: 'words', frames, words }
    }
  }
}

/** It is undone, and charged up to its limits. */
function outOfBounds(
  started: World,
  bounds: Bounds,
  { run, exceeded }: { readonly run: Run; readonly exceeded: string },
): Run {
  return {
    world: started,
    failure: { kind: 'words', frames: [], words: exceeded },
    events: [],
    gas: {
      l2Gas: smaller(run.gas.l2Gas, BigInt(bounds.l2_gas.max_amount)),
      l1DataGas: smaller(run.gas.l1DataGas, BigInt(bounds.l1_data_gas.max_amount)),
    },
    calls: [],
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
