import { l1Sender } from '../l1/sender.ts'
import { readCompiledUptimeFeed } from './compiled-uptime-feed.ts'

/** Deploys a feed of which the key's account is the owner; it has no report yet. */
export async function deployUptimeFeed({
  rpcUrl,
  key,
  description,
  updaters,
}: {
  readonly rpcUrl: string
  readonly key: `0x${string}`
  readonly description: string
  /** Who may report. */
  readonly updaters: readonly `0x${string}`[]
}): Promise<`0x${string}`> {
  const sender = await l1Sender(rpcUrl, key)
  return await sender.deploy(readCompiledUptimeFeed().feed, [sender.address, description, updaters])
}
