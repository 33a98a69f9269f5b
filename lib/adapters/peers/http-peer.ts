import type { Peer, PeerAnswer } from '../../ports.ts'
import { type HttpAnswer, type HttpClient, NoAnswerError } from '../http-client.ts'
import { readReports, type Targets, type WireReports, WireReportsError } from './report-wire.ts'

export type HttpPeerOptions = {
  readonly node: string
  /** Where it serves its reports. */
  readonly url: string
  readonly signers: Peer['signers']
  readonly targets: Targets
  /** Takes no body that is larger than reports can be. */
  readonly client: HttpClient
}

/** A round's answer with what it is known by, so that it need not come again. */
type Known = { readonly etag: string; readonly read: WireReports }

/** The newest rounds, of which the same is asked again and again. */
const keptRounds = 4

/** Another operator's node, by the reports that it serves over HTTP. */
export function httpPeer({ node, url, signers, targets, client }: HttpPeerOptions): Peer {
  const kept = new Map<number, Known>()

  function keep(round: number, etag: string | undefined, read: WireReports): void {
    kept.delete(round)
    if (etag !== undefined) kept.set(round, { etag, read })
    for (const old of [...kept.keys()].slice(0, -keptRounds)) kept.delete(old)
  }

  async function ask(round: number, signal: AbortSignal): Promise<PeerAnswer> {
    const known = kept.get(round)
    const answer = await client(
      {
        url: `${url.replace(/\/$/, '')}/reports/${node}/${round}`,
        method: 'GET',
        ...(known && { headers: { 'if-none-match': known.etag } }),
      },
      signal,
    )
    if (answer.status === 304 && known) return given(known.read)
    if (answer.status === 404) return { kind: 'nothing' }
    if (answer.status !== 200)
      return { kind: 'failed', why: 'http', detail: `status ${answer.status}` }
    const read = readReports(answer.body, targets)
    keep(round, etagOf(answer), read)
    return given(read)
  }

  return {
    node,
    signers,
    async reports(round, withinMs) {
      try {
        return await ask(round, AbortSignal.timeout(Math.ceil(withinMs)))
      } catch (error) {
        return failed(error)
      }
    },
  }
}

function given({ reports, unreadable }: WireReports): PeerAnswer {
  return { kind: 'reports', reports, unreadable }
}

/** One that could not go into a header is none. */
function etagOf({ header }: HttpAnswer): string | undefined {
  const etag = header('etag')
  return etag !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{1,128}"$/.test(etag) ? etag : undefined
}

function failed(error: unknown): PeerAnswer {
  if (error instanceof NoAnswerError)
    return { kind: 'failed', why: error.trouble, detail: error.message }
  if (error instanceof WireReportsError)
    return { kind: 'failed', why: 'unreadable', detail: error.message }
  throw error
}
