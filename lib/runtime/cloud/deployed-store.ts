import { readConfig } from '../config.ts'
import { onceEach } from '../once-each.ts'
import { openStore } from '../open-store.ts'
import { wallClock } from '../wall-clock.ts'
import { deployedNetwork, networkDirectory } from './deployed-network.ts'

/** For functions that read the store and nothing else. */
export async function deployedStore() {
  return await opened(undefined)
}

/** Once per instance, and anew after it failed. */
const opened = onceEach(
  () => 'store',
  async () => {
    const config = readConfig()
    const network = await deployedNetwork(config)
    const { region } = config
    const directory = networkDirectory(config)
    return { network, store: openStore({ network, directory, clock: wallClock, region }).store }
  },
)
