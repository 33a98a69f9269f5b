import type { Kzg } from '../../adapters/kzg.ts'
import { foreignAlertKeys, foreignKeys, ForeignKeysError } from '../check-deployment.ts'
import { compose, type Needs, type World } from '../compose.ts'
import { readConfig } from '../config.ts'
import { onceEach } from '../once-each.ts'
import { wallClock } from '../wall-clock.ts'
import { deployedNetwork, networkDirectory } from './deployed-network.ts'

type Wanted = { readonly needs: Needs; readonly kzg: Kzg | undefined }

/** Made once per instance, and anew after it failed. */
export const deployedWorld = onceEach(
  ({ needs }: Wanted) => JSON.stringify(needs),
  async ({ needs, kzg }: Wanted): Promise<World> => {
    const config = readConfig()
    const network = await deployedNetwork(config)
    const foreign = foreignKeys(network, config)
    if (foreign.length > 0) throw new ForeignKeysError(foreign)
    return await compose({
      network,
      directory: networkDirectory(config),
      clock: wallClock,
      region: config.region,
      needs,
      kzg,
      channels: 'with-first-message',
      foreign: foreignAlertKeys(network, config),
    })
  },
)
