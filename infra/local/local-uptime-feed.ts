import { createHash } from 'node:crypto'

import { privateKeyToAddress } from 'viem/accounts'

import { uptimeFeedSourceHash } from '../contracts/uptime-feed/compiled-uptime-feed.ts'
import { deployUptimeFeed } from '../contracts/uptime-feed/deploy.ts'
import { keepAnvilState } from './anvil-state.ts'
import type { Deployments } from './deployments.ts'
import { hasCode } from './has-code.ts'
import { type LocalSecrets, readSecret } from './local-keys.ts'
import { localRpc } from './local-rpc.ts'

/** What of the local uptime feed the template cannot know. */
export type UptimeFeedFacts = {
  readonly address: string
  /** Who tells it. */
  readonly teller: string
}

const description = 'starknet sequencer uptime, local'

/** A feed about the local Starknet chain on the Ethereum node, deployed at the first start and found again at the next. */
export async function localUptimeFeed({
  secrets,
  deployments,
  evm,
  blockSeconds,
  onProgress,
}: {
  readonly secrets: LocalSecrets
  readonly deployments: Deployments
  readonly evm: {
    readonly url: string
    readonly stateFile: string
    /** What stands at known addresses now may be something else. */
    readonly beganAnew: boolean
  }
  readonly blockSeconds: number
  readonly onProgress: (message: string) => void
}): Promise<UptimeFeedFacts> {
  const rpc = localRpc(evm.url)
  const key = readSecret(secrets.deployerFile) as `0x${string}`
  const teller = privateKeyToAddress(readSecret(secrets.tellerFile) as `0x${string}`)
  for (const address of [teller, privateKeyToAddress(key)])
    await rpc('anvil_setBalance', address, `0x${(10n ** 24n).toString(16)}`)
  const fingerprint = fingerprintOf([uptimeFeedSourceHash(), description, teller])
  const last = deployments.read('uptime-feed')
  const isFit = !evm.beganAnew && last?.fingerprint === fingerprint
  if (isFit && (await hasCode(rpc, last.address))) return { address: last.address, teller }

  onProgress('Deploying the uptime feed …')
  // A block at once, so that nobody waits for it.
  await rpc('evm_setAutomine', true)
  try {
    const address = await deployUptimeFeed({
      rpcUrl: evm.url,
      key,
      description,
      updaters: [teller],
    })
    keepAnvilState(evm.stateFile, await rpc('anvil_dumpState'))
    deployments.write('uptime-feed', { address, fingerprint })
    return { address, teller }
  } finally {
    await rpc('evm_setIntervalMining', blockSeconds)
  }
}

function fingerprintOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
