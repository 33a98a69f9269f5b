import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

import { carriedOn, type CarriedState, readCarried, writeCarried } from './carried-state.ts'
import type { ExchangeStart } from './exchange.ts'
import { GatewayRequest } from './gateway-transaction.ts'

/** What a gateway was given, a line each after one with its state before; it is there again after the next start. */
export type GatewayState = {
  readonly start: ExchangeStart
  readonly record: (request: GatewayRequest) => void
  readonly rewrite: (requests: readonly GatewayRequest[]) => void
}

/** `fresh`: what an exchange begins with that has no file yet. */
export function openGatewayState(file: string | undefined, fresh: CarriedState): GatewayState {
  if (file === undefined)
    return {
      start: { before: fresh, requests: [] },
      record: () => undefined,
      rewrite: () => undefined,
    }
  const start = compacted(storedIn(file) ?? { before: fresh, requests: [] })
  const rewrite = (requests: readonly GatewayRequest[]): void =>
    writeFileSync(file, [`${writeCarried(start.before)}\n`, ...requests.map(lineOf)].join(''))
  rewrite(start.requests)
  return { start, rewrite, record: (request) => appendFileSync(file, lineOf(request)) }
}

function storedIn(file: string): ExchangeStart | undefined {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  // The last one is empty, or was not finished: nobody was told that it was taken.
  lines.pop()
  const [first, ...rest] = lines
  if (first === undefined) return undefined
  return {
    before: readCarried(first),
    requests: rest.map((line) => GatewayRequest.parse(JSON.parse(line))),
  }
}

/** So many are there after a start: nobody sends what is older again. */
const kept = 1_000

function compacted({ before, requests }: ExchangeStart): ExchangeStart {
  const gone = requests.slice(0, -kept)
  return {
    before: gone.reduce((state, { tx }) => carriedOn(state, tx), before),
    requests: requests.slice(-kept),
  }
}

function lineOf(request: GatewayRequest): string {
  return `${JSON.stringify(request)}\n`
}
