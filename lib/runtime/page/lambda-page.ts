import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

import { lambdaApp } from '../http/lambda-app.ts'
import { type PageData, pageApp } from './page-app.ts'

/** The page behind a function URL. It polls: a function that kept a connection open would be paid for all the while. */
export function lambdaPage(
  data: PageData,
): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  return lambdaApp(pageApp({ ...data, updates: 'polling' }))
}
