import { poseidonHashMany } from '@scure/starknet'

import { hex } from './felt.ts'
import type { HostedCall, HostedEffect, HostedEvent } from './hosted-call.ts'
import { assertFelt } from './panic.ts'
import type { MessageToAppchain, MessageToStarknet } from './piltover-output.ts'
import type { PiltoverState, SentMessage } from './piltover-state.ts'
import { selectorOf } from './selectors.ts'

// Texts, hashes and events: keep-starknet-strange/piltover, messaging.

/** Five days, seconds. */
const cancellationDelay = 432_000n

export type SentWords = {
  readonly toAddress: bigint
  readonly selector: bigint
  readonly payload: readonly bigint[]
}

export function sendMessage(
  state: PiltoverState,
  { caller }: HostedCall,
  { toAddress, selector, payload }: SentWords,
): HostedEffect<PiltoverState> {
  const { nonce } = state
  const message = { from: caller, to: toAddress, nonce, selector, payload }
  const hash = hashToAppchain(message)
  return {
    state: withSent({ ...state, nonce: nonce + 1n }, hash, { status: 'pending', nonce }),
    result: [hash, nonce],
    events: [event('MessageSent', { hash, message, data: [selector, nonce, ...span(payload)] })],
  }
}

export function startCancellation(
  state: PiltoverState,
  { caller, now }: HostedCall,
  { toAddress, selector, payload, nonce }: SentWords & { readonly nonce: bigint },
): HostedEffect<PiltoverState> {
  const message = { from: caller, to: toAddress, nonce, selector, payload }
  const hash = hashToAppchain(message)
  const status = state.toAppchain[hex(hash)]?.status
  assertFelt(status !== 'cancelled', 'CANCELLATION_ALREADY_DONE')
  assertFelt(status !== 'cancelling', 'CANCELLATION_ALREADY_REQUESTED')
  assertFelt(status === 'pending', 'NO_MESSAGE_TO_CANCEL')
  const data = [selector, ...span(payload), nonce]
  return {
    state: withSent(state, hash, { status: 'cancelling', since: now }),
    result: [hash],
    events: [event('MessageCancellationStarted', { hash, message, data })],
  }
}

export function cancelMessage(
  state: PiltoverState,
  { caller, now }: HostedCall,
  { toAddress, selector, payload, nonce }: SentWords & { readonly nonce: bigint },
): HostedEffect<PiltoverState> {
  const message = { from: caller, to: toAddress, nonce, selector, payload }
  const hash = hashToAppchain(message)
  const sent = state.toAppchain[hex(hash)]
  assertFelt(sent?.status === 'cancelling', 'NO_MESSAGE_TO_CANCEL')
  assertFelt(now >= sent.since + cancellationDelay, 'CANCELLATION_NOT_ALLOWED_YET')
  const data = [selector, ...span(payload), nonce]
  return {
    state: withSent(state, hash, { status: 'cancelled' }),
    result: [hash],
    events: [event('MessageCanceled', { hash, message, data })],
  }
}

/** The contract's enum of what became of a message to the appchain. */
export function sentStatus({ toAppchain }: PiltoverState, hash: bigint): readonly bigint[] {
  const sent = toAppchain[hex(hash)]
  switch (sent?.status) {
    case undefined:
      return [0n]
    case 'sealed':
      return [1n]
    case 'cancelled':
      return [2n]
    case 'pending':
      return [3n, sent.nonce]
    case 'cancelling':
      return [4n]
  }
}

export function receivedStatus({ toStarknet }: PiltoverState, hash: bigint): readonly bigint[] {
  const count = toStarknet[hex(hash)]
  return count === undefined ? [0n] : [1n, count]
}

type Processed = { readonly state: PiltoverState; readonly events: readonly HostedEvent[] }

/** Messages that the appchain sent: counted, so that they can be taken. */
export function receiveMessages(
  state: PiltoverState,
  messages: readonly MessageToStarknet[],
): Processed {
  const toStarknet = { ...state.toStarknet }
  const events = messages.map((message) => {
    const hash = hashToStarknet(message)
    toStarknet[hex(hash)] = (toStarknet[hex(hash)] ?? 0n) + 1n
    return event('MessageToStarknetReceived', { hash, message, data: span(message.payload) })
  })
  return { state: { ...state, toStarknet }, events }
}

/** Messages that the appchain took: each must be there still. */
export function sealMessages(
  state: PiltoverState,
  messages: readonly MessageToAppchain[],
): Processed {
  const events: HostedEvent[] = []
  let next = state
  for (const message of messages) {
    const hash = hashToAppchain(message)
    assertFelt(next.toAppchain[hex(hash)]?.status === 'pending', 'INVALID_MESSAGE_TO_SEAL')
    next = withSent(next, hash, { status: 'sealed' })
    const { selector, nonce, payload } = message
    const data = [selector, nonce, ...span(payload)]
    events.push(event('MessageToAppchainSealed', { hash, message, data }))
  }
  return { state: next, events }
}

function withSent(state: PiltoverState, hash: bigint, sent: SentMessage): PiltoverState {
  return { ...state, toAppchain: { ...state.toAppchain, [hex(hash)]: sent } }
}

function hashToStarknet({ from, to, payload }: MessageToStarknet): bigint {
  return poseidonHashMany([from, to, ...span(payload)])
}

function hashToAppchain({ from, to, nonce, selector, payload }: MessageToAppchain): bigint {
  return poseidonHashMany([from, to, nonce, selector, ...span(payload)])
}

function event(
  name: string,
  {
    hash,
    message: { from, to },
    data,
  }: {
    readonly hash: bigint
    readonly message: Pick<MessageToStarknet, 'from' | 'to'>
    readonly data: readonly bigint[]
  },
): HostedEvent {
  return { keys: [selectorOf(name), hash, from, to], data }
}

function span(words: readonly bigint[]): readonly bigint[] {
  return [BigInt(words.length), ...words]
}
