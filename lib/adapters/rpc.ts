/** One question, and how to read its answer. `read` may throw: the answer is then unreadable, which is the node's fault. */
export type RpcRequest<T = unknown> = {
  readonly method: string
  readonly params: unknown
  readonly read: (result: unknown) => T
}

/** What a node said. An error that it means is a value: a revert, an unknown hash, a refused transaction. */
export type RpcAnswer<T = unknown> =
  | { readonly kind: 'result'; readonly value: T }
  | { readonly kind: 'error'; readonly error: RpcRefusal }

export type RpcRefusal = {
  readonly code: number
  readonly message: string
  readonly data: unknown
}

export type Requests = readonly RpcRequest[]
type ValueOf<R> = R extends RpcRequest<infer T> ? T : never
export type AnswersOf<R extends Requests> = { readonly [K in keyof R]: RpcAnswer<ValueOf<R[K]>> }
export type ValuesOf<R extends Requests> = { readonly [K in keyof R]: ValueOf<R[K]> }

/** A chain's JSON-RPC. Both throw `ChainUnavailableError` where no endpoint gives usable answers. */
export type Rpc = {
  /** Asks everything at once, of one endpoint; answers in the order of the requests. */
  answers<const R extends Requests>(requests: R): Promise<AnswersOf<R>>
  /** The same, where an error of the node can only be trouble. */
  values<const R extends Requests>(requests: R): Promise<ValuesOf<R>>
}

/** One node, asked alone: what it says is its own word. */
export type RpcPlace = {
  /** Its host: the rest of an address may be a password. */
  readonly place: string
  readonly rpc: Rpc
}

/** Several nodes of one chain, each asked alone; once `signal` aborts, none of them is waited for any more. */
export type OpenPlaces = (signal: AbortSignal) => readonly RpcPlace[]
