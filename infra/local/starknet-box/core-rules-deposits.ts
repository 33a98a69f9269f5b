import { pedersen } from '@scure/starknet'

import { existingAsset, useOperatorNonce } from './core-rules-access.ts'
import { withInterest } from './core-rules-interest.ts'
import { collateralId } from './core-rules-orders.ts'
import {
  checkHealthier,
  exchanged,
  existingPosition,
  paid,
  signedAmount,
  withPositions,
} from './core-rules-positions.ts'
import type {
  CoreCall,
  CoreEffect,
  CoreEvent,
  CorePosition,
  CoreState,
  HeldToken,
} from './core-state.ts'
import { hex } from './felt.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Orders and texts: starknet-perpetual deposit.cairo and deposit_manager.cairo, generations C and D.

export type Deposited = {
  readonly assetId: bigint
  readonly positionId: bigint
  readonly quantizedAmount: bigint
  readonly salt: bigint
}

/** A deposit as the operator names it. */
export type OperatedDeposit = Deposited & {
  readonly operatorNonce: bigint
  readonly depositor: bigint
}

/** Takes the tokens; they are in the position once the operator processes it. */
export function deposit(core: CoreState, { caller, now }: CoreCall, args: Deposited): CoreEffect {
  const token = tokenOf(core, args.assetId)
  assertFelt(args.quantizedAmount !== 0n, 'ZERO_AMOUNT')
  existingPosition(core, args.positionId)
  const amount = unquantized(core, args.quantizedAmount * token.quantum)
  const hash = depositHash(token.address, caller, args)
  assertFelt(core.deposits[hex(hash)] === undefined, 'DEPOSIT_ALREADY_REGISTERED')
  const held = heldToken(core, token.address)
  const pending = held.pending + amount
  assertFelt(
    held.maxDeposit === undefined || pending + held.treasury <= held.maxDeposit,
    'DEPOSIT_LIMIT_EXCEEDED',
  )
  const taken = withHeld(core, token.address, { ...held, pending })
  const deposits = { ...core.deposits, [hex(hash)]: { kind: 'PENDING', since: now } as const }
  return {
    core: { ...taken, deposits },
    events: [depositEvent(core, 'Deposit', { ...args, depositor: caller, hash, token, amount })],
    payments: [{ token: token.address, from: caller, to: 'core', amount }],
  }
}

/** Stale funding and prices do not stop it. */
export function processDeposit(
  core: CoreState,
  call: CoreCall,
  args: OperatedDeposit & { readonly interestAmount: bigint },
): CoreEffect {
  const used = useOperatorNonce(core, call.caller, args.operatorNonce)
  const { depositor, assetId, interestAmount } = args
  const token = tokenOf(used, assetId)
  const hash = depositHash(token.address, depositor, args)
  pendingSince(used, hash)
  const amount = unquantized(used, args.quantizedAmount * token.quantum)
  const { treasury } = core.custody
  assertFelt(treasury !== 0n, 'TREASURY_NOT_SET')
  const before = existingPosition(used, args.positionId)
  const touched = withInterest(used, call, { position: before, amount: interestAmount })
  const quantized = signedAmount(args.quantizedAmount)
  const after = withAdded(used, paid(touched.position, interestAmount), { assetId, quantized })
  if (core.generation === 'D') checkHealthier(used, { before, after })
  const held = heldToken(used, token.address)
  const moved = withHeld(withPositions(touched.core, [after]), token.address, {
    ...held,
    pending: held.pending - amount,
    treasury: held.treasury + amount,
  })
  return {
    core: { ...moved, deposits: { ...core.deposits, [hex(hash)]: { kind: 'PROCESSED' } } },
    events: [depositEvent(core, 'DepositProcessed', { ...args, hash, token, amount })],
    payments: [{ token: token.address, from: 'core', to: treasury, amount }],
  }
}

/** The depositor takes it back, after the delay. */
export function cancelDeposit(core: CoreState, call: CoreCall, args: Deposited): CoreEffect {
  const delay = core.limits.cancelDelay
  return canceled(core, call, { ...args, depositor: call.caller, delay })
}

/** The operator gives it back, any later second. */
export function rejectDeposit(core: CoreState, call: CoreCall, args: OperatedDeposit): CoreEffect {
  const used = useOperatorNonce(core, call.caller, args.operatorNonce)
  return canceled(used, call, { ...args, delay: 0n })
}

function canceled(
  core: CoreState,
  { now }: CoreCall,
  args: Deposited & { readonly depositor: bigint; readonly delay: bigint },
): CoreEffect {
  const { depositor } = args
  const token = tokenOf(core, args.assetId)
  const hash = depositHash(token.address, depositor, args)
  const since = pendingSince(core, hash)
  assertFelt(now > since + args.delay, 'DEPOSIT_NOT_CANCELABLE')
  const amount = unquantized(core, args.quantizedAmount * token.quantum)
  const held = heldToken(core, token.address)
  const given = withHeld(core, token.address, { ...held, pending: held.pending - amount })
  return {
    core: { ...given, deposits: { ...core.deposits, [hex(hash)]: { kind: 'CANCELED' } } },
    events: [depositEvent(core, 'DepositCanceled', { ...args, hash, token, amount })],
    payments: [{ token: token.address, from: 'core', to: depositor, amount }],
  }
}

type Token = { readonly address: bigint; readonly quantum: bigint }

/** The token behind a base or spot collateral. */
function tokenOf(core: CoreState, assetId: bigint): Token {
  if (assetId === collateralId)
    return { address: core.custody.token, quantum: core.custody.quantum }
  const { token } = existingAsset(core, assetId)
  assertFelt(token !== undefined, 'NOT_SPOT_ASSET')
  return token
}

/** The product is a u64 in generation C and a u128 in D, which cannot be left. */
function unquantized({ generation }: CoreState, amount: bigint): bigint {
  assertFelt(generation === 'D' || amount < 1n << 64n, 'u64_mul Overflow')
  return amount
}

function pendingSince({ deposits }: CoreState, hash: bigint): bigint {
  const found = deposits[hex(hash)]
  assertFelt(found !== undefined, 'DEPOSIT_NOT_REGISTERED')
  assertFelt(found.kind !== 'PROCESSED', 'DEPOSIT_ALREADY_PROCESSED')
  assertFelt(found.kind !== 'CANCELED', 'DEPOSIT_ALREADY_CANCELED')
  return found.since
}

/** A chain of Pedersen hashes that begins with the token. */
function depositHash(token: bigint, depositor: bigint, args: Deposited): bigint {
  const words = [depositor, args.positionId, args.quantizedAmount, args.salt]
  return words.reduce((hash, word) => BigInt(pedersen(hash, word)), token)
}

/** With a collateral added, or taken where it is below zero. */
export function withAdded(
  core: CoreState,
  position: CorePosition,
  { assetId, quantized }: { readonly assetId: bigint; readonly quantized: bigint },
): CorePosition {
  if (assetId === collateralId) return paid(position, quantized)
  const nothing = { quote: 0n, fee: 0n, interest: 0n }
  return exchanged(core, position, { asset: hex(assetId), base: quantized, ...nothing })
}

export function heldToken({ custody }: CoreState, token: bigint): HeldToken {
  return (
    custody.held[hex(token)] ?? {
      pending: 0n,
      treasury: 0n,
      maxDeposit: undefined,
      day: undefined,
    }
  )
}

export function withHeld(core: CoreState, token: bigint, held: HeldToken): CoreState {
  const { custody } = core
  return { ...core, custody: { ...custody, held: { ...custody.held, [hex(token)]: held } } }
}

/** What is told of a deposit into the base collateral that the operator has processed. */
export function processedDeposit(
  core: CoreState,
  { positionId, quantizedAmount }: Pick<Deposited, 'positionId' | 'quantizedAmount'>,
): CoreEvent {
  const token = tokenOf(core, collateralId)
  return depositEvent(core, 'DepositProcessed', {
    assetId: collateralId,
    positionId,
    quantizedAmount,
    salt: 0n,
    depositor: core.governor,
    hash: 0n,
    token,
    amount: quantizedAmount * token.quantum,
  })
}

/** Generation C tells no token, and the amount of all but the first event as a u256. */
function depositEvent(
  { generation }: CoreState,
  name: 'Deposit' | 'DepositProcessed' | 'DepositCanceled',
  told: Deposited & {
    readonly depositor: bigint
    readonly hash: bigint
    readonly token: Token
    readonly amount: bigint
  },
): CoreEvent {
  const { assetId, quantizedAmount, salt, token, amount } = told
  const keys = [selectorOf(name), told.positionId, told.depositor, told.hash]
  if (generation === 'D')
    return { keys, data: [assetId, token.address, quantizedAmount, amount, salt] }
  const whole = name === 'Deposit' ? [amount] : [amount, 0n]
  return { keys, data: [assetId, quantizedAmount, ...whole, salt] }
}
