import { accountClassHash, accountEntryPoints } from './account-class.ts'
import { callCore } from './call-core.ts'
import { coreClassHash } from './core-class.ts'
import { type Hex, hex } from './felt.ts'
import { Panic, type PanicData } from './panic.ts'
import { selectorOf } from './selectors.ts'
import { tokenClassHash, tokenEntryPoints } from './token-class.ts'
import { feeToken, type World } from './world.ts'

export type ContractCall = {
  readonly to: Hex
  readonly selector: bigint
  readonly calldata: readonly bigint[]
}

export type EmittedEvent = {
  readonly from: Hex
  readonly keys: readonly Hex[]
  readonly data: readonly Hex[]
}

export type CallOutcome =
  | {
      readonly kind: 'ok'
      readonly world: World
      readonly result: readonly bigint[]
      readonly events: readonly EmittedEvent[]
    }
  | { readonly kind: 'panic'; readonly panic: PanicData }
  | { readonly kind: 'no-entry-point' }
  | { readonly kind: 'not-deployed' }

/** Undefined where nothing is deployed there. */
export function classHashAt(world: World, address: Hex): Hex | undefined {
  if (address === world.coreAddress) return coreClassHash
  if (address === feeToken) return tokenClassHash
  return world.accounts[address] === undefined ? undefined : accountClassHash
}

const tokens = new Map(tokenEntryPoints.map((one) => [selectorOf(one.name), one]))
const accounts = new Map(accountEntryPoints.map((one) => [selectorOf(one.name), one]))

/** Runs one entry point of one contract; `now` is the block's time, seconds. */
export function callContract(
  world: World,
  call: ContractCall,
  { caller, now }: { readonly caller: bigint; readonly now: bigint },
): CallOutcome {
  if (call.to === world.coreAddress) {
    const answer = callCore(world.core, { caller, now }, call)
    if (answer.kind !== 'ok') return answer
    const { core, result, events } = answer
    return { kind: 'ok', world: { ...world, core }, result, events: emitted(call.to, events) }
  }
  if (call.to === feeToken) return callToken(world, call, caller)
  const account = world.accounts[call.to]
  if (account === undefined) return { kind: 'not-deployed' }
  return panicking(() => {
    const found = accounts.get(call.selector)
    if (found === undefined) return { kind: 'no-entry-point' }
    const result = found.run(account, undefined, call.calldata)
    return { kind: 'ok', world, result, events: [] }
  })
}

function callToken(world: World, call: ContractCall, caller: bigint): CallOutcome {
  return panicking(() => {
    const found = tokens.get(call.selector)
    if (found === undefined) return { kind: 'no-entry-point' }
    const effect = found.run(world, { caller }, call.calldata)
    return { kind: 'ok', ...effect, events: emitted(feeToken, effect.events) }
  })
}

function panicking(run: () => CallOutcome): CallOutcome {
  try {
    return run()
  } catch (error) {
    if (error instanceof Panic) return { kind: 'panic', panic: error.data }
    throw error
  }
}

export function emitted(
  from: Hex,
  events: readonly { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }[],
): readonly EmittedEvent[] {
  return events.map(({ keys, data }) => ({ from, keys: keys.map(hex), data: data.map(hex) }))
}
