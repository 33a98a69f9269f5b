import type { Fee, StarknetFee } from '../../domain/fee.ts'
import type { SignedTransaction } from '../../domain/transaction.ts'
import type { AccountDeployments } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { feltHex } from '../starknet-felt.ts'
import { UnfitTransactionError } from './errors.ts'
import { unexpectedRefusal } from './refusal.ts'
import { contractAddress, type DeploymentParts, deployOf } from './starknet-deploy.ts'
import { classHashAt } from './starknet-read.ts'
import { simulateDeployment } from './starknet-simulate.ts'
import type { StarknetTransaction } from './starknet-transaction.ts'

/** Signs what `transactionFor` makes of the fee, with the account's key and below the cap. */
export type SignFor = (
  account: string,
  fee: Fee,
  transactionFor: (offered: StarknetFee) => StarknetTransaction,
) => Promise<SignedTransaction>

/** The deployments of those accounts of a chain of which it is known how. */
export function starknetDeployments(of: {
  readonly chain: string
  readonly rpc: Rpc
  readonly parts: ReadonlyMap<`0x${string}`, DeploymentParts>
  readonly addressOf: (account: string) => `0x${string}`
  readonly sign: SignFor
}): AccountDeployments {
  const { chain, rpc, parts, addressOf, sign } = of

  function partsOf(address: `0x${string}`): DeploymentParts {
    const known = parts.get(address)
    if (known) return known
    throw new UnfitTransactionError(chain, `nobody has said how account ${address} is deployed`)
  }

  return {
    async isDue(account) {
      const address = addressOf(account)
      if (!parts.has(address)) return false
      const [answer] = await rpc.answers([classHashAt(address)])
      if (answer.kind === 'result') return false
      if (answer.error.code === unknownContract) return true
      throw unexpectedRefusal(chain, 'starknet_getClassHashAt', answer.error)
    },

    async simulate(account) {
      const address = addressOf(account)
      return simulateDeployment({ chain, rpc, account: address }, partsOf(address))
    },

    async sign(account, fee) {
      const address = addressOf(account)
      const own = partsOf(address)
      const where = feltHex(contractAddress(own))
      if (where !== address)
        throw new UnfitTransactionError(chain, `it would deploy account ${where}, not ${address}`)
      return sign(account, fee, (offered) => deployOf(own, offered))
    },
  }
}

/** starknet-specs: CONTRACT_NOT_FOUND. */
const unknownContract = 20
