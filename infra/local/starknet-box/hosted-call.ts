/** Who calls a contract, and the time of the block that the call runs in, seconds. */
export type HostedCall = { readonly caller: bigint; readonly now: bigint }

export type HostedEvent = { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }

/** What a call that did not panic leaves, answers and emits. */
export type HostedEffect<State> = {
  readonly state: State
  readonly result: readonly bigint[]
  readonly events: readonly HostedEvent[]
}

/** What a view leaves: all as it was. */
export function seen<State>(state: State, result: readonly bigint[]): HostedEffect<State> {
  return { state, result, events: [] }
}
