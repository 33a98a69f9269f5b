import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

import { weeksOfBooks } from '../../keepers/books/week-of-books.ts'
import { uptimeAnswer } from '../http/uptime-answer.ts'
import { lambdaPage } from '../page/lambda-page.ts'
import { networkView } from '../view/network-view.ts'
import { wallClock } from '../wall-clock.ts'
import { deployedStore } from './deployed-store.ts'

/** The page for people. It reads the store and nothing else. */
export function page(): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  const weekOf = weeksOfBooks()
  const show = lambdaPage({
    view: async () => networkView({ ...(await deployedStore()), now: wallClock.now(), weekOf }),
    async uptime() {
      const { network, store } = await deployedStore()
      const chains = Object.keys(network.chains)
      return uptimeAnswer({ network: network.network, chains, store, clock: wallClock })
    },
    // Each look is an invocation.
    everyMs: 5_000,
  })
  return async (event) => show(event)
}
