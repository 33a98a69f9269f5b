import type { AnswersOf, Requests, RpcPlace, RpcRequest } from '../rpc.ts'

/** What one place told. */
export type Told<T> = { readonly place: string; readonly value: T }

/** Asks one place after the other until one answers. Throws where none does, with each one's reason. */
export async function firstToTell<T>(
  places: readonly RpcPlace[],
  ask: (rpc: RpcPlace['rpc'], place: string) => Promise<T>,
): Promise<Told<T>> {
  const reasons: string[] = []
  for (const { place, rpc } of places)
    try {
      // One after the other: the next is asked only where the one before fails.
      return { place, value: await ask(rpc, place) }
    } catch (error) {
      reasons.push(messageOf(error))
    }
  throw new NobodyTellsError(reasons)
}

/** Asks all places at once. Throws where none answers, with each one's reason. */
export async function allWhoTell<T>(
  places: readonly RpcPlace[],
  ask: (rpc: RpcPlace['rpc']) => Promise<T>,
): Promise<readonly Told<T>[]> {
  const asked = await Promise.allSettled(places.map(async ({ rpc }) => ask(rpc)))
  const told = asked.flatMap((one, at) =>
    one.status === 'fulfilled' ? [{ place: places[at]?.place ?? '', value: one.value }] : [],
  )
  if (told.length > 0) return told
  throw new NobodyTellsError(
    asked.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : [])),
  )
}

/** The middle one; of two the smaller, so that one place alone never makes a number large. */
export function middle<T>(told: readonly T[], valueOf: (one: T) => number): T | undefined {
  const sorted = told.toSorted((one, other) => valueOf(one) - valueOf(other))
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/** Answers where a view that is refused is not there; an error that is no refusal is the node's trouble, and thrown. */
export async function viewsThere<const R extends Requests>(
  rpc: RpcPlace['rpc'],
  requests: R,
  isRefusal: (error: { readonly code: number; readonly message: string }) => boolean,
): Promise<{ readonly [K in keyof R]: ViewOf<R[K]> | undefined }> {
  const answers: AnswersOf<Requests> = await rpc.answers(requests)
  return answers.map((answer) => {
    if (answer.kind === 'result') return answer.value
    if (isRefusal(answer.error)) return undefined
    throw new ViewTroubleError(answer.error.code, answer.error.message)
  }) as { readonly [K in keyof R]: ViewOf<R[K]> | undefined }
}

type ViewOf<R> = R extends RpcRequest<infer T> ? T : never

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason'
}

/** Places tell differently what is one thing: nobody can say which of them is right. */
export class PlacesDisagreeError extends Error {
  override readonly name = 'PlacesDisagreeError'
  /** Of which chain. */
  readonly chain: string

  constructor(chain: string, what: string) {
    super(what)
    this.chain = chain
  }
}

/** No place told what it was asked. */
export class NobodyTellsError extends Error {
  override readonly name = 'NobodyTellsError'

  constructor(reasons: readonly string[]) {
    super(reasons.join('; ') || 'nobody is asked')
  }
}

/** A node answered a view with an error that says nothing of the contract. */
export class ViewTroubleError extends Error {
  override readonly name = 'ViewTroubleError'

  constructor(code: number, message: string) {
    super(`the node does not call views: error ${code}: ${message.slice(0, 120)}`)
  }
}
