import type { Uptime } from '../../domain/watch/uptime.ts'
import type { Look } from './look.ts'

/** What the watch says of each chain of the network file; nothing of those that it never judged. */
export async function readUptimes({ network, store, problems }: Look): Promise<readonly Uptime[]> {
  const read = await Promise.all(
    Object.keys(network.chains).map(async (chain) =>
      problems.attempt(`uptime of ${chain}`, () => store.uptimes.read(chain), undefined),
    ),
  )
  return read.flatMap((uptime) => uptime ?? [])
}
