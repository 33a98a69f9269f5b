import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

import { GatewayRequest } from './gateway-transaction.ts'

/** What a gateway was given, a line each; it is there again after the next start. */
export type GatewayState = {
  readonly stored: readonly GatewayRequest[]
  readonly record: (request: GatewayRequest) => void
  readonly rewrite: (requests: readonly GatewayRequest[]) => void
}

export function openGatewayState(file: string | undefined): GatewayState {
  if (file === undefined) return { stored: [], record: () => undefined, rewrite: () => undefined }
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  // The last one is empty, or was not finished: nobody was told that it was taken.
  lines.pop()
  const stored = lines.slice(-kept).map((line) => GatewayRequest.parse(JSON.parse(line)))
  const rewrite = (requests: readonly GatewayRequest[]): void =>
    writeFileSync(file, requests.map(lineOf).join(''))
  rewrite(stored)
  return { stored, rewrite, record: (request) => appendFileSync(file, lineOf(request)) }
}

/** So many are there after a start: nobody sends what is older again. */
const kept = 1_000

function lineOf(request: GatewayRequest): string {
  return `${JSON.stringify(request)}\n`
}
