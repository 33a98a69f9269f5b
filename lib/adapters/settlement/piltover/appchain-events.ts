import { selectorOf, signedFelt } from '../../starknet-felt.ts'

/** An event of the contract that says what became of a batch. */
export type AppchainEvent =
  | {
      readonly kind: 'state-update'
      readonly root: bigint
      readonly number: number
      readonly hash: bigint
    }
  | { readonly kind: 'state-transition-fact'; readonly fact: bigint }
  | { readonly kind: 'message-received'; readonly hash: bigint }
  | { readonly kind: 'message-sealed'; readonly hash: bigint }

/** Undefined where it is another one. */
export function appchainEventOf({
  keys,
  data,
}: {
  readonly keys: readonly bigint[]
  readonly data: readonly bigint[]
}): AppchainEvent | undefined {
  const [selector, messageHash = 0n] = keys
  const [first = 0n, second = 0n, third = 0n] = data
  switch (selector) {
    case stateUpdate:
      return { kind: 'state-update', root: first, number: Number(signedFelt(second)), hash: third }
    case transitionFact:
      return { kind: 'state-transition-fact', fact: (second << 128n) | first }
    case received:
      return { kind: 'message-received', hash: messageHash }
    case sealed:
      return { kind: 'message-sealed', hash: messageHash }
    case undefined:
    default:
      return undefined
  }
}

const [stateUpdate, transitionFact, received, sealed] = [
  'LogStateUpdate',
  'LogStateTransitionFact',
  'MessageToStarknetReceived',
  'MessageToAppchainSealed',
].map((name) => BigInt(selectorOf(name)))
