import { accountClassHash } from './account-class.ts'
import type { OpenBlock, SealedBlock } from './block.ts'
import { classHashAt } from './call-contract.ts'
import type { DeployAccount } from './deploy-account.ts'
import { execute, type Execution, type TracedCall } from './execute.ts'
import { revertReason } from './failure.ts'
import { type Hex, hex } from './felt.ts'
import type { Invoke } from './invoke.ts'
import { selectorOf } from './selectors.ts'
import { senderOf, type Transaction } from './transaction.ts'
import { validationName } from './validate.ts'
import type { World } from './world.ts'

/** Runs a block again up to one of its transactions, and shows what that one did. */
export function traceOf(
  parent: SealedBlock & { readonly world: World },
  block: SealedBlock | OpenBlock,
  at: number,
): object {
  let { world } = parent
  for (const [index, { tx }] of block.transactions.entries()) {
    const done = execute(world, tx, { block, charge: true })
    if (index === at) return traceShape(world, tx, { done, validates: true })
    world = done.world
  }
  throw new RangeError(`block ${block.number} has no transaction ${at}`)
}

/** A trace of `starknet_simulateTransactions` and `starknet_traceTransaction`; storage keys are not kept, so there are no storage diffs. */
export function traceShape(
  world: World,
  tx: Transaction,
  { done, validates }: { readonly done: Execution; readonly validates: boolean },
): object {
  const { gas } = done
  const address = senderOf(tx)
  return {
    type: tx.type,
    ...(validates ? { validate_invocation: validated(tx) } : {}),
    ...(tx.type === 'INVOKE'
      ? { execute_invocation: executedOrReverted(world, tx, done) }
      : { constructor_invocation: constructed(tx, done) }),
    state_diff: {
      deployed_contracts: tx.type === 'INVOKE' ? [] : [{ address, class_hash: tx.class_hash }],
      storage_diffs: [],
      declared_classes: [],
      deprecated_declared_classes: [],
      nonces: [{ contract_address: address, nonce: hex(BigInt(tx.nonce) + 1n) }],
      replaced_classes: [],
    },
    execution_resources: {
      l1_gas: 0,
      l1_data_gas: Number(gas.l1DataGas),
      l2_gas: Number(gas.l2Gas),
    },
  }
}

const valid = '0x56414c4944'

function validated(tx: Transaction): object {
  const calldata =
    tx.type === 'INVOKE'
      ? tx.calldata
      : [tx.class_hash, tx.contract_address_salt, ...tx.constructor_calldata]
  return accountCall(senderOf(tx), {
    name: validationName(tx),
    calldata,
    result: [valid],
    calls: [],
  })
}

function constructed(tx: DeployAccount, { events }: Execution): object {
  const address = senderOf(tx)
  const own = events.filter(({ from }) => from === address)
  return {
    ...accountCall(address, {
      name: 'constructor',
      calldata: tx.constructor_calldata,
      result: [],
      calls: [],
    }),
    entry_point_type: 'CONSTRUCTOR',
    events: own.map(({ keys, data }, order) => ({ keys, data, order })),
  }
}

function executedOrReverted(world: World, tx: Invoke, { failure, calls }: Execution): object {
  return failure === undefined
    ? executed(world, tx, calls)
    : { revert_reason: revertReason(failure) }
}

function executed(world: World, tx: Invoke, calls: readonly TracedCall[]): object {
  const results = calls.flatMap(({ result }) => [hex(result.length), ...result.map(hex)])
  return accountCall(tx.sender_address, {
    name: '__execute__',
    calldata: tx.calldata,
    result: [hex(calls.length), ...results],
    calls: calls.map((one) => innerCall(world, tx, one)),
  })
}

function accountCall(
  account: Hex,
  {
    name,
    calldata,
    result,
    calls,
  }: {
    readonly name: string
    readonly calldata: readonly Hex[]
    readonly result: readonly Hex[]
    readonly calls: readonly object[]
  },
): object {
  return {
    ...invocation({ to: account, classHash: accountClassHash, caller: '0x0' }),
    entry_point_selector: hex(selectorOf(name)),
    calldata,
    result,
    calls,
    events: [],
  }
}

function innerCall(world: World, tx: Invoke, { call, result, events }: TracedCall): object {
  const classHash = classHashAt(world, call.to) ?? '0x0'
  return {
    ...invocation({ to: call.to, classHash, caller: tx.sender_address }),
    entry_point_selector: hex(call.selector),
    calldata: call.calldata.map(hex),
    result: result.map(hex),
    calls: [],
    events: events.map(({ keys, data }, order) => ({ keys, data, order })),
  }
}

function invocation({
  to,
  classHash,
  caller,
}: {
  readonly to: Hex
  readonly classHash: Hex
  readonly caller: Hex
}): object {
  return {
    contract_address: to,
    caller_address: caller,
    class_hash: classHash,
    entry_point_type: 'EXTERNAL',
    call_type: 'CALL',
    messages: [],
    execution_resources: { l1_gas: 0, l2_gas: 0 },
    is_reverted: false,
  }
}
