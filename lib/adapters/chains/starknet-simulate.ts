import type { StarknetFee } from '../../domain/fee.ts'
import type { Call, Simulation } from '../../domain/transaction.ts'
import type { Rpc } from '../rpc.ts'
import { contractReason } from '../starknet-revert.ts'
import { unexpectedRefusal } from './refusal.ts'
import { type DeploymentParts, deployOf } from './starknet-deploy.ts'
import { marketStarknet, usualTip } from './starknet-fee.ts'
import { invokeOf, multicall } from './starknet-invoke.ts'
import { estimateOf, newestTips, nonceAt } from './starknet-read.ts'
import type { StarknetTransaction } from './starknet-transaction.ts'

type Account = {
  readonly chain: string
  readonly rpc: Rpc
  readonly account: `0x${string}`
}

/** How the account is deployed where it is not there yet; undefined where nobody has said. */
type Run = Account & { readonly deployment: DeploymentParts | undefined }

/**
 * What the calls would do on the newest state, pool included where the node can; of an account that is not there yet,
 * after its deployment.
 */
export async function simulateCalls(run: Run, calls: readonly Call[]): Promise<Simulation> {
  const { chain, account } = run
  const calldata = multicall(chain, calls)
  const { nonce, tips, before } = await startOf(run)
  const invoke = invokeOf({ account: BigInt(account), calldata, nonce, fee: noFee })
  return estimated(run, { transactions: [...before, invoke], at: 'pre_confirmed', tips })
}

/** On blocks alone: in the one being built the account may have been deployed already, by the transaction that this is to replace. */
export async function simulateDeployment(
  at: Account,
  deployment: DeploymentParts,
): Promise<Simulation> {
  const [tips] = await at.rpc.values([newestTips()])
  return estimated(at, { transactions: [deployOf(deployment, noFee)], at: 'latest', tips })
}

async function estimated(
  { chain, rpc }: Account,
  asked: {
    readonly transactions: readonly StarknetTransaction[]
    readonly at: 'latest' | 'pre_confirmed'
    readonly tips: readonly bigint[]
  },
): Promise<Simulation> {
  const { transactions, at, tips } = asked
  const [estimate] = await rpc.answers([estimateOf(transactions, at)])
  if (estimate.kind === 'result')
    return { kind: 'ok', fee: marketStarknet({ ...estimate.value, tip: usualTip(tips) }) }
  const reason = contractReason(estimate.error)
  if (reason === undefined) throw unexpectedRefusal(chain, 'starknet_estimateFee', estimate.error)
  return { kind: 'reverted', reason }
}

/** starknet-specs: CONTRACT_NOT_FOUND. */
const unknownContract = 20

/** The nonce at which calls would run, and what must run before them. */
async function startOf({ rpc, account, deployment }: Run) {
  const asked = [nonceAt(account, 'pre_confirmed'), newestTips()] as const
  if (deployment) {
    const [nonce, tips] = await rpc.answers(asked)
    const isMissing = nonce.kind === 'error' && nonce.error.code === unknownContract
    if (isMissing && tips.kind === 'result')
      return { nonce: 1n, tips: tips.value, before: [deployOf(deployment, noFee)] }
    if (nonce.kind === 'result' && tips.kind === 'result')
      return { nonce: nonce.value, tips: tips.value, before: [] }
  }
  const [nonce, tips] = await rpc.values(asked)
  return { nonce, tips, before: [] }
}

/** Amounts and prices do not matter for an estimate. */
const nothing = { maxAmount: 0n, maxPricePerUnit: 0n }
const noFee: StarknetFee = {
  kind: 'starknet',
  tip: 0n,
  l1Gas: nothing,
  l2Gas: nothing,
  l1DataGas: nothing,
}
