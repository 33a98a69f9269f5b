import { httpClient } from '../../adapters/http-client.ts'
import { medianOf } from '../../domain/watch/spread.ts'
import type { Clock } from '../../ports.ts'
import type { World } from '../../runtime/compose.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { isThisMachine } from '../../runtime/network/values.ts'
import type { Text } from '../../runtime/reference.ts'
import type { Secrets } from '../../runtime/secrets.ts'
import type { Diagnosis } from './diagnosis.ts'

const fix = 'have this machine’s clock follow a time server (timedatectl, chronyc tracking)'

/** How far our clock is from the newest block of each chain: none may be from the future. */
export async function checkClock(world: World, secrets: Secrets): Promise<readonly Diagnosis[]> {
  const [chains, dates] = await Promise.all([blocksAhead(world), httpDates(world, secrets)])
  return [...chains, dates]
}

async function blocksAhead({
  network,
  ports: { chains, clock },
}: World): Promise<readonly Diagnosis[]> {
  const seen = Object.entries(chains).map(async ([name, chain]): Promise<readonly Diagnosis[]> => {
    // A gateway's head is of our own clock; a chain that is silent was told of already.
    const head = chain.kind === 'starkex' ? undefined : await chain.head().catch(() => undefined)
    const aheadMs = head ? head.time - clock.now() : 0
    if (!head || aheadMs <= network.watch.clockMs) return []
    return [
      {
        area: 'clock',
        subject: `chains.${name}`,
        state: 'fault',
        says: `block ${head.number} is ${seconds(aheadMs)} ahead of our clock`,
        fix,
      },
    ]
  })
  return (await Promise.all(seen)).flat()
}

/** More than this is a clock that nothing sets; HTTP dates are of whole seconds, and an answer takes a part of one. */
const oddMs = 2_000

async function httpDates({ network, ports }: World, secrets: Secrets): Promise<Diagnosis> {
  const at = { area: 'clock', subject: 'this machine' } as const
  const asked = (await urlsOf(network, secrets)).map(async (url) => offsetOf(url, ports.clock))
  const offsets = (await Promise.all(asked)).flatMap((offset) => offset ?? [])
  const offset = medianOf(offsets)
  if (offset === undefined)
    return {
      ...at,
      state: 'skipped',
      says: 'no node outside this machine tells a date to compare its clock with',
    }
  const hosts = `the dates of ${offsets.length} ${offsets.length === 1 ? 'host' : 'hosts'}`
  const apart = Math.abs(offset)
  if (apart <= oddMs) return { ...at, state: 'ok', says: `its clock agrees with ${hosts}` }
  const how = offset > 0 ? 'behind' : 'ahead of'
  const state = apart > network.watch.clockMs ? 'fault' : 'warning'
  return { ...at, state, says: `its clock is ${seconds(apart)} ${how} ${hosts}`, fix }
}

/** One of each host; this machine's own dates are those of its own clock. */
async function urlsOf({ chains, watched }: Network, secrets: Secrets): Promise<readonly string[]> {
  const references: readonly Text[] = [
    ...Object.values(chains).flatMap((chain) => (chain.kind === 'starkex' ? [] : chain.rpc)),
    ...Object.values(watched).flatMap((system) => [
      ...('rpc' in system ? system.rpc : []),
      ...('l1Rpc' in system ? system.l1Rpc : []),
    ]),
  ]
  const texts = await Promise.all(
    references.map(async (one) => (await secrets.text(one)).reveal().trim()),
  )
  const outside = texts.filter((url) => URL.canParse(url) && !isThisMachine(new URL(url).hostname))
  return [...new Map(outside.map((url) => [new URL(url).host, url])).values()]
}

const ask = httpClient({
  maxBytes: 1_000_000,
  keepAlive: false,
  headers: { 'content-type': 'application/json', 'user-agent': 'starkeep' },
})

const patienceMs = 5_000

/** How far our clock is behind a host's, by the middle of the exchange; undefined where it tells no date. */
async function offsetOf(url: string, clock: Clock): Promise<number | undefined> {
  const from = clock.now()
  const body = '{"jsonrpc":"2.0","id":1,"method":"web3_clientVersion","params":[]}'
  try {
    const { header } = await ask({ url, method: 'POST', body }, AbortSignal.timeout(patienceMs))
    // A date is cut to a whole second: half of one is its mean error.
    const date = Date.parse(header('date') ?? '') + 500
    return Number.isNaN(date) ? undefined : date - (from + clock.now()) / 2
  } catch {
    // Whether it answers at all is looked at elsewhere.
    return undefined
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
