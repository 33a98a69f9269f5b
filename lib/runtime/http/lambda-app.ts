import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'
import type { Hono } from 'hono'

/** A web application behind a function URL. */
export function lambdaApp(
  app: Hono,
): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  return async (event) => await answer(await app.fetch(request(event)))
}

/** Payload format 2.0, the only one that function URLs have. No application here takes a body. */
function request({
  rawPath,
  rawQueryString,
  requestContext,
  headers,
}: LambdaFunctionURLEvent): Request {
  const query = rawQueryString ? `?${rawQueryString}` : ''
  const known = Object.entries(headers).filter((header): header is [string, string] => {
    return header[1] !== undefined
  })
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method: requestContext.http.method,
    headers: known,
  })
}

async function answer(response: Response): Promise<LambdaFunctionURLResult> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  }
}
