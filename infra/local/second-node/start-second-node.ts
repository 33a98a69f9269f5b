import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

import { z } from 'zod'

import { answerFaultAdmin } from '../fault-admin.ts'
import { close, httpServer, listen } from '../http-server.ts'
import { Call, Lie, liar, type Liar, type LieInput } from './lies.ts'

export type SecondNodeOptions = {
  /** The node that knows the chain. */
  readonly upstream: string
  /** Any free one unless given. */
  readonly port?: number | undefined
  readonly adminPort?: number | undefined
}

export type SecondNode = {
  readonly url: string
  /** Where faults are switched: `GET`, `POST` and `DELETE /faults[?fault=]`. */
  readonly adminUrl: string
  readonly faults: {
    /** Switches a lie on, in place of another one. */
    set(lie: LieInput): void
    clear(): void
    list(): readonly Lie[]
  }
  stop(): Promise<void>
}

/**
 * Another node of a Starknet chain, for whoever compares two: it knows what the first one does, and can lie. What is wrong with
 * the first one shows in both.
 */
export async function startSecondNode({
  upstream,
  port = 0,
  adminPort = 0,
}: SecondNodeOptions): Promise<SecondNode> {
  let on: { readonly lie: Lie; readonly liar: Liar } | undefined
  const faults: SecondNode['faults'] = {
    set(input) {
      const lie = Lie.parse(input)
      on = { lie, liar: liar(lie) }
    },
    clear() {
      on = undefined
    },
    list: () => (on ? [on.lie] : []),
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = String(await buffer(request))
    // Who began to lie in the middle of an answer would tell half of one.
    const told = on?.liar
    const calls = told && Calls.parse(JSON.parse(body))
    const answer = await fetch(upstream, {
      method: request.method ?? 'POST',
      headers: { 'content-type': 'application/json' },
      ...(request.method === 'POST' && { body: calls ? JSON.stringify(asked(calls, told)) : body }),
    })
    const text = await answer.text()
    const isRead = calls && answer.status === 200
    response
      .writeHead(answer.status, headersOf(answer))
      .end(isRead ? JSON.stringify(lied(calls, JSON.parse(text), told)) : text)
  }

  const server = httpServer((request, response) => {
    // It has nothing to say where the first one has not.
    serve(request, response).catch(() => response.destroy())
  })
  const admin = httpServer((request, response) => {
    const names = ['lie'] as const
    answerFaultAdmin({ schema: Lie, names, faults }, request, response).catch(() =>
      response.destroy(),
    )
  })
  const [host, adminHost] = [await listen(server, port), await listen(admin, adminPort)]
  return {
    url: `http://${host}/rpc`,
    adminUrl: `http://${adminHost}`,
    faults,
    async stop() {
      await Promise.all([close(server), close(admin)])
    },
  }
}

const Id = z.union([z.number(), z.string(), z.null()]).optional()
const WithId = Call.extend({ id: Id })
/** One, or a batch of them. */
const Calls = z.union([z.array(WithId), WithId])
type Calls = z.output<typeof Calls>

function asked(calls: Calls, told: Liar): unknown {
  return Array.isArray(calls) ? calls.map((call) => told.asked(call)) : told.asked(calls)
}

const Answer = z.looseObject({ id: Id })

/** Each answer is of the call that has its id: those of a batch come in any order. */
function lied(calls: Calls, truth: unknown, told: Liar): unknown {
  const all = Array.isArray(calls) ? calls : [calls]
  const one = (answer: z.output<typeof Answer>): unknown => {
    const call = all.find(({ id }) => id === answer.id)
    if (!call || !('result' in answer)) return answer
    return { ...answer, result: told.told(call, answer['result']) }
  }
  return Array.isArray(truth) ? z.array(Answer).parse(truth).map(one) : one(Answer.parse(truth))
}

function headersOf({ headers }: Response): Record<string, string> {
  const kept = ['content-type', 'retry-after']
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}
