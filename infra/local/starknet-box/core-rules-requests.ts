import {
  type MoneyRequest,
  transferHash,
  withdrawHash,
} from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { holdingOf } from '../../../lib/domain/margin/starknet-trade.ts'
import { existingAsset, useFreshAssets } from './core-rules-access.ts'
import { heldToken, withAdded, withHeld } from './core-rules-deposits.ts'
import { withInterest } from './core-rules-interest.ts'
import { collateralId } from './core-rules-orders.ts'
import {
  checkHealthier,
  existingPosition,
  paid,
  signedAmount,
  withPositions,
} from './core-rules-positions.ts'
import { checkOwnerSignature } from './core-rules-signatures.ts'
import type { CoreCall, CoreEffect, CorePosition, CoreState } from './core-state.ts'
import { felt, hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Orders and texts: starknet-perpetual withdrawal_manager.cairo, transfer_manager.cairo and treasury, generation D; C has no
// interest, and no limit on what leaves the treasury.

type SignedRequest = MoneyRequest & { readonly signature: readonly bigint[] }
type Executed = MoneyRequest & { readonly operatorNonce: bigint }

/** Anybody may bring it; the owner has signed it. */
export function withdrawRequest(core: CoreState, _: CoreCall, args: SignedRequest): CoreEffect {
  const position = existingPosition(core, args.positionId)
  assertFelt(args.amount !== 0n, 'INVALID_ZERO_AMOUNT')
  const hash = withdrawHash(args, signerOf(core, position))
  const keys = [selectorOf('WithdrawRequest'), args.positionId, args.recipient, hash]
  return registered(core, position, { args, hash, keys })
}

export function transferRequest(core: CoreState, _: CoreCall, args: SignedRequest): CoreEffect {
  checkTransferable(core, args.collateralId)
  existingPosition(core, args.recipient)
  const position = existingPosition(core, args.positionId)
  const hash = transferHash(args, signerOf(core, position))
  const keys = [selectorOf('TransferRequest'), args.recipient, args.positionId, hash]
  return registered(core, position, { args, hash, keys })
}

function registered(
  core: CoreState,
  position: CorePosition,
  {
    args,
    hash,
    keys,
  }: { readonly args: SignedRequest; readonly hash: bigint; readonly keys: readonly bigint[] },
): CoreEffect {
  assertFelt(core.requests[hex(hash)] === undefined, 'REQUEST_ALREADY_REGISTERED')
  checkOwnerSignature(position, hash, args.signature)
  const data = [args.collateralId, args.amount, args.expiration, args.salt]
  return {
    core: { ...core, requests: { ...core.requests, [hex(hash)]: 'PENDING' } },
    events: [{ keys, data }],
  }
}

export function withdraw(
  core: CoreState,
  call: CoreCall,
  args: Executed & { readonly interestAmount: bigint },
): CoreEffect {
  const { collateralId: assetId, recipient, positionId, interestAmount } = args
  const used = useFreshAssets(core, call, args.operatorNonce)
  const before = existingPosition(used, positionId)
  assertFelt(call.now <= args.expiration, 'SIGNED_TX_EXPIRED')
  const hash = withdrawHash(args, signerOf(used, before))
  const consumed = withProcessed(used, hash)
  const token = withdrawnToken(consumed, assetId)
  const amount = signedAmount(args.amount)
  checkHeld(before, assetId, amount)
  const touched = withInterest(consumed, call, { position: before, amount: interestAmount })
  const interested = paid(touched.position, interestAmount)
  const after = withAdded(used, interested, { assetId, quantized: -amount })
  checkHealthier(used, { before, after })
  const paidOut = amount * token.quantum
  const settled = withPositions(touched.core, [after])
  const { expiration, salt } = args
  const data =
    core.generation === 'D'
      ? [assetId, token.address, amount, expiration, salt, felt(interestAmount)]
      : [assetId, amount, expiration, salt]
  return {
    core: fromTreasury(settled, call, { token: token.address, amount: paidOut }),
    events: [{ keys: [selectorOf('Withdraw'), positionId, recipient, hash], data }],
    payments: [
      {
        token: token.address,
        from: core.custody.treasury,
        to: recipient,
        amount: paidOut,
      },
    ],
  }
}

export function transfer(
  core: CoreState,
  call: CoreCall,
  args: Executed & {
    readonly interestAmountSender: bigint
    readonly interestAmountRecipient: bigint
  },
): CoreEffect {
  const { collateralId: assetId, recipient, positionId } = args
  const used = useFreshAssets(core, call, args.operatorNonce)
  assertFelt(call.now <= args.expiration, 'SIGNED_TX_EXPIRED')
  assertFelt(recipient !== positionId, 'INVALID_SAME_POSITIONS')
  const sender = existingPosition(used, positionId)
  const receiver = existingPosition(used, recipient)
  const hash = transferHash(args, signerOf(used, sender))
  const consumed = withProcessed(used, hash)
  assertFelt(args.amount !== 0n, 'INVALID_ZERO_AMOUNT')
  const amount = signedAmount(args.amount)
  checkHeld(sender, assetId, amount)
  const [paying, paidIn] = [args.interestAmountSender, args.interestAmountRecipient]
  const left = withInterest(consumed, call, { position: sender, amount: paying })
  const right = withInterest(left.core, call, { position: receiver, amount: paidIn })
  const after = withAdded(used, paid(left.position, paying), { assetId, quantized: -amount })
  checkHealthier(used, { before: sender, after })
  const received = withAdded(used, paid(right.position, paidIn), { assetId, quantized: amount })
  if (core.generation === 'D') checkHealthier(used, { before: receiver, after: received })
  const interests = core.generation === 'D' ? [paying, paidIn] : []
  const data = [assetId, amount, args.expiration, args.salt, ...interests].map(felt)
  return {
    core: withPositions(right.core, [after, received]),
    events: [{ keys: [selectorOf('Transfer'), recipient, positionId, hash], data }],
  }
}

function signerOf({ chainId }: CoreState, { ownerPublicKey }: CorePosition) {
  return { publicKey: ownerPublicKey, chainId }
}

/** A request counts once. */
function withProcessed(core: CoreState, hash: bigint): CoreState {
  const found = core.requests[hex(hash)]
  assertFelt(found !== undefined, 'REQUEST_NOT_REGISTERED')
  assertFelt(found === 'PENDING', 'REQUEST_ALREADY_PROCESSED')
  return { ...core, requests: { ...core.requests, [hex(hash)]: 'PROCESSED' } }
}

function withdrawnToken(core: CoreState, assetId: bigint) {
  if (assetId === collateralId)
    return { address: core.custody.token, quantum: core.custody.quantum }
  const { token } = existingAsset(core, assetId)
  assertFelt(token !== undefined, 'CANNOT_WITHDRAW_SYNTHETIC')
  return token
}

function checkTransferable({ assets }: CoreState, assetId: bigint): void {
  if (assetId === collateralId) return
  const asset = assets[hex(assetId)]
  assertFelt(asset !== undefined, 'NO_SUCH_ASSET')
  assertFelt(asset.kind !== 'synthetic', 'NOT_TRANSFERABLE_ASSET')
}

/** Of the base collateral margins decide; of a token no more than is there. */
function checkHeld(position: CorePosition, assetId: bigint, amount: bigint): void {
  const isThere = assetId === collateralId || holdingOf(position, hex(assetId)).balance >= amount
  assertFelt(isThere, 'INVALID_SHRINK_TO_NEGATIVE')
}

const day = 86_400n
/** Of what was there when the day began, per cent. */
const dailyShare = 5n

function fromTreasury(
  core: CoreState,
  { now }: CoreCall,
  { token, amount }: { readonly token: bigint; readonly amount: bigint },
): CoreState {
  const held = heldToken(core, token)
  const left = { ...held, treasury: held.treasury - amount }
  if (core.generation !== 'D') return withHeld(core, token, left)
  const isOver = held.day === undefined || now - held.day.since > day
  const started = isOver ? { since: now, balance: held.treasury, withdrawn: 0n } : held.day
  const withdrawn = started.withdrawn + amount
  const allowed = (started.balance * dailyShare) / 100n
  assertBytes(
    withdrawn <= allowed,
    `Treasury Protection Limit Exceeded, balance_at_reset: ${started.balance}, withdrawn: ${withdrawn}, max_allowed: ${allowed}`,
  )
  return withHeld(core, token, { ...left, day: { ...started, withdrawn } })
}
