import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

import { weeksOfBooks } from '../../keepers/books/week-of-books.ts'
import { uptimeAnswer } from '../http/uptime-answer.ts'
import { onceEach } from '../once-each.ts'
import { lambdaPage } from '../page/lambda-page.ts'
import { type Studio, studioOf } from '../studio/studio.ts'
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
    studio: deployedStudio(),
    // Each look is an invocation.
    everyMs: 5_000,
  })
  return async (event) => show(event)
}

/** Opened with the store; what it remembers is this instance's. */
const openedStudio = onceEach(
  () => 'studio',
  async () => {
    const { network, store } = await deployedStore()
    return studioOf({ network, store, clock: wallClock })
  },
)

function deployedStudio(): Studio {
  return {
    parameters: async () => (await opened()).parameters(),
    known: async () => (await opened()).known(),
    course: async (market) => (await opened()).course(market),
    subjects: async () => (await opened()).subjects(),
    kept: async (wanted) => (await opened()).kept(wanted),
    slot: async (wanted) => (await opened()).slot(wanted),
  }
}

async function opened(): Promise<Studio> {
  return await openedStudio(undefined)
}
