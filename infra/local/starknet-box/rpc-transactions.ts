import { z } from 'zod'

import { DeployAccount } from './deploy-account.ts'
import { execute, type Execution } from './execute.ts'
import { constructorError, executionError, takenText, validationError } from './failure.ts'
import { hex, longHex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import { Invoke } from './invoke.ts'
import { blockAt, type NodeView, worldAt } from './node-view.ts'
import { rpcError } from './rpc-error.ts'
import { BlockIdParam, type RpcContext, rpcMethod, type RpcMethod } from './rpc-method.ts'
import { traceShape } from './rpc-trace.ts'
import { deploymentTrouble } from './run-deployment.ts'
import { maxFeeOf } from './transaction-fields.ts'
import { senderOf, Transaction, transactionHash } from './transaction.ts'
import { badSignature, isValidated, validationFrame } from './validate.ts'
import { balanceOf, type World } from './world.ts'

const flags = z
  .array(z.enum(['SKIP_VALIDATE', 'SKIP_FEE_CHARGE', 'RETURN_INITIAL_READS']))
  .default([])

/** What sends transactions, or asks what they would do. */
export const transactionMethods: Readonly<Record<string, RpcMethod>> = {
  starknet_addInvokeTransaction: rpcMethod(
    { invoke_transaction: Invoke },
    ({ invoke_transaction: tx }, context) => ({ transaction_hash: added(tx, context) }),
  ),

  starknet_addDeclareTransaction: rpcMethod({}, () => {
    throw rpcError('unexpected', 'This node runs its own contracts only: nothing can be declared.')
  }),

  starknet_addDeployAccountTransaction: rpcMethod(
    { deploy_account_transaction: DeployAccount },
    ({ deploy_account_transaction: tx }, context) => ({
      transaction_hash: added(tx, context),
      contract_address: senderOf(tx),
    }),
  ),

  starknet_estimateFee: rpcMethod(
    { request: z.array(Transaction), simulation_flags: flags, block_id: BlockIdParam },
    ({ request, simulation_flags, block_id }, { view }) => {
      const runs = simulated(view, block_id, {
        transactions: request,
        validates: !simulation_flags.includes('SKIP_VALIDATE'),
        charge: false,
      })
      const { gasPrices } = blockAt(view, block_id)
      return runs.map(({ done }, index) => {
        if (done.failure === undefined) return estimateShape(done, gasPrices)
        throw executionFailed(index, executionError(done.failure))
      })
    },
  ),

  starknet_simulateTransactions: rpcMethod(
    { block_id: BlockIdParam, transactions: z.array(Transaction), simulation_flags: flags },
    ({ block_id, transactions, simulation_flags }, { view }) => {
      const validates = !simulation_flags.includes('SKIP_VALIDATE')
      const charge = !simulation_flags.includes('SKIP_FEE_CHARGE')
      const { gasPrices } = blockAt(view, block_id)
      return simulated(view, block_id, { transactions, validates, charge }).map(
        ({ before, tx, done }) => ({
          transaction_trace: traceShape(before, tx, { done, validates }),
          fee_estimation: estimateShape(done, gasPrices),
        }),
      )
    },
  ),
}

function added(tx: Transaction, { chain, faults, onAdded }: RpcContext) {
  if (faults.active('pool-full') !== undefined) throw rpcError('unexpected', 'The mempool is full.')
  const hash = chain.add(tx)
  onAdded()
  return hash
}

type Simulated = { readonly before: World; readonly tx: Transaction; readonly done: Execution }

/** One after the other, each on what the one before left. */
function simulated(
  view: NodeView,
  block_id: Parameters<typeof worldAt>[1],
  {
    transactions,
    validates,
    charge,
  }: {
    readonly transactions: readonly Transaction[]
    readonly validates: boolean
    readonly charge: boolean
  },
): readonly Simulated[] {
  const block = blockAt(view, block_id)
  let world = worldAt(view, block_id)
  return transactions.map((tx, index) => {
    const before = world
    checkBefore(before, tx, index)
    if (validates) checkValidation(view, before, { tx, index })
    if (charge && balanceOf(before, senderOf(tx)) < maxFeeOf(tx))
      throw executionFailed(index, "Resources bounds exceed the account's balance.")
    const done = execute(before, tx, { block, charge })
    // Calls that fail are in the block as reverted; a deployment is in none.
    if (tx.type === 'DEPLOY_ACCOUNT' && done.failure !== undefined)
      throw executionFailed(index, executionError(done.failure))
    world = done.world
    return { before, tx, done }
  })
}

function checkBefore(world: World, tx: Transaction, index: number): void {
  const sender = senderOf(tx)
  const address = longHex(BigInt(sender))
  const account = world.accounts[sender]
  if (tx.type === 'INVOKE' && account === undefined)
    throw executionFailed(index, `Requested contract address ${address} is not deployed.`)
  const next = account?.nonce ?? 0n
  const [current, given] = [next, BigInt(tx.nonce)].map(longHex)
  if (current !== given)
    throw executionFailed(
      index,
      `Invalid transaction nonce of contract at address ${address}. Account nonce: ${current}; got: ${given}.`,
    )
  if (tx.type === 'DEPLOY_ACCOUNT') checkDeployment(world, tx, index)
}

function checkDeployment(world: World, tx: DeployAccount, index: number): void {
  const trouble = deploymentTrouble(world, tx)
  switch (trouble?.kind) {
    case undefined:
      return
    case 'undeclared':
      throw executionFailed(
        index,
        `Class with hash ${longHex(BigInt(tx.class_hash))} is not declared.`,
      )
    case 'taken':
      throw executionFailed(index, takenText(senderOf(tx)))
    case 'panic':
      throw executionFailed(index, constructorError(trouble.frame, trouble.panic))
  }
}

function checkValidation(
  { chainId }: NodeView,
  world: World,
  { tx, index }: { readonly tx: Transaction; readonly index: number },
): void {
  if (isValidated(tx, transactionHash(tx, chainId), world)) return
  const error = validationError(validationFrame(tx), badSignature)
  throw executionFailed(index, error)
}

function executionFailed(index: number, execution_error: unknown) {
  return rpcError('executionError', { transaction_index: index, execution_error })
}

function estimateShape({ gas, fee }: Execution, prices: GasPrices): object {
  return {
    l1_gas_consumed: '0x0',
    l1_gas_price: hex(prices.l1Gas),
    l2_gas_consumed: hex(gas.l2Gas),
    l2_gas_price: hex(prices.l2Gas),
    l1_data_gas_consumed: hex(gas.l1DataGas),
    l1_data_gas_price: hex(prices.l1DataGas),
    overall_fee: hex(fee),
    unit: 'FRI',
  }
}
