import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import {
  type RunningStarknetBox,
  startStarknetBox,
} from '../../infra/local/starknet-box/start-starknet-box.ts'
import { checkWorld } from '../../lib/runtime/check-world.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { parseNetwork } from '../../lib/runtime/network-file.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { lanesOf } from '../../lib/runtime/world/lanes.ts'
import { accountClass, newAccount } from '../adapters/chains/starknet-deploy-suite.ts'
import { aCore } from '../infra/local/starknet-box/a-box.ts'
import { fund } from '../infra/local/starknet-box/a-deployment.ts'

const secret = '0x7e57'
const young = newAccount(secret)

let box: RunningStarknetBox
let directory: string
beforeEach(async () => {
  box = await startStarknetBox({ blocks: 'transaction', core: aCore() })
  directory = await mkdtemp(join(tmpdir(), 'starkeep-'))
  await writeFile(join(directory, 'sender'), secret, { mode: 0o600 })
})
afterEach(async () => {
  await box.stop()
  await rm(directory, { recursive: true })
})

/** The world of a network file with that account, and no exchange. */
async function worldOf(account: string) {
  const text = `network: sample
store: { kind: memory }
chains:
  l2:
    kind: starknet
    rpc: ['${box.url}']
    chainId: SN_SEPOLIA
    blockSeconds: 2
    account: ${account}
engines: {}
markets: {}
jobs: {}
`
  const network = parseNetwork(text, 'sample.yml', { venueNames: [] })
  return compose({ network, directory, clock: wallClock })
}

test('an account of the network file deploys itself with the key that the file names', async () => {
  const { address } = young
  const deploy = `deploy: { classHash: '${accountClass}' }`
  const world = await worldOf(`{ address: '${address}', key: file:sender, ${deploy} }`)
  expect(await checkWorld(world)).toEqual([
    `chains.l2: account ${address} has no STRK to pay fees with; send it some`,
  ])
  await fund(box, address)
  expect(await checkWorld(world)).toEqual([])
  const [lane] = lanesOf(world, () => undefined)
  const deployments = lane?.chain.deployments
  if (!lane || !deployments) throw new Error('the account has a lane')
  expect(await deployments.isDue(lane.account)).toBe(true)
  const simulation = await deployments.simulate(lane.account)
  if (simulation.kind !== 'ok') throw new Error(simulation.reason)
  const { bytes } = await deployments.sign(lane.account, simulation.fee)
  expect(await lane.chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
  expect(await deployments.isDue(lane.account)).toBe(false)
  await world.close()
})

test('what does not fit is told at the start, below the chain that the file names', async () => {
  const elsewhere = await worldOf(
    `{ address: '0x123', key: file:sender, deploy: { classHash: '${accountClass}' } }`,
  )
  expect((await checkWorld(elsewhere))[0]).toBe(
    `chains.l2: account 0x123 does not follow from what deploy says: class hash, salt, calldata and key give ${young.address}; name that address, or what the account is made of`,
  )
  await elsewhere.close()
  const salted = newAccount(secret, { classHash: '0xc1a55' })
  const undeclared = await worldOf(
    `{ address: '${salted.address}', key: file:sender, deploy: { classHash: 0xC1A55 } }`,
  )
  expect((await checkWorld(undeclared))[0]).toBe(
    `chains.l2: account ${salted.address} cannot be deployed: its class 0xc1a55 is not declared on this chain`,
  )
  await undeclared.close()
  const missing = await worldOf(`{ address: '${young.address}', key: file:sender }`)
  expect(await checkWorld(missing)).toEqual([
    `chains.l2: there is no account at ${young.address}; deploy it first, or say under deploy how`,
  ])
  await missing.close()
})
