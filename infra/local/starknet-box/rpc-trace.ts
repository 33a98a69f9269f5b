import { accountClassHash } from './account-class.ts'
import type { OpenBlock, SealedBlock } from './block.ts'
import { classHashAt } from './call-contract.ts'
import { execute, type Execution, type TracedCall } from './execute.ts'
import { revertReason } from './failure.ts'
import { type Hex, hex } from './felt.ts'
import type { Invoke } from './invoke.ts'
import { selectorOf } from './selectors.ts'
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
  tx: Invoke,
  { done, validates }: { readonly done: Execution; readonly validates: boolean },
): object {
  const { failure, gas } = done
  return {
    type: 'INVOKE',
    ...(validates
      ? {
          validate_invocation: accountCall(tx, {
            name: '__validate__',
            result: [valid],
            calls: [],
          }),
        }
      : {}),
    execute_invocation:
      failure === undefined
        ? executed(world, tx, done.calls)
        : { revert_reason: revertReason(failure) },
    state_diff: {
      deployed_contracts: [],
      storage_diffs: [],
      declared_classes: [],
      deprecated_declared_classes: [],
      nonces: [{ contract_address: tx.sender_address, nonce: hex(BigInt(tx.nonce) + 1n) }],
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

function executed(world: World, tx: Invoke, calls: readonly TracedCall[]): object {
  const results = calls.flatMap(({ result }) => [hex(result.length), ...result.map(hex)])
  return accountCall(tx, {
    name: '__execute__',
    result: [hex(calls.length), ...results],
    calls: calls.map((one) => innerCall(world, tx, one)),
  })
}

function accountCall(
  tx: Invoke,
  {
    name,
    result,
    calls,
  }: { readonly name: string; readonly result: readonly Hex[]; readonly calls: readonly object[] },
): object {
  return {
    ...invocation({ to: tx.sender_address, classHash: accountClassHash, caller: '0x0' }),
    entry_point_selector: hex(selectorOf(name)),
    calldata: tx.calldata,
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
