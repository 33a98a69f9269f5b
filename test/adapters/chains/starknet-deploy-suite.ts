import { hash } from 'starknet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { starknetChain, type StarknetChainOptions } from '../../../lib/adapters/chains/starknet.ts'
import type { StarknetFee } from '../../../lib/domain/fee.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { fund } from '../../infra/local/starknet-box/a-deployment.ts'
import { starkKey, wallClock } from './keys.ts'
import type { StarknetNode } from './starknet-suite.ts'
import { ample, suiteConfig } from './starknet-world.ts'

/** OpenZeppelin's account, which the box and starknet-devnet both have. */
export const accountClass = '0x5b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564'

/** An account that is nowhere yet: its key, and its address by starknet.js. */
export function newAccount(secret: string, part: { readonly classHash?: string } = {}) {
  const key = starkKey(secret)
  const { classHash = accountClass } = part
  const calldata = [key.publicKey]
  const address = hash.calculateContractAddressFromHash(key.publicKey, classHash, calldata, 0)
  return { key, address: `0x${BigInt(address).toString(16)}` as const }
}

type Start = (config: (operator: bigint) => CoreConfig) => Promise<StarknetNode>

/** What every Starknet node must do with accounts that deploy themselves. Tests follow one another. */
export function starknetDeploySuite(name: string, startNode: Start): void {
  describe(name, () => {
    let node: StarknetNode
    beforeAll(async () => {
      node = await startNode(suiteConfig)
    }, 120_000)
    afterAll(async () => node.stop())

    const young = newAccount('0x7e57')

    const openChain = (other: Partial<StarknetChainOptions> = {}) =>
      starknetChain({
        name: 'starknet',
        rpcUrls: [node.url],
        chainId: node.chainId,
        blockSeconds: 1,
        finalityBlocks: 1,
        keys: { [young.address]: young.key },
        deployments: { [young.address]: { classHash: accountClass } },
        clock: wallClock,
        ...other,
      })
    const openDeployments = (other?: Partial<StarknetChainOptions>) => {
      const { deployments } = openChain(other)
      if (!deployments) throw new Error('accounts of Starknet are deployed')
      return deployments
    }

    async function money(to: string): Promise<void> {
      const { url, stranger } = node
      await fund({ url, accounts: [stranger] }, to)
      await node.makeBlock()
    }

    test('an account that is not there is due where it is known how, and its check says what lacks', async () => {
      expect(await openDeployments().isDue(young.address)).toBe(true)
      expect(await openDeployments({ deployments: {} }).isDue(young.address)).toBe(false)
      const { address, privateKey } = node.operator
      const keys = { [address]: starkKey(privateKey) }
      const deployments = { [address]: { classHash: accountClass } } as const
      expect(await openDeployments({ keys, deployments }).isDue(address)).toBe(false)
      expect(await openChain().nonce(young.address)).toEqual({ latest: 0, pending: 0 })
      const poor = `account ${young.address} has no STRK to pay fees with; send it some`
      expect(await openChain().check()).toEqual([poor])
      expect(await openChain({ deployments: {} }).check()).toEqual([
        `there is no account at ${young.address}; deploy it first, or say under deploy how`,
      ])
    })

    test('a class that nobody has declared is told at the start', async () => {
      const { address, key } = newAccount('0x7e57', { classHash: '0x123' })
      await money(address)
      const keys = { [address]: key }
      const undeclared = { keys, deployments: { [address]: { classHash: '0x123' } } } as const
      expect(await openChain(undeclared).check()).toEqual([
        `account ${address} cannot be deployed: its class 0x123 is not declared on this chain`,
      ])
      const { bytes } = await openDeployments(undeclared).sign(address, ample)
      expect(await openChain().broadcast(bytes)).toMatchObject({ kind: 'refused', why: 'invalid' })
    })

    test('an address that is another account’s is told at the start, with the right one', async () => {
      const keys = { '0x123': young.key }
      const sentences = await openChain({
        keys,
        deployments: { '0x123': { classHash: accountClass } },
      }).check()
      expect(sentences[0]).toBe(
        `account 0x123 does not follow from what deploy says: class hash, salt, calldata and key give ${young.address}; name that address, or what the account is made of`,
      )
    })

    test('arguments that its constructor does not take are told at the start', async () => {
      const calldata = [young.key.publicKey, '0x1'] as const
      const { publicKey } = young.key
      const made = hash.calculateContractAddressFromHash(publicKey, accountClass, [...calldata], 0)
      const address = `0x${BigInt(made).toString(16)}` as const
      await money(address)
      const wrong = {
        keys: { [address]: young.key },
        deployments: { [address]: { classHash: accountClass, calldata } },
      } as const
      expect(await openChain(wrong).check()).toEqual([
        `account ${address} cannot be deployed: its constructor says Input too long for arguments`,
      ])
      expect(await openDeployments(wrong).simulate(address)).toEqual({
        kind: 'reverted',
        reason: 'Input too long for arguments',
      })
    })

    test('without money it is estimated, and refused for the money alone', async () => {
      const chain = openChain()
      const simulated = await openDeployments().simulate(young.address)
      if (simulated.kind !== 'ok') throw new Error(simulated.reason)
      expect(chain.mostOf(simulated.fee) > 0n).toBe(true)
      const { bytes } = await openDeployments().sign(young.address, simulated.fee)
      expect(await chain.broadcast(bytes)).toMatchObject({ kind: 'refused', why: 'funds' })
      // Work is estimated as it would run behind the deployment.
      expect(await chain.simulate(young.address, [])).toMatchObject({ kind: 'ok' })
    })

    test('with money it goes from simulated to included, and repeating it is success', async () => {
      await money(young.address)
      const chain = openChain()
      expect(await chain.check()).toEqual([])
      const balance = await chain.balance(young.address)
      const simulated = await openDeployments().simulate(young.address)
      if (simulated.kind !== 'ok') throw new Error(simulated.reason)
      const signed = await openDeployments().sign(young.address, simulated.fee)
      expect(await openDeployments().sign(young.address, simulated.fee)).toEqual(signed)
      expect(await chain.status(signed.hash)).toEqual({ kind: 'unknown' })
      const forged = signed.bytes.replace(/"signature":\["0x[0-9a-f]+"/, '"signature":["0x5"')
      expect(await chain.broadcast(forged)).toMatchObject({ kind: 'refused', why: 'invalid' })
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'known' })
      await node.makeBlock()
      const status = await chain.status(signed.hash)
      if (status.kind !== 'included') throw new Error(status.kind)
      expect(status).toMatchObject({ outcome: 'succeeded', reason: undefined, final: false })
      expect(balance - (await chain.balance(young.address))).toBe(status.feePaid)
      expect(status.feePaid <= chain.mostOf(simulated.fee)).toBe(true)
      expect(await chain.nonce(young.address)).toEqual({ latest: 1, pending: 1 })
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'known' })
      expect(await openDeployments().isDue(young.address)).toBe(false)
    })

    test('it is deployed once: another deployment of it is refused for its nonce', async () => {
      const { bytes } = await openDeployments().sign(young.address, ample)
      expect(await openChain().broadcast(bytes)).toMatchObject({ why: 'nonce-too-low' })
    })

    test('it sends from nonce 1 on', async () => {
      const chain = openChain()
      const calls: readonly Call[] = []
      const simulated = await chain.simulate(young.address, calls)
      if (simulated.kind !== 'ok') throw new Error(simulated.reason)
      const transaction = { calls, nonce: 1, fee: simulated.fee as StarknetFee }
      const signed = await chain.sign(young.address, transaction)
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
      await node.makeBlock()
      expect(await chain.status(signed.hash)).toMatchObject({ outcome: 'succeeded' })
      expect(await chain.nonce(young.address)).toEqual({ latest: 2, pending: 2 })
    })

    test('the check knows the key of an account that is there, deployed by whomever', async () => {
      expect(await openChain().check()).toEqual([])
      const other = starkKey('0x777')
      const keys = { [young.address]: other }
      const [misplaced, wrong, ...rest] = await openChain({ keys }).check()
      expect(rest).toEqual([])
      expect(misplaced).toContain(`account ${young.address} does not follow from what deploy says`)
      expect(wrong).toBe(
        `account ${young.address} has the key ${young.key.publicKey}, the network file's key is ${other.publicKey}; name the key of that account`,
      )
    })
  })
}
