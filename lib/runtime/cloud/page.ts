import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

import { readConfig } from '../config.ts'
import { onceEach } from '../once-each.ts'
import { openStore } from '../open-store.ts'
import { lambdaPage } from '../page/lambda-page.ts'
import { networkView } from '../view/network-view.ts'
import { wallClock } from '../wall-clock.ts'
import { deployedNetwork, networkDirectory } from './deployed-network.ts'

/** The page for people. It reads the store and nothing else. */
export function page(): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  const show = lambdaPage({
    view: async () => networkView({ ...(await opened(undefined)), now: wallClock.now() }),
    // Each look is an invocation.
    everyMs: 5_000,
  })
  return async (event) => show(event)
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
