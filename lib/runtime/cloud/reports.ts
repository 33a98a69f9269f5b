import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

import { lambdaApp } from '../http/lambda-app.ts'
import { reportsApp } from '../reports/reports-app.ts'
import { reportsData } from '../reports/reports-data.ts'
import { wallClock } from '../wall-clock.ts'
import { deployedStore } from './deployed-store.ts'

/** What our nodes signed, for everybody. It reads the store and nothing else. */
export function reports(): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  return async (event) => {
    const { network, store } = await deployedStore()
    return await lambdaApp(reportsApp(reportsData({ network, store, clock: wallClock })))(event)
  }
}
