import { accountClassHash, isSignedBy } from './account-class.ts'
import { classHashAt } from './call-contract.ts'
import { type Frame, validationFailure } from './failure.ts'
import { type Hex, longHex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import { type Invoke, maxFeeOf } from './invoke.ts'
import { feltPanic, type PanicData } from './panic.ts'
import {
  l2GasPriceOf,
  leastL2GasPrice,
  mostCalldataFelts,
  mostL2Gas,
  nonceWindow,
  type Pool,
} from './pool.ts'
import { rpcError } from './rpc-error.ts'
import { selectorOf } from './selectors.ts'
import { balanceOf, type World } from './world.ts'

/** The gateway's checks, before the pool has its say: throws what `starknet_addInvokeTransaction` answers. */
export function admit(
  { tx, hash }: { readonly tx: Invoke; readonly hash: Hex },
  {
    world,
    pool,
    gasPrices,
  }: { readonly world: World; readonly pool: Pool; readonly gasPrices: GasPrices },
): void {
  checkNonce(tx, world)
  if (pool.some((entry) => entry.hash === hash)) throw rpcError('duplicate')
  checkResources(tx, gasPrices)
  if (balanceOf(world, tx.sender_address) < maxFeeOf(tx)) throw rpcError('poorAccount')
  checkSignature(tx, hash, world)
}

/** What needs no state, and not even the hash of a transaction that may be any size. */
export function checkForm({ version, calldata, resource_bounds: { l2_gas: bound } }: Invoke): void {
  if (version !== '0x3') throw rpcError('unsupportedVersion')
  if (calldata.length > mostCalldataFelts)
    throw rpcError(
      'unexpected',
      `Transaction calldata length ${calldata.length} exceeds the maximum of ${mostCalldataFelts}.`,
    )
  if (BigInt(bound.max_amount) > mostL2Gas)
    throw rpcError(
      'unexpected',
      `Max L2 gas amount ${BigInt(bound.max_amount)} exceeds the maximum of ${mostL2Gas}.`,
    )
}

function checkNonce({ sender_address: sender, nonce }: Invoke, world: World): void {
  const account = world.accounts[sender]
  if (account === undefined && classHashAt(world, sender) !== undefined)
    throw rpcError('notAccount')
  if (account === undefined)
    throw rpcError(
      'badValidation',
      `Requested contract address ${longHex(BigInt(sender))} is not deployed.`,
    )
  const given = BigInt(nonce)
  if (given < account.nonce || given > account.nonce + nonceWindow)
    throw rpcError(
      'badNonce',
      `Invalid transaction nonce of contract at address ${longHex(BigInt(sender))}. Account nonce: ${account.nonce}; got: ${given}.`,
    )
}

/** What the account's own validation takes, and the two slots that every transaction writes. */
const leastL2Gas = 320_000n
const leastL1DataGas = 128n

function checkResources(tx: Invoke, prices: GasPrices): void {
  const { l1_gas, l2_gas, l1_data_gas } = tx.resource_bounds
  if (l2GasPriceOf(tx) < leastL2GasPrice) throw rpcError('lowFee')
  const covered =
    BigInt(l2_gas.max_amount) >= leastL2Gas &&
    BigInt(l1_data_gas.max_amount) >= leastL1DataGas &&
    BigInt(l1_gas.max_price_per_unit) >= prices.l1Gas &&
    BigInt(l2_gas.max_price_per_unit) >= prices.l2Gas &&
    BigInt(l1_data_gas.max_price_per_unit) >= prices.l1DataGas
  if (!covered) throw rpcError('fewResources')
}

/** What an account of OpenZeppelin says to a signature that is not its own. */
export const badSignature: PanicData = feltPanic('Account: invalid signature')

export function validationFrame(sender: Hex): Frame {
  return {
    address: sender,
    classHash: accountClassHash,
    selector: selectorOf('__validate__'),
  }
}

export function isValidated({ sender_address, signature }: Invoke, hash: Hex, world: World) {
  const account = world.accounts[sender_address]
  return account !== undefined && isSignedBy(account, BigInt(hash), signature.map(BigInt))
}

function checkSignature(tx: Invoke, hash: Hex, world: World): void {
  if (!isValidated(tx, hash, world))
    throw rpcError(
      'badValidation',
      validationFailure(validationFrame(tx.sender_address), badSignature),
    )
}
