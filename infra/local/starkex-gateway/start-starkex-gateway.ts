import type { Socket } from 'node:net'

import { close, httpServer, listen } from '../http-server.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { answerAdmin } from './gateway-admin.ts'
import { GatewayConfig, type GatewayConfigInput } from './gateway-config.ts'
import { createGatewayFaults, type GatewayFaults } from './gateway-faults.ts'
import { gatewayListener } from './gateway-http.ts'
import { openGatewayState } from './gateway-state.ts'
import { freshStart } from './ledger.ts'
import type { Position } from './position.ts'

export type StarkexGatewayOptions = {
  readonly config: GatewayConfigInput
  /** Any free one unless given. */
  readonly port?: number | undefined
  readonly adminPort?: number | undefined
  /** What it shows, and whose certificates it asks for; without it, it speaks plain HTTP to anybody. All PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly ca: string }
  /** Whose it begins with, by id, where nothing is kept yet. */
  readonly positions?: ReadonlyMap<bigint, Position>
  /** Where transactions are kept between starts. */
  readonly stateFile?: string
  /** Before `/add_transaction` and its like, such as `/gateway`. */
  readonly prefix?: string
  /** The machine's own unless given, in milliseconds. */
  readonly now?: () => number
}

export type RunningStarkexGateway = {
  readonly url: string
  /** Where faults are switched on: `GET`, `POST` and `DELETE /faults`; `GET /` tells what it has. */
  readonly adminUrl: string
  readonly exchange: Exchange
  readonly faults: GatewayFaults
  stop(): Promise<void>
}

/** The gateway of a StarkEx perpetual exchange in this process, for what keepers send: it checks what the original checks. */
export async function startStarkexGateway(
  options: StarkexGatewayOptions,
): Promise<RunningStarkexGateway> {
  const { port = 0, adminPort = 0, tls, prefix = '', now = () => Date.now() } = options
  const { positions = new Map() } = options
  const fresh = { ...freshStart, state: { ...freshStart.state, positions } }
  const state = openGatewayState(options.stateFile, fresh)
  const config = GatewayConfig.parse(options.config)
  const exchange = createExchange({
    config,
    start: state.start,
    entries: state.entries,
    nowSeconds: () => Math.floor(now() / 1000),
    record: state.record,
  })
  const kept: Exchange = {
    ...exchange,
    lose(count) {
      exchange.lose(count)
      state.rewrite(exchange.kept())
    },
  }
  state.rewrite(exchange.kept())
  const faults = createGatewayFaults()
  const tellsLast = config.batches?.tellsLast ?? false
  const listener = gatewayListener({ exchange, faults, prefix, tellsLast })
  const server = httpServer(listener, tls)
  server.keepAliveTimeout = 65_000
  server.on('connection', (socket: Socket) => {
    if (faults.active('refuse')) socket.destroy()
  })
  const admin = httpServer((request, response) => {
    answerAdmin({ exchange: kept, faults }, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  const [host, adminHost] = [await listen(server, port), await listen(admin, adminPort)]
  return {
    url: `${tls ? 'https' : 'http'}://${host}${prefix}`,
    adminUrl: `http://${adminHost}`,
    exchange: kept,
    faults,
    async stop() {
      await Promise.all([close(server), close(admin)])
    },
  }
}
