import type { Timestamp } from '../../domain/time.ts'
import type { Clock, Peer, PeerAnswer } from '../../ports.ts'

/** How long there is something to wait for. */
export type Wait = { readonly until: Timestamp; readonly signal: AbortSignal | undefined }

/** What a peer said when it was asked for a round. */
export type Answered = {
  readonly peer: Peer
  readonly round: number
  readonly answer: PeerAnswer
}

/** Each look is a request. */
const pollMs = 500

/**
 * Asks until the peer has the newest round, as long as it may. The round before is asked for once: a peer may have been late,
 * or say something else by now.
 */
export async function askPeer(
  clock: Clock,
  peer: Peer,
  { newest, until, signal }: Wait & { readonly newest: number },
): Promise<readonly Answered[]> {
  const ask = async (round: number): Promise<PeerAnswer> =>
    await peer.reports(round, Math.max(0, until - clock.now()))

  async function untilThere(): Promise<PeerAnswer> {
    for (;;) {
      const answer = await ask(newest)
      const isOver = clock.now() + pollMs > until || signal?.aborted
      if (answer.kind === 'reports' || isOver) return answer
      await clock.sleep(pollMs, signal)
    }
  }

  const [now, before] = await Promise.all([untilThere(), ask(newest - 1)])
  return [
    { peer, round: newest, answer: now },
    { peer, round: newest - 1, answer: before },
  ]
}
