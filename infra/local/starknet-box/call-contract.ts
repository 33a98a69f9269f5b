import { accountClassHash, accountEntryPoints } from './account-class.ts'
import { callCore } from './call-core.ts'
import { callHosted, hostedClassHash } from './call-hosted.ts'
import { coreClassHashes } from './core-class.ts'
import type { TokenPayment } from './core-state.ts'
import { type Hex, hex } from './felt.ts'
import { Panic, type PanicData } from './panic.ts'
import { selectorOf } from './selectors.ts'
import {
  tokenClassHash,
  tokenEntryPoints,
  transferEvent,
  transferred,
  transferredFrom,
} from './token-class.ts'
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
  /** Another than the one that was called, where it asked for that. */
  | { readonly kind: 'not-deployed'; readonly address?: Hex }

/** Undefined where nothing is deployed there. */
export function classHashAt(world: World, address: Hex): Hex | undefined {
  if (address === world.coreAddress) return coreClassHashes[world.core.generation]
  if (address === feeToken) return tokenClassHash
  const hosted = world.contracts?.[address]
  if (hosted !== undefined) return hostedClassHash(hosted)
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
    const { core, result, events, payments } = answer
    const paid = withPayments({ ...world, core }, payments)
    if (paid.kind !== 'ok') return paid
    return { ...paid, result, events: [...paid.events, ...emitted(call.to, events)] }
  }
  if (call.to === feeToken) return callToken(world, call, caller)
  const { contracts = {} } = world
  const hosted = contracts[call.to]
  if (hosted !== undefined) {
    const answer = callHosted(hosted, call, { caller, now, contracts })
    if (answer.kind !== 'ok') return answer
    const { contract, result, events } = answer
    const next =
      contract === hosted ? world : { ...world, contracts: { ...contracts, [call.to]: contract } }
    return { kind: 'ok', world: next, result, events: emitted(call.to, events) }
  }
  const account = world.accounts[call.to]
  if (account === undefined) return { kind: 'not-deployed' }
  return panicking(() => {
    const found = accounts.get(call.selector)
    if (found === undefined) return { kind: 'no-entry-point' }
    const result = found.run(account, undefined, call.calldata)
    return { kind: 'ok', world, result, events: [] }
  })
}

/** The tokens that a call of the core moves. Only one token is deployed here. */
function withPayments(world: World, payments: readonly TokenPayment[]): CallOutcome {
  return panicking(() => {
    let next = world
    const events: EmittedEvent[] = []
    for (const { token, from, to, amount } of payments) {
      if (hex(token) !== feeToken) return { kind: 'not-deployed' }
      const core = BigInt(world.coreAddress)
      const payer = from === 'core' ? core : from
      const payee = to === 'core' ? core : to
      // What leaves the treasury leaves by its own rules, which the core's stand for.
      const isAsked = to === 'core'
      next = isAsked
        ? transferredFrom(next, { spender: core, from: payer, to: payee, amount })
        : transferred(next, { from: payer, to: payee, amount })
      events.push(...emitted(feeToken, [transferEvent(payer, payee, amount)]))
    }
    return { kind: 'ok', world: next, result: [], events }
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
