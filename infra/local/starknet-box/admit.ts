import { classHashAt } from './call-contract.ts'
import { constructorFailure, takenText, validationFailure } from './failure.ts'
import { type Hex, longHex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import {
  l2GasPriceOf,
  leastL2GasPrice,
  mostCalldataFelts,
  mostL2Gas,
  nonceWindow,
  type Pool,
} from './pool.ts'
import { rpcError } from './rpc-error.ts'
import { deploymentGas, deploymentTrouble } from './run-deployment.ts'
import { maxFeeOf } from './transaction-fields.ts'
import { senderOf, type Transaction } from './transaction.ts'
import { badSignature, isValidated, validationFrame } from './validate.ts'
import { balanceOf, type World } from './world.ts'

/** The gateway's checks, before the pool has its say: throws what the methods that add transactions answer. */
export function admit(
  { tx, hash }: { readonly tx: Transaction; readonly hash: Hex },
  {
    world,
    pool,
    gasPrices,
  }: { readonly world: World; readonly pool: Pool; readonly gasPrices: GasPrices },
): void {
  const isFirst = followsDeployment(tx, { world, pool })
  if (!isFirst) checkNonce(tx, world)
  if (pool.some((entry) => entry.hash === hash)) throw rpcError('duplicate')
  checkResources(tx, gasPrices)
  if (balanceOf(world, senderOf(tx)) < maxFeeOf(tx)) throw rpcError('poorAccount')
  checkDeployment(tx, world)
  if (!isFirst) checkSignature(tx, hash, world)
}

/** The first calls of an account whose deployment waits: nobody there can be asked yet, and the block asks it (apollo gateway). */
function followsDeployment(
  tx: Transaction,
  { world, pool }: { readonly world: World; readonly pool: Pool },
): boolean {
  const sender = senderOf(tx)
  return (
    tx.type === 'INVOKE' &&
    BigInt(tx.nonce) === 1n &&
    world.accounts[sender] === undefined &&
    pool.some((entry) => senderOf(entry.tx) === sender)
  )
}

/** What needs no state, and not even the hash of a transaction that may be any size. */
export function checkForm(tx: Transaction): void {
  const { version, resource_bounds: bounds } = tx
  const { l2_gas: bound } = bounds
  const calldata = tx.type === 'INVOKE' ? tx.calldata : tx.constructor_calldata
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

function checkNonce(tx: Transaction, world: World): void {
  const sender = senderOf(tx)
  const account = world.accounts[sender]
  const calls = tx.type === 'INVOKE'
  if (calls && account === undefined && classHashAt(world, sender) !== undefined)
    throw rpcError('notAccount')
  if (calls && account === undefined)
    throw rpcError(
      'badValidation',
      `Requested contract address ${longHex(BigInt(sender))} is not deployed.`,
    )
  const given = BigInt(tx.nonce)
  const next = account?.nonce ?? 0n
  if (given < next || given > next + (calls ? nonceWindow : 0n))
    throw rpcError(
      'badNonce',
      `Invalid transaction nonce of contract at address ${longHex(BigInt(sender))}. Account nonce: ${next}; got: ${given}.`,
    )
}

/** What the account's own validation takes, and the two slots that every transaction writes. A deployment runs whole before it is taken. */
const leastL2Gas = 320_000n
const leastL1DataGas = 128n

function checkResources(tx: Transaction, prices: GasPrices): void {
  const { l1_gas, l2_gas, l1_data_gas } = tx.resource_bounds
  if (l2GasPriceOf(tx) < leastL2GasPrice) throw rpcError('lowFee')
  const [least, leastData] =
    tx.type === 'INVOKE'
      ? [leastL2Gas, leastL1DataGas]
      : [deploymentGas.l2Gas, deploymentGas.l1DataGas]
  const covered =
    BigInt(l2_gas.max_amount) >= least &&
    BigInt(l1_data_gas.max_amount) >= leastData &&
    BigInt(l1_gas.max_price_per_unit) >= prices.l1Gas &&
    BigInt(l2_gas.max_price_per_unit) >= prices.l2Gas &&
    BigInt(l1_data_gas.max_price_per_unit) >= prices.l1DataGas
  if (!covered) throw rpcError('fewResources')
}

function checkSignature(tx: Transaction, hash: Hex, world: World): void {
  if (!isValidated(tx, hash, world))
    throw rpcError('badValidation', validationFailure(validationFrame(tx), badSignature))
}

/** Constructor and class, before the account that they make is asked. */
function checkDeployment(tx: Transaction, world: World): void {
  if (tx.type === 'INVOKE') return
  const trouble = deploymentTrouble(world, tx)
  switch (trouble?.kind) {
    case undefined:
      return
    case 'undeclared':
      throw rpcError('classNotFound')
    case 'taken':
      throw rpcError('badValidation', takenText(senderOf(tx)))
    case 'panic':
      throw rpcError('badValidation', constructorFailure(trouble.frame, trouble.panic))
  }
}
